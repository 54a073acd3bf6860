import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { lookup } from 'node:dns'
import { connect, isIP, type Socket } from 'node:net'

import type { MessageRecord } from '../sip/stack.ts'
import { type CaptureAgent, hepPacket } from './hep-packet.ts'

export interface HomerOptions extends CaptureAgent {
  readonly transport: 'udp' | 'tcp'
  readonly host: string
  readonly port: number
}

interface HomerLog {
  info(message: string, fields?: object): unknown
  warn(message: string, fields?: object): unknown
}

/** Sends a copy of every SIP message to Homer. Calls do not depend on it. */
export class Homer {
  /** Packets. */
  readonly counts = { sent: 0, dropped: 0 }
  readonly #options: HomerOptions
  readonly #sender: PacketSender
  readonly #log: HomerLog
  #isAway = false

  constructor(options: HomerOptions, log: HomerLog) {
    this.#options = options
    this.#log = log
    const { transport, host, port } = options
    this.#sender = new (transport === 'udp' ? UdpSender : TcpSender)(host, port, (error) => {
      this.#reached(error)
    })
  }

  /** @param correlation the same for all messages of a call */
  report(record: MessageRecord, correlation: string): void {
    try {
      if (this.#sender.send(hepPacket(record, correlation, this.#options))) this.counts.sent += 1
      else this.counts.dropped += 1
    } catch {
      this.counts.dropped += 1
    }
  }

  close(): void {
    this.#sender.close()
  }

  /** Logs each change once. */
  #reached(error: Error | undefined): void {
    const isAway = error !== undefined
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    const { transport, host, port } = this.#options
    const homer = `${transport}:${host}:${port}`
    if (isAway) this.#log.warn('Homer cannot be reached', { homer, error: error.message })
    else this.#log.info('Homer can be reached again', { homer })
  }
}

/** Sends packets to Homer, or drops them; never throws or blocks. */
export interface PacketSender {
  /** False when the packet was dropped. */
  send(packet: Buffer): boolean
  close(): void
}

/** Called when Homer cannot be reached, and when it can be again. */
type ReachListener = (error: Error | undefined) => void

const reconnectDelayMs = 5_000
const lookupIntervalMs = 60_000
/** Bytes that wait for a Homer that does not read. */
const maxUnsentBytes = 1024 * 1024

/** Sends datagrams. The host name is resolved at an interval, not per packet. */
class UdpSender implements PacketSender {
  readonly #host: string
  readonly #port: number
  readonly #reached: ReachListener
  readonly #timer: NodeJS.Timeout
  #socket: UdpSocket | undefined
  #address: { address: string; family: number } | undefined

  constructor(host: string, port: number, reached: ReachListener) {
    this.#host = host
    this.#port = port
    this.#reached = reached
    this.#find()
    this.#timer = setInterval(() => this.#find(), lookupIntervalMs).unref()
  }

  send(packet: Buffer): boolean {
    if (!this.#socket || !this.#address) return false
    // Without a callback, errors are emitted by the socket.
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
      lookup(this.#host, (error, address, found) => {
        if (error) this.#reached(error)
        else this.#use({ address, family: found })
      })
    }
  }

  #use(found: { address: string; family: number }): void {
    if (this.#address?.family !== found.family) {
      this.#socket?.close()
      this.#socket = createSocket({
        type: found.family === 6 ? 'udp6' : 'udp4',
        // By default, Node resolves the address of every datagram.
        lookup: (host, _, callback) => callback(null, host, found.family),
      })
      this.#socket.on('error', (error) => this.#reached(error)).unref()
    }
    this.#address = found
    this.#reached(undefined)
  }
}

/** Sends on one TCP connection, which is reconnected when it closes. */
class TcpSender implements PacketSender {
  readonly #host: string
  readonly #port: number
  readonly #reached: ReachListener
  #socket: Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(host: string, port: number, reached: ReachListener) {
    this.#host = host
    this.#port = port
    this.#reached = reached
    this.#connect()
  }

  send(packet: Buffer): boolean {
    const socket = this.#socket
    if (socket?.readyState !== 'open' || socket.writableLength > maxUnsentBytes) return false
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
    // Homer sends nothing, but a FIN is only noticed by a stream that is read.
    socket.resume()
    socket.on('close', () => {
      if (!this.#closed) this.#timer = setTimeout(() => this.#connect(), reconnectDelayMs).unref()
    })
  }
}
