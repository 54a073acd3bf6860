import { isUtf8 } from 'node:buffer'
import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import { Connection, type ConnectionOptions, type ConnectionOwner } from './connection.ts'
import type { Endpoint } from './endpoint.ts'

const pong = Buffer.from('\r\n')

export interface WebSocketConnectionOptions extends ConnectionOptions {
  /** What is underneath; for a connection of ours it comes with the handshake. */
  readonly socket?: Socket
}

/** A WebSocket connection (RFC 7118): each of its messages is a SIP message. */
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
    // RFC 7118 5.: text must be UTF-8; any other message goes as bytes.
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
