import { once } from 'node:events'
import { isIP } from 'node:net'
import { connect, createServer, type Server, type TlsOptions as TlsServerOptions, type TLSSocket } from 'node:tls'
import type { ConnectionOwner } from './connection.ts'
import { type Endpoint, familyOf, type Target } from './endpoint.ts'
import type { SentBy } from './flow.ts'
import type { TransportSettings } from './settings.ts'
import {
  advertisedAddress,
  type ConnectingListener,
  type ListenOptions,
  localEndpoint,
  ServerSockets,
  sourceAddress,
} from './listener.ts'
import { StreamConnection } from './stream-connection.ts'
import { checkDomain, TlsCredentials } from './tls-credentials.ts'

/** Takes TLS connections (1.2 and later), and makes them. */
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
    server.listen({ port: options.port, host: options.address, ipv6Only: true })
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
    // Reset before it was taken.
    if (address === undefined || port === undefined) socket.destroy()
    else this.#owner.opened(this.#connection(socket, { address, port }, false))
  }

  #connection(socket: TLSSocket, remote: Endpoint, outgoing: boolean): StreamConnection {
    return new StreamConnection(this.#owner, socket, { listener: this, remote, outgoing, readyOn: 'secureConnect' })
  }
}

/** How a TLS server of ours behaves; certificates are asked of `credentials` for each connection, so that a reload counts. */
export function serverOptions(credentials: TlsCredentials, settings: TransportSettings): TlsServerOptions {
  const isRequired = credentials.options.clients === 'required'

  return {
    SNICallback: (name, done) => done(null, credentials.forName(name)),
    ...credentials.defaults,
    requestCert: isRequired,
    rejectUnauthorized: isRequired,
    handshakeTimeout: settings.connectTimeout,
  }
}

/** How we are a client: the peer must be the name that was looked for, or the address itself. */
export function clientOptions(credentials: TlsCredentials, { address, serverName }: Target) {
  return {
    family: familyOf(address),
    secureContext: credentials.client,
    rejectUnauthorized: credentials.options.servers !== 'unverified',
    checkServerIdentity: (host: string, certificate: Parameters<typeof checkDomain>[1]) =>
      checkDomain(serverName ?? host, certificate),
    ...(serverName !== undefined && isIP(serverName) === 0 && { servername: serverName }),
  }
}
