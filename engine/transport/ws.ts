import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import type { ConnectionOwner } from './connection.ts'
import { type Endpoint, formatEndpoint, type Target } from './endpoint.ts'
import type { SentBy } from './flow.ts'
import {
  advertisedAddress,
  type ConnectingListener,
  type ListenOptions,
  localEndpoint,
  ServerSockets,
  sourceAddress,
} from './listener.ts'
import { clientOptions, serverOptions } from './tls.ts'
import { TlsCredentials } from './tls-credentials.ts'
import { WebSocketConnection } from './ws-connection.ts'

// RFC 7118 4.: the subprotocol that both sides must name.
const subprotocol = 'sip'
// How often Node looks for handshakes that take too long.
const handshakes = { connectionsCheckingInterval: 1000 }

/** Takes WebSocket connections, secure or not, and makes them. */
export class WebSocketListener implements ConnectingListener {
  readonly transport: 'ws' | 'wss'
  readonly local: Endpoint
  readonly #owner: ConnectionOwner
  readonly #options: ListenOptions
  readonly #credentials: TlsCredentials | undefined
  readonly #server: Server
  readonly #sockets: ServerSockets
  readonly #handshakes: WebSocketServer

  private constructor(
    owner: ConnectionOwner,
    options: ListenOptions & { readonly transport: 'ws' | 'wss' },
    server: Server,
    credentials: TlsCredentials | undefined,
  ) {
    this.transport = options.transport
    this.#owner = owner
    this.#options = options
    this.#credentials = credentials
    this.#server = server
    this.local = localEndpoint(server)
    this.#handshakes = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: owner.hub.settings.limits.messageSize,
      handleProtocols: () => subprotocol,
    })
    this.#sockets = new ServerSockets(server, owner.hub)
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(request, socket, head),
    )
    server.on('tlsClientError', () => owner.hub.stats.failures++)
  }

  static async open(
    owner: ConnectionOwner,
    options: ListenOptions & { readonly transport: 'ws' | 'wss' },
  ): Promise<WebSocketListener> {
    const credentials = options.transport === 'wss' ? await TlsCredentials.load(options.tls) : undefined
    const server = credentials
      ? createSecureServer({ ...serverOptions(credentials, owner.hub.settings), ...handshakes }, refuse)
      : createServer(handshakes, refuse)
    server.headersTimeout = server.requestTimeout = owner.hub.settings.connectTimeout
    server.listen({ port: options.port, host: options.address, ipv6Only: true })
    await once(server, 'listening')

    return new WebSocketListener(owner, options, server, credentials)
  }

  advertisedTo(remote: string): SentBy {
    return advertisedAddress(this.#options, this.local, remote)
  }

  connect(target: Target): WebSocketConnection {
    const { address, port } = target
    const websocket = new WebSocket(`${this.transport}://${formatEndpoint(target)}/`, subprotocol, {
      perMessageDeflate: false,
      maxPayload: this.#owner.hub.settings.limits.messageSize,
      ...sourceAddress(this.local),
      ...(this.#credentials && clientOptions(this.#credentials, target)),
    })

    return new WebSocketConnection(this.#owner, websocket, {
      listener: this,
      remote: { address, port },
      outgoing: true,
    })
  }

  async reload(): Promise<void> {
    await this.#credentials?.reload()
    const { defaults } = this.#credentials ?? {}
    if (defaults && 'setSecureContext' in this.#server) {
      const server = this.#server as Server & { setSecureContext(options: typeof defaults): void }
      server.setSecureContext(defaults)
    }
  }

  async close(): Promise<void> {
    await this.#sockets.close()
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    // Until the handshake is over nobody else listens for it.
    socket.on('error', () => this.#owner.hub.stats.failures++)
    const { remoteAddress: address, remotePort: port } = socket
    const offered = (request.headers['sec-websocket-protocol'] ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
    if (address === undefined || port === undefined || !offered.includes(subprotocol)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nThe subprotocol must be sip (RFC 7118).\n')
      return
    }
    this.#handshakes.handleUpgrade(request, socket, head, (websocket) => {
      const options = { listener: this, remote: { address, port }, outgoing: false, socket }
      this.#owner.opened(new WebSocketConnection(this.#owner, websocket, options))
    })
  }
}

function refuse(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end('SIP over WebSocket only (RFC 7118).\n')
}
