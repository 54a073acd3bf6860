import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type Endpoint, familyOf, type SentBy, type Target } from '../flow/index.ts'
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
import { StreamFramer } from './stream-framer.ts'
import { checkDomain } from './tls-credentials.ts'

/** Accepts TCP connections, and opens them from its own address. */
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
    server.listen(listenAt(options))
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
    // The connection was reset before it was accepted, or exceeds a limit.
    if (socket.destroyed || address === undefined || port === undefined) socket.destroy()
    else this.#owner.opened(this.#connection(socket, { address, port }, false))
  }

  #connection(socket: Socket, remote: Endpoint, outgoing: boolean): StreamConnection {
    return new StreamConnection(this.#owner, socket, { listener: this, remote, outgoing, readyOn: 'connect' })
  }
}

const pong = Buffer.from('\r\n')

export interface StreamConnectionOptions extends ConnectionOptions {
  /** The socket's event that an outgoing connection is established. */
  readonly readyOn: 'connect' | 'secureConnect'
}

/** A TCP or TLS connection. */
export class StreamConnection extends Connection {
  readonly #socket: Socket
  readonly #framer: StreamFramer
  #local: Endpoint | undefined

  constructor(owner: ConnectionOwner, socket: Socket, options: StreamConnectionOptions) {
    super(owner, options)
    const { hub } = this
    this.#socket = socket
    this.#framer = new StreamFramer(hub.settings.limits, {
      message: (data) => {
        this.stopDeadline()
        hub.received(data, this)
      },
      ping: () => {
        hub.stats.keepAlives++
        this.sendBytes(pong)
      },
      broken: (bad) => {
        hub.refused(bad, this)
        this.note(new Error(`closed by us: ${bad.reason}`))
        this.close()
      },
    })
    socket.setNoDelay(true)
    socket.setTimeout(this.idleTimeout, () => this.fail('idle for too long'))
    if (options.outgoing) socket.once(options.readyOn, () => this.ready())
    socket.on('data', (chunk: Buffer) => this.#received(chunk))
    socket.on('drain', () => socket.resume())
    socket.on('error', (error) => this.note(error))
    socket.on('close', () => {
      this.#framer.stop()
      this.gone()
    })
  }

  get local(): Endpoint {
    const { localAddress = '', localPort = 0 } = this.#socket
    if (!this.#local && localPort !== 0) this.#local = { address: localAddress, port: localPort }

    return this.#local ?? { address: localAddress, port: localPort }
  }

  override get open(): boolean {
    return super.open && this.#socket.writable
  }

  override get peerExpiry(): number | undefined {
    const socket = this.#socket
    const expiry = socket instanceof TLSSocket ? Date.parse(socket.getPeerX509Certificate()?.validTo ?? '') : NaN

    return Number.isNaN(expiry) ? undefined : expiry / 1000
  }

  isProven(host: string): boolean {
    const socket = this.#socket

    return socket instanceof TLSSocket && socket.authorized && !checkDomain(host, socket.getPeerCertificate())
  }

  protected write(data: Buffer): boolean {
    return this.#socket.write(data)
  }

  protected unsent(): number {
    return this.#socket.writableLength
  }

  protected pause(): void {
    this.#socket.pause()
  }

  protected end(): void {
    this.#framer.stop()
    this.#socket.destroySoon()
  }

  protected abort(): void {
    this.#framer.stop()
    this.#socket.destroy()
  }

  #received(chunk: Buffer): void {
    this.#framer.push(chunk)
    // A peer that sends a message byte by byte is cut off.
    if (this.#framer.partial) this.startDeadline(this.hub.settings.messageTimeout, 'a message took too long to come')
    else this.stopDeadline()
  }
}
