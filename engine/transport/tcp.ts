import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Connection, type ConnectionOwner } from './connection.ts'
import { type Endpoint, familyOf, type Target } from './endpoint.ts'
import type { SentBy } from './flow.ts'
import { advertisedAddress, isWildcard, type Listener, type ListenOptions } from './listener.ts'

/** Takes TCP connections, and makes them from its own address. */
export class TcpListener implements Listener {
  readonly transport = 'tcp'
  readonly local: Endpoint
  readonly #owner: ConnectionOwner
  readonly #options: ListenOptions
  readonly #server: Server
  #closed = false

  private constructor(owner: ConnectionOwner, options: ListenOptions, server: Server, local: Endpoint) {
    this.#owner = owner
    this.#options = options
    this.#server = server
    this.local = local
    const { stats, settings } = owner.hub
    server.maxConnections = settings.maxConnections
    server.on('connection', (socket) => this.#accept(socket))
    server.on('drop', () => stats.connectionsRefused++)
    // Accepting one connection failed, for want of file descriptors: the others go on.
    server.on('error', () => stats.failures++)
  }

  static async open(owner: ConnectionOwner, options: ListenOptions): Promise<TcpListener> {
    const server = createServer()
    server.listen({ port: options.port, host: options.address, ipv6Only: true })
    await once(server, 'listening')
    const local = server.address()
    if (local === null || typeof local === 'string') throw new Error(`${options.address} is no IP address`)

    return new TcpListener(owner, options, server, { address: local.address, port: local.port })
  }

  advertisedTo(remote: string): SentBy {
    return advertisedAddress(this.#options, this.local, remote)
  }

  /** A connection to a peer; it is being made when this returns, and what is sent meanwhile waits. */
  connect(target: Target): Connection {
    const { address, port } = target
    const from = this.local.address
    const socket = connect({
      host: address,
      port,
      family: familyOf(address),
      ...(isWildcard(from) ? {} : { localAddress: from }),
    })
    this.#owner.hub.stats.connectionsOpened++

    return new Connection(this.#owner, socket, { listener: this, remote: { address, port }, connected: false })
  }

  /** Takes no more connections. Those that are open are their owner's to close. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket
    // Reset before it was taken.
    if (remoteAddress === undefined || remotePort === undefined) return void socket.destroy()
    this.#owner.hub.stats.connectionsAccepted++
    const remote = { address: remoteAddress, port: remotePort }
    this.#owner.opened(new Connection(this.#owner, socket, { listener: this, remote, connected: true }))
  }
}
