import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Clock } from '../clock/index.ts'
import { type Endpoint, familyOf, type Flow, isWildcard, type SentBy } from '../flow/index.ts'
import type { Request, Response } from '../message/index.ts'
import type { Hub } from './hub.ts'
import { advertisedAddress, type Listener, type ListenOptions } from './listener.ts'
import { replyPort } from './response-routing.ts'
import type { TransportSettings } from './settings.ts'

/**
 * A UDP socket. Errors of sending a request (no route, too large, refused by the system) are told to its flow, and that
 * nobody listens at the other end when a request has to be sent again.
 */
export class UdpListener implements Listener {
  readonly transport = 'udp'
  readonly hub: Hub
  readonly local: Endpoint
  readonly #options: ListenOptions
  readonly #socket: Socket
  /** What all peers are told; undefined when that depends on the peer. */
  readonly #advertised: SentBy | undefined
  #closed = false

  private constructor(hub: Hub, options: ListenOptions, socket: Socket) {
    this.hub = hub
    this.#options = options
    this.#socket = socket
    const bound = socket.address()
    this.local = { address: bound.address, port: bound.port }
    if (options.advertised || !isWildcard(bound.address)) this.#advertised = advertisedAddress(options, this.local, '')
    socket.on('message', (data, { address, port }) => this.#received(data, address, port))
    // Nothing of one datagram's may stop the socket; failures to send are told to their flow.
    socket.on('error', () => hub.stats.failures++)
  }

  static async open(hub: Hub, options: ListenOptions): Promise<UdpListener> {
    const family = familyOf(options.address)
    const socket = hub.settings.createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      // Addresses are IP literals by now: without this, Node asks its resolver for every datagram.
      lookup: (host, _, callback) => callback(null, host, family),
    })
    const listening = once(socket, 'listening')
    socket.bind(options.port, options.address)
    try {
      await listening
    } catch (error) {
      socket.close()
      throw error
    }
    try {
      socket.setRecvBufferSize(hub.settings.udpReceiveBuffer)
    } catch {
      // The system's default will do.
    }

    return new UdpListener(hub, options, socket)
  }

  get closed(): boolean {
    return this.#closed
  }

  advertisedTo(remote: string): SentBy {
    return this.#advertised ?? advertisedAddress(this.#options, this.local, remote)
  }

  flowTo(remote: Endpoint): Flow {
    return new UdpFlow(this, remote.address, remote.port)
  }

  send(data: Buffer, port: number, address: string, sent?: (error: Error | null) => void): void {
    if (this.#closed) return
    try {
      this.#socket.send(data, port, address, sent)
    } catch (error) {
      // Not an address or port that anything can be sent to.
      queueMicrotask(() => sent?.(error instanceof Error ? error : new Error(String(error))))
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }

  #received(data: Buffer, address: string, port: number): void {
    // Nothing can be answered to port 0.
    if (port === 0) return
    if (isKeepAlive(data)) {
      this.hub.stats.keepAlives++
      return
    }
    const start = startOfMessage(data)
    if (start === data.length) this.hub.stats.keepAlives++
    else this.hub.received(start === 0 ? data : data.subarray(start), new UdpFlow(this, address, port))
  }
}

// CRLFs, zeros, or STUN (RFC 5389 6: the first two bits are 0): no SIP message begins like that.
function isKeepAlive(data: Buffer): boolean {
  const first = data[0]
  if (first === undefined || first < 4) return true

  return data.length <= 4 && (first === 13 || first === 10 || first === 32)
}

// RFC 3261 7.5: CRLFs before the start line are ignored.
function startOfMessage(data: Buffer): number {
  let start = 0
  while (data[start] === 13 || data[start] === 10) start++

  return start
}

class UdpFlow implements Flow {
  readonly transport = 'udp'
  readonly reliable = false
  readonly remote: Endpoint
  readonly #listener: UdpListener
  #hasKnocked = false

  constructor(listener: UdpListener, address: string, port: number) {
    this.#listener = listener
    this.remote = { address, port }
  }

  get local(): Endpoint {
    return this.#listener.local
  }

  get advertised(): SentBy {
    return this.#listener.advertisedTo(this.remote.address)
  }

  get open(): boolean {
    return !this.#listener.closed
  }

  send(sent: Request | Response | string): void {
    const { hub } = this.#listener
    const message = typeof sent === 'string' ? hub.reread(sent, this) : sent
    if (!message) return
    const data = hub.encode(message, this)
    const { address } = this.remote
    // Responses and ACKs go without a callback, which costs as much as parsing: their peer has just been heard, and asks again
    // if they are lost.
    if (message.kind === 'response') {
      this.#listener.send(data, replyPort(message, this.remote), address)
      return
    }
    if (message.method === 'ACK') {
      this.#listener.send(data, this.remote.port, address)
      return
    }
    this.#listener.send(data, this.remote.port, address, (error) => {
      if (!error) return
      hub.stats.failures++
      hub.failed(this, error)
    })
    if (typeof sent === 'string') this.#knock()
  }

  /** A request that has to be sent again may have nobody to hear it. */
  #knock(): void {
    if (this.#hasKnocked) return
    this.#hasKnocked = true
    const { hub } = this.#listener
    probeUnreachable(this.remote, hub, (error) => {
      hub.stats.failures++
      hub.failed(this, error)
    })
  }
}

/** How long the system may take to hear that nobody is there, in milliseconds. */
const patience = 200

interface Knocker {
  readonly clock: Clock
  readonly settings: Pick<TransportSettings, 'createSocket'>
}

/**
 * Asks whether anybody listens at a UDP address. Linux tells of ICMP "port unreachable" to connected sockets alone, so one
 * is connected for the purpose and sends a keep-alive (RFC 5626 3.5.1), which every SIP peer passes over. Silence says nothing.
 */
function probeUnreachable(remote: Endpoint, { clock, settings }: Knocker, refused: (error: Error) => void): void {
  const socket = settings.createSocket(familyOf(remote.address) === 6 ? 'udp6' : 'udp4')
  // It must not keep a process up that has nothing else to do.
  socket.unref()
  const timer = clock.after(patience, () => {
    socket.close()
  })
  socket.once('error', (error) => {
    timer.cancel()
    socket.close()
    refused(error)
  })
  socket.connect(remote.port, remote.address, () => {
    socket.send('\r\n\r\n')
  })
}
