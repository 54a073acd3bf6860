import { isIP, isIPv4 } from 'node:net'
import type { LadderView } from '../legs/views.ts'
import { ip4Bytes, ip6Bytes, splitAddress } from '../sip/ip-address.ts'

/** The media type of a capture file (IANA). */
export const pcapType = 'application/vnd.tcpdump.pcap'

// The head of a capture file, in its classic format with microseconds.
const magic = 0xa1b2c3d4
const [majorVersion, minorVersion] = [2, 4]
const snapshotBytes = 0x40000
const ethernetLinkType = 1

/**
 * A call's SIP messages as a capture file: its head, then one record for each message. Messages of TLS and WebSocket
 * connections are TCP segments in clear.
 */
export function* ladderPcap({ messages }: LadderView): Generator<Buffer> {
  /** The next byte of the stream between two ends, in the direction of the key. */
  const sequences = new Map<string, number>()
  yield fileHead()
  for (const { at, direction, local, remote, transport, text } of messages) {
    const [from, to] = direction === 'out' ? [local, remote] : [remote, local]
    const time = Date.parse(at)
    const payload = Buffer.from(text)
    if (transport === 'udp') {
      yield record(time, { from, to }, payload.subarray(0, maxPayloadBytes.udp))
      continue
    }
    const acknowledged = sequences.get(`${to} ${from}`) ?? 1
    let sequence = sequences.get(`${from} ${to}`) ?? 1
    for (let start = 0; start < payload.length; start += maxPayloadBytes.tcp) {
      const segment = payload.subarray(start, start + maxPayloadBytes.tcp)
      yield record(time, { from, to, tcp: { sequence, acknowledged } }, segment)
      sequence += segment.length
    }
    sequences.set(`${from} ${to}`, sequence)
  }
}

function fileHead(): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32BE(magic, 0)
  head.writeUInt16BE(majorVersion, 4)
  head.writeUInt16BE(minorVersion, 6)
  head.writeUInt32BE(snapshotBytes, 16)
  head.writeUInt32BE(ethernetLinkType, 20)

  return head
}

function record(timeMs: number, head: IpFrameHead, payload: Buffer): Buffer {
  const frame = ipFrame(head, payload)
  const recordHead = Buffer.alloc(16)
  recordHead.writeUInt32BE(Math.floor(timeMs / 1000), 0)
  recordHead.writeUInt32BE((timeMs % 1000) * 1000, 4)
  recordHead.writeUInt32BE(frame.length, 8)
  recordHead.writeUInt32BE(frame.length, 12)

  return Buffer.concat([recordHead, frame])
}

/** Where a payload goes, and how. Ends are `address:port`, IPv6 in brackets. */
interface IpFrameHead {
  from: string
  to: string
  /** The place of a TCP segment in its stream, and the next byte that its sender expects; undefined for UDP. */
  tcp?: { sequence: number; acknowledged: number } | undefined
}

const protocols = { udp: 17, tcp: 6 } as const
const etherTypes = { ip4: 0x0800, ip6: 0x86dd } as const
const ethernetLength = 14
const ip4Length = 20
const ip6Length = 40
const udpLength = 8
const tcpLength = 20
const hopLimit = 64
const dontFragment = 0x4000
const pushAndAcknowledge = 0x18
const maxWindow = 0xffff

/** The largest payload of one frame: an IPv4 packet has 65,535 bytes with its headers. */
const maxPayloadBytes = { udp: 0xffff - ip4Length - udpLength, tcp: 0xffff - ip4Length - tcpLength } as const

/**
 * An Ethernet frame with an IPv4 (RFC 791) or IPv6 (RFC 8200) packet, which carries a UDP datagram (RFC 768) or a TCP segment
 * (RFC 9293). The hardware addresses are zeros, as in a capture of the loopback interface.
 */
