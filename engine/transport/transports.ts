import type { Clock } from '../clock/index.ts'
import { defaultPort, type Flow, formatEndpoint, type Target, type Transport } from '../flow/index.ts'
import type { Via } from '../message/index.ts'
import { type ConnectingListener, Connection, type ConnectionOwner } from './connection.ts'
import { Hub, type Shedder, type Tap, type TransportUser } from './hub.ts'
import { bestListener, type Listener, type ListenOptions } from './listener.ts'
import { defaultSettings, type TransportSettings } from './settings.ts'
import { TransportStats } from './transport-stats.ts'
import { TcpListener } from './tcp.ts'
import { TlsListener } from './tls.ts'
import { UdpListener } from './udp.ts'
import { WebSocketListener } from './ws.ts'

type AnyListener = UdpListener | ConnectingListener

/** The transports as a user agent sees them; tests and `explain` bring transports without a network. */
export type TransportLayer = Pick<
  Transports,
  'stats' | 'listeners' | 'tap' | 'shedder' | 'listen' | 'flowTo' | 'flowWithin' | 'peerExpiry' | 'reload' | 'close'
>

/** All listeners and connections; finds or opens the flow to a peer (RFC 3261 18). */
export class Transports {
  readonly stats = new TransportStats()
  readonly #hub: Hub
  readonly #listeners: AnyListener[] = []
  // By transport and remote address: all messages to a peer use its connection, incoming or outgoing.
  readonly #byRemote = new Map<string, Connection>()
  readonly #connections = new Set<Connection>()
  readonly #aliases = new Map<Connection, string>()
  readonly #owner: ConnectionOwner
  #closed = false

  constructor(user: TransportUser, clock: Clock, settings: Partial<TransportSettings> = {}) {
    this.#hub = new Hub(user, clock, { ...defaultSettings, ...settings }, this.stats)
    this.#hub.onAlias = (via, flow) => this.#alias(via, flow)
    this.#owner = {
      hub: this.#hub,
      opened: (connection) => this.#keep(connection),
      closed: (connection) => this.#forget(connection),
      flowTo: (target) => this.flowTo(target),
    }
  }

  get listeners(): readonly Listener[] {
    return this.#listeners
  }

  /** Sees every received and sent message, before it is handled. */
  set tap(tap: Tap | undefined) {
    this.#hub.tap = tap
  }

  /** Sees every received message before it is parsed, and may refuse it. */
  set shedder(shedder: Shedder | undefined) {
    this.#hub.shedder = shedder
  }

  /** Rejects, naming the listener, when its address cannot be had. */
  async listen(options: ListenOptions): Promise<Listener> {
    try {
      const listener = await this.#open(options)
      if (this.#closed) {
        await listener.close()
        throw new Error('the engine is closed')
      }
      this.#listeners.push(listener)

      return listener
    } catch (error) {
      const name = `${options.transport}:${formatEndpoint(options)}`
      throw new Error(`cannot listen on ${name}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }

  /**
   * The flow to a peer: over UDP from the best listener, else the peer's connection, or a new one. Undefined without a
   * listener of that transport and IP version.
   */
  flowTo(target: Target): Flow | undefined {
    if (this.#closed) return undefined
    const open = target.transport === 'udp' ? undefined : this.#byRemote.get(keyOf(target.transport, target))
    if (open?.open) return open
    const listener = bestListener(this.#listeners, target)
    if (!listener || listener instanceof UdpListener) return listener?.flowTo(target)
    const connection = listener.connect(target)
    this.#keep(connection)

    return connection
  }

  /** When the certificate that a peer has shown expires, in seconds since 1970; undefined without a connection to it. */
  peerExpiry(target: Target): number | undefined {
    return this.#byRemote.get(keyOf(target.transport, target))?.peerExpiry
  }

  /** A flow as of `flowTo`; a new connection is given up after `ms`. */
  flowWithin(target: Target, ms: number): Flow | undefined {
    const flow = this.flowTo(target)
    if (flow instanceof Connection) flow.connectWithin(ms)

    return flow
  }

  /** Reads the certificates and keys of every listener again. Rejects at the first invalid one, which keeps its old files. */
  async reload(): Promise<void> {
    for (const listener of this.listeners) await listener.reload?.()
  }

  /** Idempotent. Closes every listener and connection; unsent data is lost. */
  async close(): Promise<void> {
    this.#closed = true
    for (const connection of this.#connections) connection.destroy()
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }

  #open(options: ListenOptions): Promise<AnyListener> {
    switch (options.transport) {
      case 'udp':
        return UdpListener.open(this.#hub, options)
      case 'tcp':
        return TcpListener.open(this.#owner, options)
      case 'tls':
        return TlsListener.open(this.#owner, options)
      case 'ws':
      case 'wss':
        return WebSocketListener.open(this.#owner, { ...options, transport: options.transport })
    }
  }

  #keep(connection: Connection): void {
    this.#connections.add(connection)
    if (this.#closed) connection.destroy()
    const key = keyOf(connection.transport, connection.remote)
    if (!this.#byRemote.get(key)?.open) this.#byRemote.set(key, connection)
  }

  // RFC 5923 4: messages to the peer's listening port use the connection that the peer opened.
  #alias(via: Via, flow: Flow): void {
    if (!(flow instanceof Connection) || !flow.isProven(via.host)) return
    const key = keyOf(flow.transport, { address: flow.remote.address, port: via.port ?? defaultPort(flow.transport) })
    if (this.#byRemote.get(key)?.open) return
    this.#byRemote.set(key, flow)
    this.#aliases.set(flow, key)
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection)
    const alias = this.#aliases.get(connection)
    if (alias !== undefined && this.#byRemote.get(alias) === connection) this.#byRemote.delete(alias)
    this.#aliases.delete(connection)
    const key = keyOf(connection.transport, connection.remote)
    if (this.#byRemote.get(key) === connection) this.#byRemote.delete(key)
  }
}

const keyOf = (transport: Transport, endpoint: { address: string; port: number }): string =>
  `${transport}:${formatEndpoint(endpoint)}`
