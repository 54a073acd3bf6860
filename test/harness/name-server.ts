import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** A record of a zone. */
type Record =
  { type: 'A'; address: string } | { type: 'SRV'; priority: number; weight: number; port: number; name: string }

const typeNumbers = { A: 1, SRV: 33 } as const
/** Seconds for which Baton keeps an address; it asks for SRV records again after a minute. */
const ttlSeconds = 1

/** A name server on the loopback, with a zone of the test's own; it says of all other names that they have no record. */
export class NameServer {
  readonly zone: globalThis.Record<string, readonly Record[]>
  readonly #socket: Socket

  static async open(zone: NameServer['zone']): Promise<NameServer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')

    return new NameServer(socket, zone)
  }

  private constructor(socket: Socket, zone: NameServer['zone']) {
    this.zone = zone
    this.#socket = socket
    socket.on('message', (query, { port }) => socket.send(this.#answer(query), port, '127.0.0.1'))
  }

  /** The environment of a Baton that asks it. */
  get env(): { NAME_SERVER: string; NODE_OPTIONS: string } {
    const { port } = this.#socket.address()
    const preloaded = `--import=${new URL('name-server.mjs', import.meta.url).href}`

    return {
      NAME_SERVER: `127.0.0.1:${port}`,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${preloaded}`.trim(),
    }
  }

  close(): void {
    this.#socket.close()
  }

  /** RFC 1035 4.1: the question again, then the records; each names the question's name by its offset. */
  #answer(query: Buffer): Buffer {
    const end = query.indexOf(0, 12) + 1
    const type = query.readUInt16BE(end)
    const found = (this.zone[nameIn(query)] ?? []).filter((record) => typeNumbers[record.type] === type)
    const header = Buffer.alloc(12)
    query.copy(header, 0, 0, 2)
    header.writeUInt16BE(0x8180, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(found.length, 6)

    return Buffer.concat([header, query.subarray(12, end + 4), ...found.map(recordOf)])
  }
}

function nameIn(query: Buffer): string {
  const labels: string[] = []
  for (let at = 12; query[at] !== 0 && query[at] !== undefined; at += 1 + (query[at] ?? 0)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)))
  }

  return labels.join('.').toLowerCase()
}

function recordOf(record: Record): Buffer {
  const data = record.type === 'A' ? Buffer.from(record.address.split('.').map(Number)) : srvData(record)
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(typeNumbers[record.type], 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttlSeconds, 6)
  head.writeUInt16BE(data.length, 10)

  return Buffer.concat([head, data])
}

function srvData({ priority, weight, port, name }: Record & { type: 'SRV' }): Buffer {
  const numbers = Buffer.alloc(6)
  for (const [i, value] of [priority, weight, port].entries()) numbers.writeUInt16BE(value, 2 * i)
  const labels = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'))

  return Buffer.concat([numbers, ...labels, Buffer.from([0])])
}
