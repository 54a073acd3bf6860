import { once } from 'node:events'
import { connect, createServer, type Server, type TLSSocket } from 'node:tls'
import type { Endpoint, SentBy, Target } from '../flow/index.ts'
import {
  type ConnectingListener,
  type ConnectionOwner,
  localEndpoint,
  ServerSockets,
  sourceAddress,
} from './connection.ts'
import { advertisedAddress, listenAt, type ListenOptions } from './listener.ts'
import { StreamConnection } from './tcp.ts'
import { clientOptions, serverOptions, TlsCredentials } from './tls-credentials.ts'

/** Accepts and opens TLS connections (1.2 and later). */
export class TlsListener implements ConnectingListener {
  readonly transport = 'tls'
  readonly local: Endpoint
  readonly #owner: ConnectionOwner
  readonly #options: ListenOptions
  readonly #credentials: TlsCredentials
  readonly #server: Server
  readonly #sockets: ServerSockets

  private constructor(owner: ConnectionOwner, options: ListenOptions, credentials: TlsCredentials, server: Server) {
    this.#owner = owner
    this.#options = options
    this.#credentials = credentials
    this.#server = server
    this.local = localEndpoint(server)
    this.#sockets = new ServerSockets(server, owner.hub)
    server.on('secureConnection', (socket) => this.#accept(socket))
    server.on('tlsClientError', () => owner.hub.stats.failures++)
  }

  static async open(owner: ConnectionOwner, options: ListenOptions): Promise<TlsListener> {
    const credentials = await TlsCredentials.load(options.tls)
    const server = createServer(serverOptions(credentials, owner.hub.settings))
    server.listen(listenAt(options))
    await once(server, 'listening')

    return new TlsListener(owner, options, credentials, server)
  }

  advertisedTo(remote: string): SentBy {
    return advertisedAddress(this.#options, this.local, remote)
  }

  connect(target: Target): StreamConnection {
    const { address, port } = target
    const socket = connect({
      host: address,
      port,
      ...sourceAddress(this.local),
      ...clientOptions(this.#credentials, target),
    })

    return this.#connection(socket, { address, port }, true)
  }

  async reload(): Promise<void> {
    await this.#credentials.reload()
    this.#server.setSecureContext(this.#credentials.defaults)
  }

  async close(): Promise<void> {
    await this.#sockets.close()
  }

  #accept(socket: TLSSocket): void {
    const { remoteAddress: address, remotePort: port } = socket
    // The connection was reset before it was accepted.
    if (address === undefined || port === undefined) socket.destroy()
    else this.#owner.opened(this.#connection(socket, { address, port }, false))
  }

  #connection(socket: TLSSocket, remote: Endpoint, outgoing: boolean): StreamConnection {
    return new StreamConnection(this.#owner, socket, { listener: this, remote, outgoing, readyOn: 'secureConnect' })
  }
}
