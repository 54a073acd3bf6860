interface UdpHandle {
  readonly fd: number
  bind(address: string, port: number, flags: number): number
  getsockname(out: { port?: number }): number
  close(): void
}

/** Node's own `process.binding`: its public sockets read what arrives. */
interface BindingProcess {
  binding(name: 'udp_wrap'): { UDP: new () => UdpHandle }
}

/** A bound UDP socket of 127.0.0.1 that this process does not read, as a service manager keeps one for a service. */
export class KeptSocket {
  readonly #handle: UdpHandle
  readonly port: number

  constructor() {
    const { UDP } = (process as unknown as BindingProcess).binding('udp_wrap')
    this.#handle = new UDP()
    const error = this.#handle.bind('127.0.0.1', 0, 0)
    const name: { port?: number } = {}
    if (error !== 0 || this.#handle.getsockname(name) !== 0) throw new Error(`a UDP socket cannot be bound: ${error}`)
    this.port = name.port ?? 0
  }

  get fd(): number {
    return this.#handle.fd
  }

  close(): void {
    this.#handle.close()
  }
}
