import { isUtf8 } from 'node:buffer'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { type Endpoint, formatEndpoint, type SentBy, type Target } from '../flow/index.ts'
import {
  type ConnectingListener,
  Connection,
  type ConnectionOptions,
  type ConnectionOwner,
  localEndpoint,
  ServerSockets,
  sourceAddress,
} from './connection.ts'
import { advertisedAddress, listenAt, type ListenOptions } from './listener.ts'
import { clientOptions, serverOptions, TlsCredentials } from './tls-credentials.ts'

// RFC 7118 4: the subprotocol that both sides must name.
const subprotocol = 'sip'
// How often Node checks for handshakes that take too long, in milliseconds.
const handshakes = { connectionsCheckingInterval: 1000 }

/** Accepts and opens WebSocket connections, secure or not. */
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
    server.listen(listenAt(options))
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
    // Until the handshake is over no other listener handles errors.
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

const pong = Buffer.from('\r\n')

export interface WebSocketConnectionOptions extends ConnectionOptions {
  /** The TCP or TLS socket; an outgoing connection gets it with the handshake. */
  readonly socket?: Socket
}

/** A WebSocket connection (RFC 7118): each WebSocket message is one SIP message. */
export class WebSocketConnection extends Connection {
  readonly #websocket: WebSocket
  #socket: Socket | undefined

  constructor(owner: ConnectionOwner, websocket: WebSocket, options: WebSocketConnectionOptions) {
    super(owner, options)
    this.#websocket = websocket
    if (options.socket) this.#adopt(options.socket)
    websocket.on('upgrade', (response) => this.#adopt(response.socket))
    websocket.on('open', () => this.ready())
    websocket.on('message', (data) => this.#received(bufferOf(data)))
    websocket.on('error', (error) => this.note(error))
    websocket.on('close', () => this.gone())
  }

  get local(): Endpoint {
    return { address: this.#socket?.localAddress ?? '', port: this.#socket?.localPort ?? 0 }
  }

  override get open(): boolean {
    return super.open && this.#websocket.readyState <= this.#websocket.OPEN
  }

  // Browsers have no certificates.
  isProven(): boolean {
    return false
  }

  protected write(data: Buffer): boolean {
    // RFC 7118 5: a text frame must be UTF-8; any other message goes in a binary frame.
    this.#websocket.send(data, { binary: !isUtf8(data) })

    return this.#socket?.writableNeedDrain !== true
  }

  protected unsent(): number {
    return this.#websocket.bufferedAmount
  }

  protected pause(): void {
    this.#websocket.pause()
  }

  protected end(): void {
    this.#websocket.close()
  }

  protected abort(): void {
    this.#websocket.terminate()
  }

  #adopt(socket: Socket): void {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setTimeout(this.idleTimeout, () => this.fail('idle for too long'))
    socket.on('drain', () => {
      if (this.#websocket.readyState === this.#websocket.OPEN) this.#websocket.resume()
    })
  }

  #received(data: Buffer): void {
    if (!isKeepAlive(data)) {
      this.hub.received(data, this)
      return
    }
    this.hub.stats.keepAlives++
    if (data.length === 4) this.sendBytes(pong)
  }
}

function bufferOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data

  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}

// RFC 5626 3.5.1 and 4.4.1: a ping is two CRLFs, a pong one.
function isKeepAlive(data: Buffer): boolean {
  return data.length <= 4 && data.every((byte) => byte === 13 || byte === 10)
}
