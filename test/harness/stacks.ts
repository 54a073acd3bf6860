import { DrachtioServer } from '../../engine/drachtio/index.ts'

/** A way to run Baton's SIP side; every end-to-end test runs on each of them. */
export interface Stack {
  name: string
  /** Whether it hears of every message, or a server keeps some to itself. */
  tellsAll: boolean
  /** Whether it is drachtio-server itself, which has ways of its own (docs/drachtio.md). */
  isOriginal: boolean
  /** Prepares what one Baton needs beside itself. */
  open(): Promise<Ground>
}

/** What one Baton stands on. */
export interface Ground {
  /** Settings that lead Baton to it. */
  env: Record<string, string>
  close(): Promise<void>
}

const embedded: Stack = {
  name: 'embedded',
  tellsAll: true,
  isOriginal: false,
  open: () => Promise.resolve({ env: { DRACHTIO_HOST: '' }, close: () => Promise.resolve() }),
}

const secret = 'end-to-end'

/** Our engine as a drachtio server, one for each Baton. When it is closed, nothing may be left in it. */
const ourEngine: Stack = {
  name: 'drachtio-srf on our engine',
  tellsAll: false,
  isOriginal: false,
  open: async () => {
    const server = new DrachtioServer({
      admin: [{ address: '127.0.0.1', port: 0 }],
      secret,
      sip: {
        listen: [
          { transport: 'udp', address: '127.0.0.1', port: 0 },
          { transport: 'tcp', address: '127.0.0.1', port: 0 },
        ],
        timers: { t1: 200, t2: 1000, t4: 800 },
        minSession: 2,
      },
    })
    await server.start()

    return {
      env: { DRACHTIO_HOST: '127.0.0.1', DRACHTIO_PORT: String(server.adminPorts[0]), DRACHTIO_SECRET: secret },
      close: () => server.close(),
    }
  },
}

/** The drachtio-server that DRACHTIO_HOST, DRACHTIO_PORT and DRACHTIO_SECRET name, which all Batons share. Its T1 is 100 ms. */
const given: Stack = {
  name: 'drachtio-srf on the server at DRACHTIO_HOST',
  tellsAll: false,
  isOriginal: true,
  open: () => Promise.resolve({ env: {}, close: () => Promise.resolve() }),
}

export const stacks: readonly Stack[] = [embedded, ourEngine, ...(process.env.DRACHTIO_HOST ? [given] : [])]
