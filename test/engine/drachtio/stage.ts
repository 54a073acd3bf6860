import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { type EventEmitter, on, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { DrachtioServer, type DrachtioServerOptions } from '../../../engine/drachtio/index.ts'
import { fastTimers, type Party, party } from '../user-agent/two-agents.ts'
import type { Srf } from './srf.ts'
import { until } from '../../harness/until.ts'

// drachtio-srf's own declarations are wrong: srf.ts has the members that tests use.
const SrfClass = createRequire(import.meta.url)('drachtio-srf') as new (tags?: string[]) => Srf

export const secret = 'a secret for tests'
export const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n'
export const answer = 'v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\na=sendrecv\r\n'

/** Ignores the responses to a request. */
export const ignoreResponses = { response: () => undefined, unanswered: () => undefined }

/** The engine as a drachtio server, with applications and peers. `clear` closes them all. */
export class Stage {
  readonly server: DrachtioServer
  /** `host:port` for SIP over UDP. */
  readonly host: string
  readonly #applications: Srf[] = []
  readonly #starting: Promise<Srf>[] = []
  readonly #sockets: Socket[] = []
  readonly #parties: Party[] = []

  private constructor(server: DrachtioServer) {
    this.server = server
    const { local } = server.userAgent.listeners[0]!
    this.host = `${local.address}:${local.port}`
  }

  static async set(options: Partial<DrachtioServerOptions> = {}): Promise<Stage> {
    const server = new DrachtioServer({
      admin: [{ address: '127.0.0.1', port: 0 }],
      secret,
      applicationLossGraceMs: 20,
      ...options,
      sip: {
        listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
        timers: fastTimers,
        ...options.sip,
      },
    })
    await server.start()

    return new Stage(server)
  }

  get adminPort(): number {
    return this.server.adminPorts[0]!
  }

  /** An application that is connected, and whose routes the server knows. */
  application(prepare: (srf: Srf) => void = () => undefined, more: object = {}): Promise<Srf> {
    const srf = this.connecting(more, prepare)
    const started = once(srf, 'connect').then(() => this.heard(srf))
    this.#starting.push(started)

    return started
  }

  /** Resolves when every application is connected, and the server knows their routes. */
  async ready(): Promise<void> {
    await Promise.all(this.#starting)
  }

  /** Resolves when the server has read all frames of an application: it answers a ping in order. */
  async heard(srf: Srf): Promise<Srf> {
    const { client } = (srf as unknown as { _app: { client: Agent } })._app
    const ping = client.wp.send(client._getDefaultSocket(), 'ping')
    for await (const [, frame] of on(client.wp, 'msg') as AsyncIterable<[Socket, string]>) {
      if (frame.includes(`|response|${ping}|`)) break
    }

    return srf
  }

  /** Resolves when `count` requests of this method have come from the network. */
  async requests(method: string, count = 1): Promise<void> {
    const { requestsIn } = this.server.userAgent.stats.transport
    await until(`${count} ${method} from the network`, () => (requestsIn.get(method) ?? 0) >= count)
  }

  /** An application that need not be connected yet. */
  connecting(more: object = {}, prepare: (srf: Srf) => void = () => undefined): Srf {
    const srf = new SrfClass()
    srf.on('error', () => undefined)
    prepare(srf)
    srf.connect({ host: '127.0.0.1', port: this.adminPort, secret, ...more })
    this.#applications.push(srf)

    return srf
  }

  /** A connection to the application port, for bytes that drachtio-srf would not send. */
  async socket(): Promise<Socket> {
    const socket = connect(this.adminPort, '127.0.0.1')
    this.#sockets.push(socket)
    socket.on('error', () => undefined)
    await once(socket, 'connect')

    return socket
  }

  async peer(...args: Parameters<typeof party>): Promise<Party> {
    const peer = await party(...args)
    this.#parties.push(peer)

    return peer
  }

  async clear(): Promise<void> {
    for (const { agent } of this.#parties) await agent.close()
    for (const srf of this.#applications) disconnect(srf)
    for (const socket of this.#sockets) socket.destroy()
    await this.server.close()
  }

  async settled(): Promise<void> {
    await until('no call is left in the server', () => {
      const { transactions, dialogs, applicationDialogs, pending } = this.server.state()
      assert.deepEqual(
        { transactions, dialogs, applicationDialogs, pending },
        { transactions: 0, dialogs: 0, applicationDialogs: 0, pending: 0 },
      )
    })
  }
}

/** The part of drachtio-srf that sends an application's frames. */
interface Agent {
  wp: EventEmitter & { send(socket: Socket, message: string): string }
  _getDefaultSocket(): Socket
}

function disconnect(srf: Srf): void {
  try {
    srf.disconnect()
  } catch {
    // drachtio-srf throws when the application is not connected.
  }
}
