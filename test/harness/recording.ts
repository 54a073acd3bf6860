import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HeardAudio } from './heard-audio.ts'

/** A recording of an rtpengine: a capture file of IP packets. */
export interface FoundRecording {
  name: string
  /** What each source of RTP (RFC 3550 8) says in it. */
  said: HeardAudio[]
  /** The text that stands beside it. */
  metadata: string
}

/** The finished recordings in the folder of an rtpengine. */
export function recordingsIn(folder: string): FoundRecording[] {
  return filesIn(join(folder, 'metadata')).map((metadata) => {
    const name = /pcaps\/(\S+\.pcap)/.exec(metadata)?.[1] ?? ''

    return { name, metadata, said: sourcesIn(readFileSync(join(folder, 'pcaps', name))) }
  })
}

function filesIn(folder: string): string[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
}

/** A little-endian capture file of raw IPv4 packets (LINKTYPE_RAW). */
function sourcesIn(file: Buffer): HeardAudio[] {
  const bySource = new Map<number, HeardAudio>()
  for (let at = 24; at < file.length;) {
    const length = file.readUInt32LE(at + 8)
    const packet = file.subarray(at + 16, at + 16 + length)
    const rtp = packet.subarray((packet.readUInt8(0) & 0xf) * 4 + 8)
    at += 16 + length
    // RTCP (RFC 5761 4) has packet types from 192 on.
    if (rtp.length < 12 || rtp.readUInt8(1) >= 192) continue
    const source = rtp.readUInt32BE(8)
    const said = bySource.get(source) ?? new HeardAudio()
    bySource.set(source, said)
    said.take(rtp, undefined)
  }

  return [...bySource.values()]
}
