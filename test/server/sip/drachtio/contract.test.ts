import { TimerWheel } from '../../../../engine/index.ts'
import type { DrachtioServer } from '../../../../engine/drachtio/index.ts'
import { DrachtioStack } from '../../../../server/sip/drachtio/index.ts'
import { sipStackContract } from '../contract.ts'
import { adapter, at, engine, quiet } from './stacks.ts'

describe('on a drachtio server of ours', () => {
  const servers: DrachtioServer[] = []
  after(() => Promise.all(servers.map((server) => server.close())))

  sipStackContract('drachtio-srf', async () => {
    const server = await engine()
    servers.push(server)

    return adapter(at(server))
  })
})

const { DRACHTIO_HOST, DRACHTIO_PORT = '9022', DRACHTIO_SECRET = 'admin' } = process.env

if (DRACHTIO_HOST) {
  describe('on the drachtio server at DRACHTIO_HOST', function () {
    // Its timers are RFC 3261's: 64*T1 is 32 s.
    this.timeout(90_000)
    sipStackContract('drachtio-srf there', () =>
      Promise.resolve(
        new DrachtioStack({
          meeting: { kind: 'connect', host: DRACHTIO_HOST, port: Number(DRACHTIO_PORT), secret: DRACHTIO_SECRET },
          ...{ userAgent: 'Baton', timers: { t1: 500 }, clock: new TimerWheel(), log: quiet },
        }),
      ),
    )
  })
}
