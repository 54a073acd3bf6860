import { isIPv4 } from 'node:net'
import { masked } from '../../engine/index.ts'
import { ip4Bytes, ip6Bytes, splitAddress } from '../sip/ip-address.ts'
import type { MessageRecord } from '../sip/stack.ts'

/** Identifies this Baton to Homer. */
export interface CaptureAgent {
  /** 32 bits. */
  readonly captureId: number
  readonly password?: string
}

// The generic chunks (vendor 0) of "HEP/EEP, Revision 3".
const chunks = {
  ipFamily: 0x01,
  ipProtocol: 0x02,
  sourceIp4: 0x03,
  destinationIp4: 0x04,
  sourceIp6: 0x05,
  destinationIp6: 0x06,
  sourcePort: 0x07,
  destinationPort: 0x08,
  seconds: 0x09,
  microseconds: 0x0a,
  protocol: 0x0b,
  captureId: 0x0c,
  password: 0x0e,
  payload: 0x0f,
  correlationId: 0x11,
} as const

const SIP = 1
const UDP = 17
const TCP = 6
const AF_INET = 2
const AF_INET6 = 10
/** A datagram's payload, less the other chunks. */
const maxPayloadBytes = 64_000

/**
 * A SIP message as a packet of HEP version 3. A payload that exceeds a datagram is truncated.
 * @param correlation the same for all messages of a call, whatever their Call-IDs
 */
export function hepPacket(record: MessageRecord, correlation: string, { captureId, password }: CaptureAgent): Buffer {
  const { local, remote, direction, transport, at, text } = record
  const [source, destination] = [local, remote].map(splitAddress)
  const [from, to] = direction === 'out' ? [source, destination] : [destination, source]
  if (!from || !to) throw new TypeError('a message has two ends')
  const isIp4 = isIPv4(from.address) && isIPv4(to.address)
  const bytes = isIp4 ? ip4Bytes : ip6Bytes
  const parts = [
    number(chunks.ipFamily, isIp4 ? AF_INET : AF_INET6, 1),
    number(chunks.ipProtocol, transport === 'udp' ? UDP : TCP, 1),
    chunk(isIp4 ? chunks.sourceIp4 : chunks.sourceIp6, bytes(from.address)),
    chunk(isIp4 ? chunks.destinationIp4 : chunks.destinationIp6, bytes(to.address)),
    number(chunks.sourcePort, from.port, 2),
    number(chunks.destinationPort, to.port, 2),
    number(chunks.seconds, Math.floor(at / 1000), 4),
    number(chunks.microseconds, Math.floor((at % 1000) * 1000), 4),
    number(chunks.protocol, SIP, 1),
    number(chunks.captureId, captureId, 4),
    chunk(chunks.correlationId, Buffer.from(correlation.slice(0, 255))),
    ...(password === undefined ? [] : [chunk(chunks.password, Buffer.from(password))]),
    chunk(chunks.payload, Buffer.from(masked(text).slice(0, maxPayloadBytes), 'latin1')),
  ]
  const head = Buffer.from('HEP3\0\0', 'latin1')
  head.writeUInt16BE(
    parts.reduce((sum, { length }) => sum + length, head.length),
    4,
  )

  return Buffer.concat([head, ...parts])
}

function chunk(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(6)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(head.length + data.length, 4)

  return Buffer.concat([head, data])
}

function number(type: number, value: number, size: 1 | 2 | 4): Buffer {
  const data = Buffer.alloc(size)
  data.writeUIntBE(value, 0, size)

  return chunk(type, data)
}
