import { decode } from './g711.ts'
import { hzOf, levelOf } from './sound.ts'
import { payloadStart, type SrtpContext } from './srtp.ts'
import { until } from './until.ts'

/** One packet that was heard. */
interface Frame {
  /** `performance.now()` */
  at: number
  samples: number
  /** A tone's frequency, 0 for silence, undefined for any other sound. */
  hz: number | undefined
  /** dB below full scale. */
  level: number
}

/** A stretch of one sound. */
export interface Stretch {
  hz: number | undefined
  /** Milliseconds of sound in it. */
  ms: number
  /** When its first packet came, and its last, by `performance.now()`. */
  from: number
  to: number
}

/** Ten minutes. */
const maxFrames = 30_000
/** Frames that make a sound certain. */
const certainFrames = 5
/** Sounds shorter than that are the border between two others. */
const minStretchMs = 60
const digits = '0123456789*#ABCD'

/** What came to a party: tones by frequency, digits, gaps, level and times. */
export class HeardAudio {
  /** Packets that are no RTP, or not authentic. */
  rejected = 0
  readonly #frames: Frame[] = []
  readonly #events: { digit: string; key: string }[] = []
  /** The last sequence number of each source. */
  readonly #last = new Map<number, number>()
  #others = 0
  #lost = 0

  take(bytes: Buffer, srtp: SrtpContext | undefined): void {
    const clear = srtp && isRtp(bytes) ? srtp.unprotect(bytes) : bytes
    const packet = isRtp(bytes) ? clear : undefined
    if (!packet) {
      this.rejected++
      return
    }
    this.#count(packet)
    const type = (packet[1] ?? 0) & 0x7f
    const payload = packet.subarray(payloadStart(packet))
    if (type !== 0 && type !== 8) {
      this.#other(packet, payload)
      return
    }
    const samples = decode(type === 0 ? 'PCMU' : 'PCMA', payload)
    this.#frames.push({
      ...{ at: performance.now(), samples: samples.length, hz: hzOf(samples), level: levelOf(samples) },
    })
    if (this.#frames.length > maxFrames) this.#frames.shift()
  }

  /** Packets of audio. */
  get packets(): number {
    return this.#frames.length
  }

  /** Packets of payload types that it does not decode. */
  get undecoded(): number {
    return this.#others
  }

  /** When the first packet of audio came, by `performance.now()`. */
  get firstAt(): number | undefined {
    return this.#frames[0]?.at
  }

  /** When a tone was heard first. */
  firstOf(hz: number): number | undefined {
    return this.#frames.find((frame) => frame.hz === hz)?.at
  }

  /** The digits of telephone-events (RFC 4733), one after the other. */
  get digits(): string {
    return this.#events.map(({ digit }) => digit).join('')
  }

  /** dB below full scale, of the last 100 ms. */
  get level(): number {
    const last = this.#frames.slice(-certainFrames)

    return last.reduce((sum, { level }) => sum + level, 0) / last.length
  }

  /** Resolves when this tone (0: silence) is what it hears, from now on. */
  async tone(hz: number, seconds = 10): Promise<void> {
    const before = this.#frames.length
    await until(
      `${hz} Hz is heard`,
      () => {
        const last = this.#frames.slice(Math.max(before, this.#frames.length - certainFrames))
        if (last.length === certainFrames && last.every((frame) => frame.hz === hz)) return true
        throw new Error(`heard since: ${JSON.stringify(this.stretches().slice(-4))}`)
      },
      seconds,
    )
  }

  /** Resolves when no packet of audio has come for so long. */
  async nothing(ms = 300, seconds = 10): Promise<void> {
    const start = performance.now()
    await until(
      `no audio comes for ${ms} ms`,
      () => performance.now() - Math.max(start, this.#frames.at(-1)?.at ?? 0) > ms,
      seconds,
    )
  }

  /** Resolves when these digits have been heard, and no others. */
  async pressed(expected: string, seconds = 10): Promise<void> {
    await until(
      `the digits ${expected} are heard`,
      () => {
        if (this.digits === expected) return true
        throw new Error(`heard: ${this.digits}`)
      },
      seconds,
    )
  }

  /** What was heard since a moment, in order; what lasts less than 60 ms is the border between two sounds. */
  stretches(since = 0): Stretch[] {
    const found: Stretch[] = []
    for (const { at, hz, samples } of this.#frames) {
      const last = found.at(-1)
      const ms = samples / 8
      if (at < since) continue
      if (last?.hz === hz && last) Object.assign(last, { ms: last.ms + ms, to: at })
      else found.push({ hz, ms, from: at, to: at })
    }

    return found
      .filter(({ ms }) => ms >= minStretchMs)
      .reduce<Stretch[]>((kept, each) => {
        const last = kept.at(-1)
        if (last && last.hz === each.hz) Object.assign(last, { ms: last.ms + each.ms, to: each.to })
        else kept.push({ ...each })

        return kept
      }, [])
  }

  /** The frequencies that were heard since a moment, one after the other. */
  tones(since = 0): (number | undefined)[] {
    return this.stretches(since).map(({ hz }) => hz)
  }

  /** Times of at least `minMs` in which no packet came, between two that did. */
  gaps(minMs = 100, since = 0): { from: number; ms: number }[] {
    return this.#frames.flatMap(({ at }, index) => {
      const before = this.#frames[index - 1]?.at ?? at

      return before >= since && at - before >= minMs ? [{ from: before, ms: at - before }] : []
    })
  }

  /** Packets that are missing between the first and the last of each source, by their sequence numbers. */
  get lost(): number {
    return this.#lost
  }

  #count(packet: Buffer): void {
    const [sequence, ssrc] = [packet.readUInt16BE(2), packet.readUInt32BE(8)]
    const ahead = (sequence - (this.#last.get(ssrc) ?? sequence - 1)) & 0xffff
    if (ahead >= 0x8000) {
      this.#lost--
      return
    }
    this.#lost += Math.max(0, ahead - 1)
    this.#last.set(ssrc, sequence)
  }

  /** RFC 4733 2.3: the packets of one event have one timestamp. */
  #other(packet: Buffer, payload: Buffer): void {
    const digit = payload.length === 4 ? digits[payload[0] ?? 255] : undefined
    if (digit === undefined) this.#others++
    const key = `${packet.readUInt32BE(8)} ${packet.readUInt32BE(4)} ${digit}`
    if (digit !== undefined && !this.#events.some((event) => event.key === key)) this.#events.push({ digit, key })
  }
}

/** RFC 3550 5.1, and no RTCP (RFC 5761 4). */
function isRtp(bytes: Buffer): boolean {
  const [first = 0, second = 0] = bytes
  const type = second & 0x7f

  return bytes.length >= 12 && first >> 6 === 2 && (type < 64 || type > 95)
}
