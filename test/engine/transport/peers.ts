import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Clock, TimerWheel } from '../../../engine/clock/index.ts'
import type { Flow } from '../../../engine/flow/index.ts'
import type { BadMessage, Request, Response } from '../../../engine/message/index.ts'
import { Transports, type TransportSettings, type TransportUser } from '../../../engine/transport/index.ts'

/** Something that arrives, and that a test waits for. */
export class Inbox<T> {
  readonly all: T[] = []
  #taken = 0
  #waiting: (() => void)[] = []

  put(item: T): void {
    this.all.push(item)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The next that has not been taken. */
  async take(): Promise<T> {
    while (this.#taken >= this.all.length) await new Promise<void>((resolve) => this.#waiting.push(resolve))

    return this.all[this.#taken++]!
  }
}

export interface Arrival<M> {
  message: M
  flow: Flow
}

/** Transports with a user that writes everything down. */
export class Station implements TransportUser {
  readonly messages = new Inbox<Arrival<Request | Response>>()
  readonly bad = new Inbox<Arrival<BadMessage>>()
  readonly failures = new Inbox<{ flow: Flow; error: Error }>()
  readonly defects: unknown[] = []
  readonly transports: Transports
  readonly #wheel = new TimerWheel()
  onRequest: (request: Request, flow: Flow) => void = () => undefined

  constructor(settings: Partial<TransportSettings> = {}, clock?: Clock) {
    this.transports = new Transports(this, clock ?? this.#wheel, settings)
  }

  onMessage(message: Request | Response, flow: Flow): void {
    this.messages.put({ message, flow })
    if (message.kind === 'request') this.onRequest(message, flow)
  }

  onBad(message: BadMessage, flow: Flow): void {
    this.bad.put({ message, flow })
  }

  onFlowFailed(flow: Flow, error: Error): void {
    this.failures.put({ flow, error })
  }

  onDefect(error: unknown): void {
    this.defects.push(error)
  }

  async close(): Promise<void> {
    await this.transports.close()
    this.#wheel.clear()
  }
}

/** A UDP socket of Node's own. */
export class UdpPeer {
  readonly received = new Inbox<{ text: string; port: number }>()
  readonly #socket: UdpSocket

  private constructor(socket: UdpSocket) {
    this.#socket = socket
    socket.on('message', (data, { port }) => this.received.put({ text: data.toString('latin1'), port }))
  }

  static async open(address = '127.0.0.1'): Promise<UdpPeer> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.bind(0, address)
    await once(socket, 'listening')

    return new UdpPeer(socket)
  }

  get port(): number {
    return this.#socket.address().port
  }

  send(text: string, to: { address: string; port: number }): void {
    this.#socket.send(Buffer.from(text, 'latin1'), to.port, to.address)
  }

  close(): void {
    this.#socket.close()
  }
}

/** A TCP connection of Node's own: everything received is one text. */
export class TcpPeer {
  readonly chunks = new Inbox<string>()
  readonly closed: Promise<unknown>
  readonly socket: Socket
  text = ''

  constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.on('close', resolve))
    socket.on('error', () => undefined)
    socket.on('data', (data: Buffer) => {
      this.text += data.toString('latin1')
      this.chunks.put(data.toString('latin1'))
    })
  }

  static async open(to: { address: string; port: number }): Promise<TcpPeer> {
    const socket = connect({ host: to.address, port: to.port, noDelay: true })
    await once(socket, 'connect')

    return new TcpPeer(socket)
  }

  /** Waits until what came holds `expected`. */
  async until(expected: string): Promise<string> {
    while (!this.text.includes(expected)) await this.chunks.take()

    return this.text
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'))
  }

  close(): void {
    this.socket.destroy()
  }
}

export function options(via: string, headers: readonly string[] = [], body = ''): string {
  return [
    'OPTIONS sip:baton@127.0.0.1 SIP/2.0',
    `Via: ${via}`,
    'Max-Forwards: 70',
    'From: <sip:peer@127.0.0.1>;tag=p',
    'To: <sip:baton@127.0.0.1>',
    'Call-ID: c',
    'CSeq: 1 OPTIONS',
    ...headers,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}
