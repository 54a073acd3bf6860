import { onlyPeers } from '../contract.ts'
import { TimerWheel } from '../../../../engine/index.ts'
import { DrachtioServer, type DrachtioServerOptions } from '../../../../engine/drachtio/index.ts'
import { DrachtioStack, type ConnectionMode } from '../../../../server/sip/drachtio/index.ts'

export const secret = 'a secret for tests'
const fastTimers = { t1: 20, t2: 80, t4: 60 }
export const quiet = { warn: () => undefined, error: () => undefined }

/** Our engine as a drachtio server, on free ports. */
export async function engine(options: Partial<DrachtioServerOptions> = {}): Promise<DrachtioServer> {
  const server = new DrachtioServer({
    admin: [{ address: '127.0.0.1', port: 0 }],
    secret,
    applicationLossGraceMs: 20,
    ...options,
    sip: { listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }], timers: fastTimers, ...options.sip },
  })
  await server.start()

  return server
}

export function at(server: DrachtioServer): ConnectionMode {
  return { kind: 'connect', host: '127.0.0.1', port: server.adminPorts[0]!, secret }
}

/** The adapter, not started. */
export function adapter(mode: ConnectionMode, log = quiet): DrachtioStack {
  return new DrachtioStack({
    ...{ mode, userAgent: 'Baton', timers: fastTimers, minSession: 2, clock: new TimerWheel(), log },
    sources: onlyPeers,
  })
}

const { DRACHTIO_HOST, DRACHTIO_PORT = '9022', DRACHTIO_SECRET = 'admin' } = process.env

/** The server that DRACHTIO_HOST, DRACHTIO_PORT and DRACHTIO_SECRET name; undefined when they name none. */
export const given: ConnectionMode | undefined = DRACHTIO_HOST
  ? { kind: 'connect', host: DRACHTIO_HOST, port: Number(DRACHTIO_PORT), secret: DRACHTIO_SECRET }
  : undefined
