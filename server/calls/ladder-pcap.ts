import type { LadderView } from '../legs/views.ts'
import { ipFrame, maxPayloadBytes, type IpFrameHead } from './ip-frames.ts'

/** The media type of a capture file (IANA). */
export const pcapType = 'application/vnd.tcpdump.pcap'

// The head of a capture file, in its classic format with microseconds.
const magic = 0xa1b2c3d4
const [majorVersion, minorVersion] = [2, 4]
const snapshotBytes = 0x40000
const ethernet = 1

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
  head.writeUInt32BE(ethernet, 20)

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