function ipFrame({ from, to, tcp }: IpFrameHead, payload: Buffer): Buffer {
  const [source, destination] = [endpoint(from), endpoint(to)]
  const isIp4 = isIPv4(source.address) && isIPv4(destination.address)
  const addresses = Buffer.concat([source, destination].map(({ address }) => (isIp4 ? ip4Bytes : ip6Bytes)(address)))
  const protocol = tcp ? protocols.tcp : protocols.udp
  const head = tcp ? tcpHead(tcp) : udpHead(payload.length)
  head.writeUInt16BE(source.port, 0)
  head.writeUInt16BE(destination.port, 2)
  const length = head.length + payload.length
  const sum = checksum(pseudoHead(addresses, protocol, length), head, payload)
  // RFC 768: a UDP checksum of zero is sent as all ones, since zero says that there is none.
  head.writeUInt16BE(!tcp && sum === 0 ? 0xffff : sum, tcp ? 16 : 6)
  const ethernet = Buffer.alloc(ethernetLength)
  ethernet.writeUInt16BE(isIp4 ? etherTypes.ip4 : etherTypes.ip6, 12)
  const ip = isIp4 ? ip4Head(addresses, protocol, length) : ip6Head(addresses, protocol, length)

  return Buffer.concat([ethernet, ip, head, payload])
}

function udpHead(payloadLength: number): Buffer {
  const head = Buffer.alloc(udpLength)
  head.writeUInt16BE(udpLength + payloadLength, 4)

  return head
}

function tcpHead({ sequence, acknowledged }: NonNullable<IpFrameHead['tcp']>): Buffer {
  const head = Buffer.alloc(tcpLength)
  head.writeUInt32BE(sequence >>> 0, 4)
  head.writeUInt32BE(acknowledged >>> 0, 8)
  head.writeUInt8((tcpLength / 4) << 4, 12)
  head.writeUInt8(pushAndAcknowledge, 13)
  head.writeUInt16BE(maxWindow, 14)

  return head
}

function ip4Head(addresses: Buffer, protocol: number, length: number): Buffer {
  const head = Buffer.alloc(ip4Length)
  head.writeUInt8(0x40 | (ip4Length / 4), 0)
  head.writeUInt16BE(ip4Length + length, 2)
  head.writeUInt16BE(dontFragment, 6)
  head.writeUInt8(hopLimit, 8)
  head.writeUInt8(protocol, 9)
  addresses.copy(head, 12)
  head.writeUInt16BE(checksum(head), 10)

  return head
}

function ip6Head(addresses: Buffer, protocol: number, length: number): Buffer {
  const head = Buffer.alloc(ip6Length)
  head.writeUInt8(0x60, 0)
  head.writeUInt16BE(length, 4)
  head.writeUInt8(protocol, 6)
  head.writeUInt8(hopLimit, 7)
  addresses.copy(head, 8)

  return head
}

/** The head that RFC 768, RFC 9293 3.1 and RFC 8200 8.1 sum up; the fields of IPv6 are wider, with the same sum. */
function pseudoHead(addresses: Buffer, protocol: number, length: number): Buffer {
  const fields = Buffer.alloc(4)
  fields.writeUInt16BE(protocol, 0)
  fields.writeUInt16BE(length, 2)

  return Buffer.concat([addresses, fields])
}

/** The Internet checksum (RFC 1071) of parts that follow one another; each part but the last has an even length. */
function checksum(...parts: readonly Buffer[]): number {
  let sum = 0
  for (const part of parts) {
    const evenLength = part.length & ~1
    for (let at = 0; at < evenLength; at += 2) sum += part.readUInt16BE(at)
    if (part.length > evenLength) sum += part.readUInt8(evenLength) << 8
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)

  return ~sum & 0xffff
}

/** An address that is no IP address, such as a name, becomes 0.0.0.0. */
function endpoint(text: string): { address: string; port: number } {
  const { address, port } = splitAddress(text)

  return { address: isIP(address) === 0 ? '0.0.0.0' : address, port: port > 0 && port <= 0xffff ? port : 0 }
}
