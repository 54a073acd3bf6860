import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { lookup } from 'node:dns'
import { connect, isIP, type Socket } from 'node:net'

/** Takes packets to Homer, or drops them: it never throws, blocks or keeps them for later. */
export interface PacketSender {
  /** False when the packet was dropped. */
  send(packet: Buffer): boolean
  close(): void
}

/** Told when Homer cannot be reached, and when it can again. */
export type Reached = (error: Error | undefined) => void

// Between two attempts, and for how long an address is good, in milliseconds.
const pause = 5_000
// What may wait for a Homer that does not read.
const maxUnsent = 1024 * 1024

/** Datagrams; a name is looked up now and then, beside the sending. */
export class UdpSender implements PacketSender {
  readonly #host: string
  readonly #port: number
  readonly #reached: Reached
  readonly #timer: NodeJS.Timeout
  #socket: UdpSocket | undefined
  #address: { address: string; family: number } | undefined

  constructor(host: string, port: number, reached: Reached) {
    this.#host = host
    this.#port = port
    this.#reached = reached
    this.#find()
    this.#timer = setInterval(() => this.#find(), 60_000).unref()
  }

  send(packet: Buffer): boolean {
    if (!this.#socket || !this.#address) return false
    // Without a callback: nobody waits for it.
    this.#socket.send(packet, this.#port, this.#address.address)

    return true
  }

  close(): void {
    clearInterval(this.#timer)
    this.#socket?.close()
    this.#socket = undefined
  }

  #find(): void {
    const family = isIP(this.#host)
    if (family) this.#use({ address: this.#host, family })
    else {
      lookup(this.#host, (error, address, family) => {
        if (error) this.#reached(error)
        else this.#use({ address, family })
      })
    }
  }

  #use(found: { address: string; family: number }): void {
    if (this.#address?.family !== found.family) {
      this.#socket?.close()
      this.#socket = createSocket({
        type: found.family === 6 ? 'udp6' : 'udp4',
        // Without this, Node asks its resolver for every datagram.
        lookup: (host, _, callback) => callback(null, host, found.family),
      })
      this.#socket.on('error', (error) => this.#reached(error)).unref()
    }
    this.#address = found
    this.#reached(undefined)
  }
}

/** One connection, made again when it is gone. */
export class TcpSender implements PacketSender {
  readonly #host: string
  readonly #port: number
  readonly #reached: Reached
  #socket: Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(host: string, port: number, reached: Reached) {
    this.#host = host
    this.#port = port
    this.#reached = reached
    this.#connect()
  }

  send(packet: Buffer): boolean {
    const socket = this.#socket
    if (socket?.readyState !== 'open' || socket.writableLength > maxUnsent) return false
    socket.write(packet)

    return true
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#socket?.destroy()
  }

  #connect(): void {
    const socket = connect(this.#port, this.#host)
    this.#socket = socket
    socket.unref()
    socket.on('connect', () => this.#reached(undefined))
    socket.on('error', (error) => this.#reached(error))
    // Homer says nothing; what is not read would keep its FIN from being heard.
    socket.resume()
    socket.on('close', () => {
      if (!this.#closed) this.#timer = setTimeout(() => this.#connect(), pause).unref()
    })
  }
}
