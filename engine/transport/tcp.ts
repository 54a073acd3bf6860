import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { ConnectionOwner } from './connection.ts'
import { type Endpoint, familyOf, type Target } from './endpoint.ts'
import type { SentBy } from './flow.ts'
import {
  advertisedAddress,
  type ConnectingListener,
  type ListenOptions,
  localEndpoint,
  ServerSockets,
  sourceAddress,
} from './listener.ts'
import { StreamConnection } from './stream-connection.ts'

/** Takes TCP connections, and makes them from its own address. */
export class TcpListener implements ConnectingListener {
  readonly transport = 'tcp'
  readonly local: Endpoint
  readonly #owner: ConnectionOwner
  readonly #options: ListenOptions
  readonly #sockets: ServerSockets

  private constructor(owner: ConnectionOwner, options: ListenOptions, server: Server) {
    this.#owner = owner
    this.#options = options
    this.local = localEndpoint(server)
    this.#sockets = new ServerSockets(server, owner.hub)
    server.on('connection', (socket) => this.#accept(socket))
  }

  static async open(owner: ConnectionOwner, options: ListenOptions): Promise<TcpListener> {
    const server = createServer()
    server.listen({ port: options.port, host: options.address, ipv6Only: true })
    await once(server, 'listening')

    return new TcpListener(owner, options, server)
  }

  advertisedTo(remote: string): SentBy {
    return advertisedAddress(this.#options, this.local, remote)
  }

  connect(target: Target): StreamConnection {
    const { address, port } = target
    const socket = connect({ host: address, port, family: familyOf(address), ...sourceAddress(this.local) })

    return this.#connection(socket, { address, port }, true)
  }

  async close(): Promise<void> {
    await this.#sockets.close()
  }

  #accept(socket: Socket): void {
    const { remoteAddress: address, remotePort: port } = socket
    // Reset before it was taken, or one too many.
    if (socket.destroyed || address === undefined || port === undefined) socket.destroy()
    else this.#owner.opened(this.#connection(socket, { address, port }, false))
  }

  #connection(socket: Socket, remote: Endpoint, outgoing: boolean): StreamConnection {
    return new StreamConnection(this.#owner, socket, { listener: this, remote, outgoing, readyOn: 'connect' })
  }
}
