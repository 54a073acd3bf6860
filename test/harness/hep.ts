import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** A packet of HEP version 3, taken apart. */
export interface HepPacket {
  family: number
  protocol: number
  source: string
  destination: string
  /** Milliseconds since the epoch. */
  at: number
  type: number
  captureId: number
  password: string | undefined
  correlation: string
  payload: string
}

/** Reads it as "HEP/EEP, Revision 3" says; throws at what is no such packet. */
export function readHep(data: Buffer): HepPacket {
  if (data.toString('latin1', 0, 4) !== 'HEP3') throw new Error('no HEP3')
  if (data.readUInt16BE(4) !== data.length) throw new Error('its length is not what it says')
  const chunks = new Map<number, Buffer>()
  let at = 6
  while (at < data.length) {
    const length = data.readUInt16BE(at + 4)
    if (data.readUInt16BE(at) !== 0 || length < 6 || at + length > data.length) throw new Error('no chunk')
    chunks.set(data.readUInt16BE(at + 2), data.subarray(at + 6, at + length))
    at += length
  }
  const number = (type: number): number => {
    const bytes = chunks.get(type)

    return bytes ? bytes.readUIntBE(0, bytes.length) : NaN
  }
  const address = (ip4: number, ip6: number, port: number): string => {
    const bytes = chunks.get(ip4)
    if (bytes) return `${bytes.join('.')}:${number(port)}`
    const groups = chunks.get(ip6)?.toString('hex').match(/.{4}/g) ?? []

    return `[${groups.join(':')}]:${number(port)}`
  }

  return {
    family: number(1),
    protocol: number(2),
    source: address(3, 5, 7),
    destination: address(4, 6, 8),
    at: number(9) * 1000 + number(10) / 1000,
    type: number(11),
    captureId: number(12),
    password: chunks.get(14)?.toString(),
    correlation: chunks.get(17)?.toString() ?? '',
    payload: chunks.get(15)?.toString('latin1') ?? '',
  }
}

/** Something that listens where Homer would. */
export class HomerStandIn {
  readonly packets: HepPacket[] = []
  readonly #socket: Socket

  static async open(): Promise<HomerStandIn> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')

    return new HomerStandIn(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (data) => this.packets.push(readHep(data)))
  }

  get port(): number {
    return this.#socket.address().port
  }

  close(): void {
    this.#socket.close()
  }
}
