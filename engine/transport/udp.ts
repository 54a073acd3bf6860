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
 * A UDP socket. Errors of sending a request (no route, too large, refused by the system) are reported to its flow; so is an
 * unreachable port, when a request is retransmitted.
 */
export class UdpListener implements Listener {
  readonly transport = 'udp'
  readonly hub: Hub
  readonly local: Endpoint
  readonly #options: ListenOptions
  readonly #socket: Socket
  /** The sent-by for all peers; undefined when it depends on the peer. */
  readonly #advertised: SentBy | undefined
  /** The endpoints of the peers that sent last: all flows to a peer share its endpoint. */
  readonly #endpoints = new Array<Endpoint | undefined>(endpointSlots).fill(undefined)
  #closed = false

  private constructor(hub: Hub, options: ListenOptions, socket: Socket) {
    this.hub = hub
    this.#options = options
    this.#socket = socket
    const bound = socket.address()
    this.local = { address: bound.address, port: bound.port }
    if (options.advertised || !isWildcard(bound.address)) this.#advertised = advertisedAddress(options, this.local, '')
    socket.on('message', (data, { address, port }) => this.#received(data, address, port))
    // An error of one datagram must not stop the socket; a failed send is reported to its flow.
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
    if (options.fd === undefined) socket.bind(options.port, options.address)
    else socket.bind({ fd: options.fd })
    try {
      await listening
    } catch (error) {
      socket.close()
      throw error
    }
    try {
      socket.setRecvBufferSize(hub.settings.udpReceiveBuffer)
    } catch {
      // The system's default size is used.
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
    return new UdpFlow(this, this.#endpointOf(remote.address, remote.port))
  }

  send(data: Buffer, port: number, address: string, sent?: (error: Error | null) => void): void {
    if (this.#closed) return
    try {
      this.#socket.send(data, port, address, sent)
    } catch (error) {
      // The address or port is invalid.
      queueMicrotask(() => sent?.(error instanceof Error ? error : new Error(String(error))))
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }

  #received(data: Buffer, address: string, port: number): void {
    // No response can be sent to port 0.
    if (port === 0) return
    if (isKeepAlive(data)) {
      this.hub.stats.keepAlives++
      return
    }
    const start = startOfMessage(data)
    if (start === data.length) {
      this.hub.stats.keepAlives++
      return
    }
    const flow = new UdpFlow(this, this.#endpointOf(address, port))
    this.hub.received(start === 0 ? data : data.subarray(start), flow)
  }

  #endpointOf(address: string, port: number): Endpoint {
    // Addresses of one network differ in their last characters.
    const { length } = address
    const slot = (port + 31 * address.charCodeAt(length - 1) + 961 * address.charCodeAt(length - 2)) % endpointSlots
    const known = this.#endpoints[slot]
    if (known?.port === port && known.address === address) return known
    const endpoint = { address, port }
    this.#endpoints[slot] = endpoint

    return endpoint
  }
}

const endpointSlots = 1024

// CRLFs, zeros, or STUN (RFC 5389 6: the first two bits are 0); no SIP message begins with these.
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
  #hasProbed = false

  constructor(listener: UdpListener, remote: Endpoint) {
    this.#listener = listener
    this.remote = remote
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
    const { address, port } = this.remote
    // A callback costs as much as parsing. Responses and ACKs go without one: their peer is alive, and retransmits if they
    // are lost.
    if (message.kind === 'response') this.#listener.send(data, replyPort(message, this.remote), address)
    else if (message.method === 'ACK') this.#listener.send(data, port, address)
    else {
      this.#listener.send(data, port, address, this.#failureNoted())
      if (typeof sent === 'string') this.#probe()
    }
  }

  #failureNoted(): (error: Error | null) => void {
    return (error) => {
      if (error) this.#failed(error)
    }
  }

  #failed(error: Error): void {
    const { hub } = this.#listener
    hub.stats.failures++
    hub.failed(this, error)
  }

  /** The peer of a retransmitted request may be unreachable. */
  #probe(): void {
    if (this.#hasProbed) return
    this.#hasProbed = true
    probeUnreachable(this.remote, this.#listener.hub, (error) => {
      this.#failed(error)
    })
  }
}

/** How long the system waits for an ICMP "port unreachable". */
const icmpWaitMs = 200

interface ProbeContext {
  readonly clock: Clock
  readonly settings: Pick<TransportSettings, 'createSocket'>
}

/**
 * Probes whether a UDP port is unreachable. Linux reports ICMP "port unreachable" to connected sockets only, so that a
 * connected socket sends a keep-alive (RFC 5626 3.5.1), which every SIP peer ignores. No answer proves nothing.
 */
function probeUnreachable(remote: Endpoint, { clock, settings }: ProbeContext, refused: (error: Error) => void): void {
  const socket = settings.createSocket(familyOf(remote.address) === 6 ? 'udp6' : 'udp4')
  // The socket alone must not keep the process running.
  socket.unref()
  const timer = clock.after(icmpWaitMs, () => {
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
