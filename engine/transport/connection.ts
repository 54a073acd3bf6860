import type { Socket } from 'node:net'
import type { Request, Response } from '../message/index.ts'
import type { Timer } from '../transaction/clock.ts'
import type { Endpoint, Target } from './endpoint.ts'
import type { Flow, SentBy } from './flow.ts'
import type { Hub } from './hub.ts'
import type { Listener } from './listener.ts'
import { sentByPort } from './source.ts'
import { StreamFramer } from './stream-framer.ts'

const pong = Buffer.from('\r\n')

/** What a connection needs of those that keep them all. */
export interface ConnectionOwner {
  readonly hub: Hub
  /** A peer has made this connection. */
  opened(connection: Connection): void
  /** It is gone. */
  closed(connection: Connection): void
  /** Another flow to a peer, for a response whose connection is gone (RFC 3261 18.2.2). */
  flowTo(target: Target): Flow | undefined
}

export interface ConnectionOptions {
  /** The listener that took it, or for which it was made. */
  readonly listener: Listener & { readonly transport: 'tcp' | 'tls' }
  readonly remote: Endpoint
  /** False while a connection of ours is being made. */
  readonly connected: boolean
}

/** A TCP or TLS connection, taken or made: a flow that lives as long as it does. */
export class Connection implements Flow {
  readonly transport: 'tcp' | 'tls'
  readonly reliable = true
  readonly remote: Endpoint
  readonly #owner: ConnectionOwner
  readonly #listener: Listener
  readonly #socket: Socket
  readonly #framer: StreamFramer
  #deadline: Timer | undefined
  #local: Endpoint | undefined
  #error: Error | undefined
  #open = true

  constructor(owner: ConnectionOwner, socket: Socket, options: ConnectionOptions) {
    this.#owner = owner
    this.#socket = socket
    this.#listener = options.listener
    this.transport = options.listener.transport
    this.remote = options.remote
    const { hub } = owner
    this.#framer = new StreamFramer(hub.settings.limits, {
      message: (data) => {
        this.#stopDeadline()
        hub.received(data, this)
      },
      ping: () => {
        hub.stats.keepAlives++
        this.#write(pong)
      },
      broken: (bad) => {
        hub.refused(bad, this)
        this.#error ??= new Error(`closed by us: ${bad.reason}`)
        this.close()
      },
    })
    hub.stats.connectionsActive++
    if (!options.connected) this.#connectWithin(hub.settings.connectTimeout)
    socket.setNoDelay(true)
    socket.setTimeout(hub.settings.idleTimeout, () => this.#fail('idle for too long'))
    socket.on('data', (chunk: Buffer) => this.#received(chunk))
    socket.on('drain', () => socket.resume())
    socket.on('error', (error) => (this.#error ??= error))
    socket.on('close', () => this.#closed())
  }

  get local(): Endpoint {
    const { localAddress = '', localPort = 0 } = this.#socket
    if (!this.#local && localPort !== 0) this.#local = { address: localAddress, port: localPort }

    return this.#local ?? { address: localAddress, port: localPort }
  }

  get advertised(): SentBy {
    return this.#listener.advertisedTo(this.remote.address)
  }

  get open(): boolean {
    return this.#open && this.#socket.writable
  }

  send(sent: Request | Response | string): void {
    const { hub } = this.#owner
    const message = typeof sent === 'string' ? hub.reread(sent, this) : sent
    if (!message) return
    if (this.open) this.#write(hub.encode(message, this))
    else if (message.kind === 'response') this.#sendElsewhere(message)
    else queueMicrotask(() => hub.failed(this, new Error('the connection is closed')))
  }

  /** Sends what is waiting, then closes. */
  close(): void {
    this.#open = false
    this.#framer.stop()
    this.#socket.destroySoon()
  }

  /** Closes at once. */
  destroy(): void {
    this.#open = false
    this.#framer.stop()
    this.#socket.destroy()
  }

  #received(chunk: Buffer): void {
    this.#framer.push(chunk)
    // A peer that sends a message byte by byte holds a connection no longer than this.
    if (this.#framer.partial && this.#open) {
      const { clock, settings } = this.#owner.hub
      this.#deadline ??= clock.after(settings.messageTimeout, () => this.#fail('a message took too long to come'))
    }
  }

  #write(data: Buffer): void {
    if (this.#socket.write(data)) return
    // The peer reads more slowly than it asks: it is not read from until it has taken its answers.
    if (this.#socket.writableLength > this.#owner.hub.settings.maxUnsent) this.#fail('the peer does not read')
    else if (!this.#socket.connecting) this.#socket.pause()
  }

  #sendElsewhere(response: Response): void {
    const { transport } = this
    const target = { transport, address: this.remote.address, port: sentByPort(response, this.remote) }
    const flow = this.#owner.flowTo(target)
    if (flow) flow.send(response)
    else queueMicrotask(() => this.#owner.hub.failed(this, new Error('the connection is closed')))
  }

  #connectWithin(ms: number): void {
    this.#deadline = this.#owner.hub.clock.after(ms, () => this.#fail('no connection in time'))
    this.#socket.once('connect', () => this.#stopDeadline())
  }

  #fail(reason: string): void {
    this.#error ??= new Error(reason)
    this.destroy()
  }

  #stopDeadline(): void {
    this.#deadline?.cancel()
    this.#deadline = undefined
  }

  #closed(): void {
    this.#open = false
    this.#stopDeadline()
    this.#framer.stop()
    const { hub } = this.#owner
    hub.stats.connectionsActive--
    this.#owner.closed(this)
    if (this.#error) hub.stats.failures++
    hub.failed(this, this.#error ?? new Error('closed by the peer'))
  }
}
