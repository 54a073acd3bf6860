import type { Server, Socket } from 'node:net'
import type { Timer } from '../clock/index.ts'
import {
  type Endpoint,
  type Flow,
  isWildcard,
  type SentBy,
  type Target,
  type Transport,
  transportNames,
} from '../flow/index.ts'
import type { Request, Response } from '../message/index.ts'
import type { Hub } from './hub.ts'
import type { Listener } from './listener.ts'
import { sentByPort } from './response-routing.ts'
import { ConnectionLimits } from './sources.ts'

/** The keeper of all connections, as a connection sees it. */
export interface ConnectionOwner {
  readonly hub: Hub
  /** A peer has opened this connection. */
  opened(connection: Connection): void
  /** The connection is closed. */
  closed(connection: Connection): void
  /** Another flow to a peer, for a response whose connection is gone (RFC 3261 18.2.2). */
  flowTo(target: Target): Flow | undefined
}

export interface ConnectionOptions {
  /** The listener that accepted the connection, or from which it is opened. */
  readonly listener: Listener
  readonly remote: Endpoint
  /** Opened by us: not established yet. */
  readonly outgoing: boolean
}

/** An incoming or outgoing connection: a flow that ends with it. */
export abstract class Connection implements Flow {
  readonly transport: Transport
  readonly reliable = true
  readonly remote: Endpoint
  protected readonly hub: Hub
  readonly #owner: ConnectionOwner
  readonly #listener: Listener
  readonly #isOurs: boolean
  // Messages sent before the connection is ready: a TLS peer gets nothing before its certificate is verified.
  #waiting: Buffer[] | undefined
  #waitingSize = 0
  #isHurried = false
  #deadline: Timer | undefined
  #error: Error | undefined
  #open = true
  #gone = false

  constructor(owner: ConnectionOwner, options: ConnectionOptions) {
    this.hub = owner.hub
    this.#owner = owner
    this.#listener = options.listener
    this.transport = options.listener.transport
    this.remote = options.remote
    this.#isOurs = options.outgoing
    const { stats, settings } = this.hub
    stats.connectionsActive++
    if (!options.outgoing) {
      stats.connectionsAccepted++
      return
    }
    stats.connectionsOpened++
    this.#waiting = []
    this.startDeadline(settings.connectTimeout, 'no connection in time')
  }

  abstract readonly local: Endpoint

  /** When the certificate of the peer expires, in seconds since 1970; undefined without one. */
  get peerExpiry(): number | undefined {
    return undefined
  }

  /** Whether the peer has shown a verified certificate for this host. */
  abstract isProven(host: string): boolean

  /** Writes now; false when data is waiting for the peer to read. */
  protected abstract write(data: Buffer): boolean
  /** Written bytes that are still in this process. */
  protected abstract unsent(): number
  /** Stops reading until the written data is sent. */
  protected abstract pause(): void
  /** Closes after the written data is sent. */
  protected abstract end(): void
  /** Closes at once. */
  protected abstract abort(): void

  get advertised(): SentBy {
    return this.#listener.advertisedTo(this.remote.address)
  }

  get open(): boolean {
    return this.#open
  }

