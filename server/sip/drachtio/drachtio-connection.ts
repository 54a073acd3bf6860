import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type Srf from 'drachtio-srf'
import type { Request, Transport } from '../../../engine/index.ts'
import { listenProblem } from '../../listen-problem.ts'
import { type DrachtioFrame, readFrame } from './frame.ts'
import type { Guard } from '../../guard.ts'

/** How Baton and its drachtio servers come together. */
export type ConnectionMode =
  /** We connect to one server, and again whenever the connection is lost. */
  | { kind: 'connect'; host: string; port: number; secret: string }
  /** Servers connect to us, once for each call that they bring. */
  | { kind: 'listen'; host: string; port: number; secret: string }

export interface DrachtioConnectionUser {
  /** A connection has been let in. */
  connected(socket: Socket, hostPorts: string): void
  lost(socket: Socket): void
  /** Every message that was on the wire, before it is acted on. */
  frame(frame: DrachtioFrame, socket: Socket): void
  /** A request from the network, or one that the server sent by itself in a dialog of ours. */
  request(req: Srf.Req, res: Srf.Res, frame: DrachtioFrame): void
  cancel(transactionId: string, cancel: Request): void
  /** `address:port` of ours on a transport. */
  ownAddress: (transport: Transport) => string
}

interface Log {
  warn(message: string, fields?: object): unknown
}

// What we want to have; UPDATE, BYE and the like come to whoever has the dialog.
const verbs = 'invite options message info notify subscribe publish refer register'.split(' ')

/**
 * drachtio-srf and its connections. Of the library we use connections, requests and responses, and not its dialogs: those
 * answer requests by themselves, queue re-INVITEs for ever behind one that failed, and hear of what comes only after it
 * came. The library is unmodified; what it does not hand on (the frames, the loss of a connection) is watched.
 */
export class DrachtioConnection {
  readonly #mode: ConnectionMode
  readonly #user: DrachtioConnectionUser
  readonly #log: Log
  readonly #turns: DeliveryQueue
  readonly #up = new Set<Socket>()
  /** Whose servers tell of the 100 that INVITEs get. */
  readonly #tellingOfTrying = new WeakSet<Socket>()
  #srf: Srf | undefined
  #frame: DrachtioFrame | undefined
  #isStarted = false
  #isClosed = false

  constructor(mode: ConnectionMode, user: DrachtioConnectionUser, turns: DeliveryQueue, log: Log) {
    this.#mode = mode
    this.#user = user
    this.#log = log
    this.#turns = turns
  }

  /** Rejects, naming the server and the setting, when it cannot be had. */
  async start(): Promise<void> {
    // Loaded here, so that it costs nothing where no drachtio server is used.
    const { default: Library } = await import('drachtio-srf')
    this.#srf = new Library()
    // Known before the connection is made: the library would tell the server of all verbs again for each later one.
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

  /** The library's own object; there once it has been started. */
  get srf(): Srf {
    if (!this.#srf) throw new Error('the connection has not been started')

    return this.#srf
  }

  /** The server's part of what is being handled: what the callback of a request or a response is about. */
  get frame(): DrachtioFrame | undefined {
    return this.#frame
  }

  /** Where a new call goes out: the connection that was made last. */
  get newest(): Socket | undefined {
    let newest: Socket | undefined
    for (const [socket, { authenticated }] of this.#agent?.mapServer ?? []) {
      if (authenticated && !socket.destroyed) newest = socket
    }

    return newest
  }

  /** Whether the server of the newest connection tells of the 100 that INVITEs get: our engine does, drachtio-server does not. */
  get tellsOfTrying(): boolean {
    const { newest } = this

    return newest !== undefined && this.#tellingOfTrying.has(newest)
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
   * Hears of the UPDATEs that the library does not pass on: while a request waits for its final response, those of the
   * same call are handed to that request alone, and are answered by nobody or with 500 when it does not listen.
   */
  onUpdate(waiting: EventEmitter, take: (req: Srf.Req, res: Srf.Res, message: Request) => void): void {
    waiting.on('update', (req: Srf.Req, res: Srf.Res) => {
      const message = this.#frame?.message
      if (message?.kind === 'request') this.#turns.deliver(() => take(req, res, message))
    })
  }

  /** Closes a connection that a server made for one call; one of our own stays. */
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
    // Not there before `connect`, whatever the declaration says.
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
    // Before the library's own, so that what is shown is shown before it is acted on.
    wp.prependListener('msg', (socket: Socket, payload: string) => {
      if (offersTrying(payload)) {
        this.#tellingOfTrying.add(socket)
        wp.send(socket, 'route|trying')
      }
      this.#frame = readFrame(payload, this.#user.ownAddress)
      if (!this.#frame) return
      this.#user.frame(this.#frame, socket)
      // The library looks for the INVITE by its Call-ID, which two of them may have: the transaction is its own.
      const { direction, message, transactionId } = this.#frame
      if (direction === 'in' && message.kind === 'request' && message.method === 'CANCEL') {
        this.#turns.deliver(() => this.#user.cancel(transactionId, message))
      }
    })
    // The library's event of that name comes two turns of the loop later.
    wp.on('close', (socket: Socket) => {
      this.#up.delete(socket)
      this.#user.lost(socket)
    })
  }

  readonly #pass: Srf.Handler = (req, res) => {
    const frame = this.#frame
    if (frame) this.#turns.deliver(() => this.#user.request(req, res, frame))
    // The server let it pass, and our parser does not.
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

/** Whether a server's greeting ends with the word by which our engine offers to tell of each 100. */
function offersTrying(payload: string): boolean {
  return payload.endsWith('|trying') && /^[^|]*\|response\|[^|]*\|OK\|[^\r\n]*$/.test(payload)
}

async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return
  const over = new Promise((resolve) => socket.once('close', resolve))
  // What has been written still goes out.
  socket.destroySoon()
  await over
}

/**
 * Hands over what has come, in its order. The library handles all frames of a chunk in one go: whoever waits for the
 * response in the first would hear of the request in the second before the promise goes on. So what follows a settled
 * promise waits until all that depends on it has run.
 */
export class DeliveryQueue {
  readonly #waiting: (() => void)[] = []
  readonly #guard: Guard
  #isSettling = false

  constructor(guard: Guard) {
    this.#guard = guard
  }

  /** At once, unless somebody has yet to hear of something earlier. */
  deliver(deliver: () => void): void {
    if (this.#isSettling) this.#waiting.push(deliver)
    else this.#guard.run(deliver)
  }

  /** A promise has been resolved: its continuations come first. */
  settled(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    setImmediate(() => {
      this.#isSettling = false
      this.#deliver()
    })
  }

  #deliver(): void {
    // One of them may settle something again, which calls this later.
    for (let next = this.#waiting.shift(); next; next = this.#isSettling ? undefined : this.#waiting.shift()) {
      this.#guard.run(next)
    }
  }
}
