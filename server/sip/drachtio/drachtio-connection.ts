import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import type { Request, Transport } from '../../../engine/index.ts'
import { listenProblem } from '../../listen-problem.ts'
import { type DrachtioFrame, readFrame } from './frame.ts'
import type { Guard } from '../../guard.ts'

/** The side that opens the connections between Baton and drachtio servers. */
export type ConnectionMode =
  /** We connect to one server, and again whenever the connection is lost. */
  | { kind: 'connect'; host: string; port: number; secret: string }
  /** Servers connect to us, once for each call that they bring. */
  | { kind: 'listen'; host: string; port: number; secret: string }

export interface DrachtioConnectionUser {
  /** A connection has been authenticated. */
  connected(socket: Socket, hostPorts: string): void
  lost(socket: Socket): void
  /** Every message of the server's, before it is acted on. */
  frame(frame: DrachtioFrame, socket: Socket): void
  /** A request from the network, or one that the server sent by itself in a dialog of ours. */
  request(req: Srf.Req, res: Srf.Res, frame: DrachtioFrame): void
  cancel(transactionId: string, cancel: Request): void
  /** `address:port` of ours on a transport. */
  ownAddress: (transport: Transport) => string
}

/** The part of the process's log that the adapter uses. */
export interface AdapterLog {
  warn(message: string, fields?: object): unknown
  error(message: string, fields?: object): unknown
}

// The requests that the server is asked for; those in a dialog come to its client anyway.
const verbs = 'invite options message info notify subscribe publish refer register'.split(' ')

/**
 * drachtio-srf and its connections. The adapter uses the library's connections, requests and responses, and not its dialogs:
 * those answer requests by themselves, queue re-INVITEs for ever behind one that failed, and report requests late. The library
 * is unmodified; frames and lost connections, which it does not report, are watched.
 */
export class DrachtioConnection {
  readonly #mode: ConnectionMode
  readonly #user: DrachtioConnectionUser
  readonly #log: AdapterLog
  readonly #turns: OrderedDelivery
  readonly #up = new Set<Socket>()
  /** Connections to servers that report 100. */
  readonly #reportingTrying = new WeakSet<Socket>()
  #srf: Srf | undefined
  #frame: DrachtioFrame | undefined
  #isStarted = false
  #isClosed = false

  constructor(mode: ConnectionMode, user: DrachtioConnectionUser, turns: OrderedDelivery, log: AdapterLog) {
    this.#mode = mode
    this.#user = user
    this.#log = log
    this.#turns = turns
  }

