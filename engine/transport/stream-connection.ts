import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Connection, type ConnectionOptions, type ConnectionOwner } from './connection.ts'
import type { Endpoint } from './endpoint.ts'
import { StreamFramer } from './stream-framer.ts'
import { checkDomain } from './tls-credentials.ts'

const pong = Buffer.from('\r\n')

export interface StreamConnectionOptions extends ConnectionOptions {
  /** The socket's event that says that a connection of ours is there. */
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
    // A peer that sends a message byte by byte holds a connection no longer than this.
    if (this.#framer.partial) this.startDeadline(this.hub.settings.messageTimeout, 'a message took too long to come')
    else this.stopDeadline()
  }
}
