import type { Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import type { Endpoint } from '../../engine/index.ts'

/** What was sent, and where to. */
export type Sent = (data: Buffer, to: Endpoint) => void

/** A network without one: UDP sockets that hand over what is sent, and are handed what comes. */
export class NoNetwork {
  readonly #sent: Sent
  /** The first socket is the engine's listener; those after it only knock at doors. */
  #listener: EventEmitter | undefined

  constructor(sent: Sent) {
    this.#sent = sent
  }

  /** In the place of `dgram.createSocket`. */
  readonly createSocket = (): Socket => {
    const socket = new FakeSocket(this.#listener ? () => undefined : this.#sent)
    this.#listener ??= socket

    return socket as unknown as Socket
  }

  /** A datagram for the listener. */
  deliver(data: Buffer, from: Endpoint): void {
    this.#listener?.emit('message', data, from)
  }
}

class FakeSocket extends EventEmitter {
  readonly #sent: Sent
  #port = 0

  constructor(sent: Sent) {
    super()
    this.#sent = sent
  }

  bind(port: number): this {
    this.#port = port
    queueMicrotask(() => this.emit('listening'))

    return this
  }

  connect(_port: number, _address: string, connected: () => void): void {
    queueMicrotask(connected)
  }

  address(): Endpoint {
    return { address: '127.0.0.1', port: this.#port }
  }

  send(data: Buffer | string, port?: number, address?: string): void {
    if (typeof data !== 'string' && port !== undefined && address !== undefined) this.#sent(data, { address, port })
  }

  setRecvBufferSize(): void {
    // There is none.
  }

  unref(): this {
    return this
  }

  close(closed?: () => void): void {
    if (closed) queueMicrotask(closed)
  }
}