  /** Rejects, naming the server and the setting, when the connection cannot be made. */
  async start(): Promise<void> {
    // Loaded here, so that it costs nothing where no drachtio server is used.
    const { default: Library } = await import('drachtio-srf')
    this.#srf = new Library()
    // Before the connection is made: the library would send all verbs again for each later one.
    for (const verb of verbs) this.#srf.use(verb, this.#pass)
    this.#srf.use(this.#pass)
    try {
      await (this.#mode.kind === 'connect' ? this.#connect(this.#mode) : this.#listen(this.#mode))
    } catch (error) {
      await this.close()
      throw error
    }
    this.#isStarted = true
  }

  /** The library's own object; it is there after `start`. */
  get srf(): Srf {
    if (!this.#srf) throw new Error('the connection has not been started')

    return this.#srf
  }

  /** The frame that is being handled: that of the request or response of a callback. */
  get frame(): DrachtioFrame | undefined {
    return this.#frame
  }

  /** The connection that a new call uses: the one that was made last. */
  get newest(): Socket | undefined {
    let newest: Socket | undefined
    for (const [socket, { authenticated }] of this.#agent?.mapServer ?? []) {
      if (authenticated && !socket.destroyed) newest = socket
    }

    return newest
  }

  /** Whether the server of the newest connection reports the 100s to INVITEs: Baton's engine does, drachtio-server does not. */
  get reportsTrying(): boolean {
    const { newest } = this

    return newest !== undefined && this.#reportingTrying.has(newest)
  }

  isUp(socket: Socket): boolean {
    return !socket.destroyed && this.#agent?.mapServer.get(socket)?.authenticated === true
  }

  get agent(): Srf.Agent {
    if (!this.#agent) throw new Error('the connection has not been started')

    return this.#agent
  }

  /** The server's listening port, when servers connect to us. */
  port = 0

  /**
   * Takes the UPDATEs that the library does not pass on: while a request is pending, the library emits those of the same call
   * on that request alone, and without a listener leaves them unanswered or answers 500.
   */
  onUpdate(waiting: EventEmitter, take: (req: Srf.Req, res: Srf.Res, message: Request) => void): void {
    waiting.on('update', (req: Srf.Req, res: Srf.Res) => {
      const message = this.#frame?.message
      if (message?.kind === 'request') this.#turns.deliver(() => take(req, res, message))
    })
  }

  /** Closes a connection that a server opened for one call; a connection that Baton opened stays. */
  release(socket: Socket): void {
    if (this.#mode.kind === 'listen' && !socket.destroyed) socket.end()
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const agent = this.#agent
    if (!agent) return
    const { wp, mapServer } = agent
    // `srf.disconnect` throws when there is no connection, and leaves the timer that would open a new one.
    wp.closing = true
    clearTimeout(wp.reconnectVars?.retryTimer ?? undefined)
    wp.socket?.destroy()
    const sockets = [...mapServer.keys()]
    if (this.#mode.kind === 'listen') wp.close()
    await Promise.all(sockets.map(closed))
  }

  get #agent(): Srf.Agent | undefined {
    // Undefined before `connect`, against the declaration.
    return (this.#srf?.app as Partial<Srf['app']> | undefined)?.client
  }

  #connect({ host, port, secret }: ConnectionMode): Promise<void> {
    const name = `the drachtio server at ${host}:${port}`

    return new Promise((resolve, reject) => {
      // Without a listener for errors, the first one ends the process.
      this.srf.on('error', (error) => {
        if (this.#isStarted) this.#log.warn(`no connection to ${name}`, { error: error.message })
        else reject(new Error(`DRACHTIO_HOST: ${name} cannot be reached (${error.message || String(error)})`))
      })
      this.srf.on('connect', (error) => {
        this.#noteConnections()
        if (!error) resolve()
        else if (this.#isStarted) this.#log.warn(`${name} refuses DRACHTIO_SECRET`, {})
        else reject(new Error(`DRACHTIO_SECRET: ${name} refuses it`))
      })
      this.srf.connect({ host, port, secret, enablePing: true, reconnect: { retryMaxDelay: 5000 } })
      this.#watch()
    })
  }

  #listen({ host, port, secret }: ConnectionMode): Promise<void> {
    return new Promise((resolve, reject) => {
      this.srf.on('error', (error) => this.#log.warn('a drachtio server’s connection', { error: error.message }))
      this.srf.on('connect', () => {
        this.#noteConnections()
      })
      const server = this.srf.listen({ host, port, secret })
      this.#watch()
      server.once('error', (error) => {
        reject(new Error(listenProblem('DRACHTIO_LISTEN', `${host}:${port + 1}`, error).message))
      })
      server.once('listening', () => {
        const address = server.address()
        if (address && typeof address === 'object') this.port = address.port
        resolve()
      })
    })
  }

  #watch(): void {
    const { wp } = this.agent
    // Before the library's listener, so that messages are reported before they are acted on.
    wp.prependListener('msg', (socket: Socket, payload: string) => {
      if (offersTrying(payload)) {
        this.#reportingTrying.add(socket)
        wp.send(socket, 'route|trying')
      }
      this.#frame = readFrame(payload, this.#user.ownAddress)
      if (!this.#frame) return
      this.#user.frame(this.#frame, socket)
      // The library finds the INVITE of a CANCEL by its Call-ID, which two INVITEs may have; the transaction is exact.
      const { direction, message, transactionId } = this.#frame
      if (direction === 'in' && message.kind === 'request' && message.method === 'CANCEL') {
        this.#turns.deliver(() => this.#user.cancel(transactionId, message))
      }
    })
    // The library's own event comes two turns of the event loop later.
    wp.on('close', (socket: Socket) => {
      this.#up.delete(socket)
      this.#user.lost(socket)
    })
  }

  readonly #pass: Srf.Handler = (req, res) => {
    const frame = this.#frame
    if (frame) this.#turns.deliver(() => this.#user.request(req, res, frame))
    // The server took the request, and the engine's parser does not.
    else if (req.method !== 'ACK' && req.source === 'network') {
      Object.assign(res, { status: 400, reason: 'Bad Request' })
      this.agent.sendResponse(res, { headers: {} })
    }
  }

  #noteConnections(): void {
    for (const [socket, { authenticated, hostport }] of this.agent.mapServer) {
      if (!authenticated || this.#up.has(socket)) continue
      this.#up.add(socket)
      this.#user.connected(socket, hostport ?? '')
    }
  }
}

/** Whether a server's greeting ends with the word by which Baton's engine offers to report each 100. */
function offersTrying(payload: string): boolean {
  return payload.endsWith('|trying') && /^[^|]*\|response\|[^|]*\|OK\|[^\r\n]*$/.test(payload)
}

async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return
  const over = new Promise((resolve) => socket.once('close', resolve))
  // The socket closes once all that was written has been sent.
  socket.destroySoon()
  await over
}

/**
 * Delivers requests and responses in the order of their frames. The library handles all frames of a chunk in one go: the
 * request of a second frame would be delivered before the promise of the response in the first one is continued. So events
 * after a settled promise wait until its continuations have run.
 */
export class OrderedDelivery {
  readonly #waiting: (() => void)[] = []
  readonly #guard: Guard
  #isSettling = false

  constructor(guard: Guard) {
    this.#guard = guard
  }

  /** At once, unless an earlier event has yet to be delivered. */
  deliver(deliver: () => void): void {
    if (this.#isSettling) this.#waiting.push(deliver)
    else this.#guard.run(deliver)
  }

  /** A promise has been resolved: its continuations run first. */
  settled(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    setImmediate(() => {
      this.#isSettling = false
      this.#deliver()
    })
  }

  #deliver(): void {
    // A delivery may settle another promise, which calls this again.
    for (let next = this.#waiting.shift(); next; next = this.#isSettling ? undefined : this.#waiting.shift()) {
      this.#guard.run(next)
    }
  }
}