  get failure(): string | undefined {
    if (!this.#waiting || !this.#error) return undefined
    const name = transportNames[this.transport]

    return `No ${name} Connection (${this.#error.message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200)})`
  }

  /** Milliseconds without traffic after which the connection is closed. */
  protected get idleTimeout(): number {
    const { settings } = this.hub
    const { sources } = settings
    if (!sources || this.#isOurs) return settings.idleTimeout
    const limit = sources.limitsOf(sources.ownerOf(this.remote.address)).idleTimeout

    return limit === 0 ? settings.idleTimeout : limit
  }

  send(sent: Request | Response | string): void {
    const message = typeof sent === 'string' ? this.hub.reread(sent, this) : sent
    if (!message) return
    if (this.open) this.sendBytes(this.hub.encode(message, this))
    else if (message.kind === 'response') this.#sendElsewhere(message)
    else this.#refuseLater()
  }

  /** Sends the waiting data, then closes. */
  close(): void {
    this.#open = false
    this.end()
  }

  /** Gives up unless the connection is established within `ms`; later calls do not prolong that. */
  connectWithin(ms: number): void {
    if (!this.#waiting || this.#isHurried) return
    this.#isHurried = true
    this.stopDeadline()
    this.startDeadline(ms, 'no connection in time')
  }

  /** Closes at once. */
  destroy(): void {
    this.#open = false
    this.abort()
  }

  protected sendBytes(data: Buffer): void {
    const { maxUnsent } = this.hub.settings
    if (this.#waiting) {
      this.#waiting.push(data)
      this.#waitingSize += data.length
      if (this.#waitingSize > maxUnsent) this.fail('too much is waiting for the connection')
    } else if (!this.write(data)) {
      // The peer sends requests faster than it reads answers: it is not read from until it has read them.
      if (this.unsent() > maxUnsent) this.fail('the peer does not read')
      else this.pause()
    }
  }

  /** The outgoing connection is established. */
  protected ready(): void {
    this.stopDeadline()
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const data of waiting) this.sendBytes(data)
  }

  protected fail(reason: string | Error): void {
    this.#error ??= typeof reason === 'string' ? new Error(reason) : reason
    this.destroy()
  }

  /** Remembers why the connection is closing. */
  protected note(error: Error): void {
    this.#error ??= error
  }

  protected startDeadline(ms: number, reason: string): void {
    this.#deadline ??= this.hub.clock.after(ms, () => this.fail(reason))
  }

  protected stopDeadline(): void {
    this.#deadline?.cancel()
    this.#deadline = undefined
  }

  /** Reports once that the socket is closed. */
  protected gone(): void {
    if (this.#gone) return
    this.#gone = true
    this.#open = false
    this.stopDeadline()
    const { stats } = this.hub
    stats.connectionsActive--
    if (this.#error) stats.failures++
    this.#owner.closed(this)
    this.hub.failed(this, this.#error ?? new Error('closed by the peer'))
  }

  #sendElsewhere(response: Response): void {
    const { transport } = this
    const target = { transport, address: this.remote.address, port: sentByPort(response, this.remote) }
    const flow = this.#owner.flowTo(target)
    if (flow) flow.send(response)
    else this.#refuseLater()
  }

  #refuseLater(): void {
    queueMicrotask(() => this.hub.failed(this, new Error('the connection is closed')))
  }
}

/** A listener that accepts connections, and opens outgoing ones. */
export interface ConnectingListener extends Listener {
  /** Begins to open a connection; messages sent meanwhile wait. */
  connect(target: Target): Connection
}

/** The local endpoint of a listening server. */
export function localEndpoint(server: Server): Endpoint {
  const local = server.address()
  if (local === null || typeof local === 'string') throw new Error('it listens on no IP address')

  return { address: local.address, port: local.port }
}

/** Connections are opened from the listener's own address, so that the peer sees the advertised one. */
export function sourceAddress(local: Endpoint): { localAddress?: string } {
  return isWildcard(local.address) ? {} : { localAddress: local.address }
}

/** The sockets of one server: bounds their number, counts errors, and destroys all of them at `close`. */
export class ServerSockets {
  readonly #server: Server
  // Includes sockets that are still in a handshake, which have no connection yet.
  readonly #sockets = new Set<Socket>()

  constructor(server: Server, { stats, settings }: Hub) {
    this.#server = server
    server.maxConnections = settings.maxConnections
    server.on('drop', () => stats.connectionsRefused++)
    // Accepting one connection failed, for example without file descriptors left: the server goes on.
    server.on('error', () => stats.failures++)
    const limits = new ConnectionLimits(settings.sources, settings.maxConnections)
    server.on('connection', (socket) => {
      if (!limits.take(socket)) {
        stats.connectionsRefused++
        socket.destroy()
        return
      }
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
