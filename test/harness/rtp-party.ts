import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { randomInt } from 'node:crypto'
import { encode, silenceOf, type G711 } from './g711.ts'
import { HeardAudio } from './heard-audio.ts'
import { sampleRate, toneOf } from './sound.ts'
import { newSrtpKeys, SrtpContext, srtpSuites, type SrtpKeys, type SrtpSuite } from './srtp.ts'
import { until } from './until.ts'

export interface RtpPartyOptions {
  /** What it offers, the best first; PCMU. */
  codecs?: readonly G711[]
  /** It offers SRTP with this suite (SDES). It takes what it is offered. */
  srtp?: SrtpSuite
  host?: string
  port?: number
}

const payloadTypes: Readonly<Record<G711, number>> = { PCMU: 0, PCMA: 8 }
const frameMs = 20
const frameSamples = (sampleRate * frameMs) / 1000
/** A process that was held up sends no more frames than these at once. */
const maxCatchUpFrames = 25
/** RFC 4733 table 3. */
const digits = '0123456789*#ABCD'
const digitFrames = 5

type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** RFC 3264 6.1. */
const answering = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' } as const

/** Where RTP goes, and how. */
interface Remote {
  address: string
  port: number
  codec: G711
  /** The payload type of telephone-events. */
  events: number | undefined
  srtp: SrtpContext | undefined
}

/**
 * A party on a real RTP socket: it says tones and digits, and tells what it hears. It has no SIP: what carries its
 * descriptions gives it the other one's.
 */
export class RtpParty {
  readonly heard: HeardAudio
  readonly #socket: Socket
  readonly #codecs: readonly G711[]
  readonly #keys: SrtpKeys | undefined
  /** The keys of its answer to SRTP that it was offered. */
  #answerKeys: SrtpKeys | undefined
  readonly #ssrc = randomInt(2 ** 32)
  readonly #said = new Map<number, number>()
  #sequence = randomInt(1, 2 ** 14)
  #timestamp = randomInt(1, 2 ** 30)
  #samples = 0
  #hz: number | undefined = 0
  #pressing: { events: Buffer[]; at: number } | undefined
  #remote: Remote | undefined
  #receiving: SrtpContext | undefined
  #timer: NodeJS.Timeout | undefined
  #version = 0
  #described = ''
  #isClosed = false

  static async open({
    codecs = ['PCMU'],
    srtp,
    host = '127.0.0.1',
    port = 0,
  }: RtpPartyOptions = {}): Promise<RtpParty> {
    const socket = createSocket('udp4')
    socket.bind(port, host)
    await once(socket, 'listening')

    return new RtpParty(socket, codecs, srtp && newSrtpKeys(srtp))
  }

  private constructor(socket: Socket, codecs: readonly G711[], keys: SrtpKeys | undefined) {
    this.#socket = socket
    this.#codecs = codecs
    this.#keys = keys
    this.heard = new HeardAudio()
    socket.unref()
    socket.on('error', () => undefined)
    socket.on('message', (packet) => {
      this.heard.take(packet, this.#receiving)
    })
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** Its description, as an offer. */
  offer(direction: Direction = 'sendrecv'): string {
    return this.#describe(this.#codecs, 101, this.#keys, direction)
  }

  /** Takes an offer, and gives the answer: the first of its codecs that was offered. Throws where there is none. */
  answer(offer: string): string {
    const described = readDescription(offer)
    const codec = this.#codecs.find((each) => described.formats.includes(payloadTypes[each]))
    if (!codec) throw new Error(`none of ${this.#codecs.join()} was offered: ${offer}`)
    const { keys } = described
    // The same keys for each offer, as a re-INVITE that changes nothing of them has (RFC 4568 7.1.4).
    if (keys && this.#answerKeys?.suite !== keys.suite) this.#answerKeys = newSrtpKeys(keys.suite)
    this.#connect(described, codec, keys && this.#answerKeys)

    return this.#describe([codec], described.events, keys && this.#answerKeys, answering[described.direction])
  }

  /** Takes the answer to its offer. */
  connect(answer: string): void {
    const described = readDescription(answer)
    const codec = this.#codecs.find((each) => described.formats.includes(payloadTypes[each]))
    if (!codec) throw new Error(`the answer has none of ${this.#codecs.join()}: ${answer}`)
    this.#connect(described, codec, this.#keys)
  }

  /** Its call has ended: it sends no more. */
  disconnect(): void {
    this.#remote = undefined
    if (this.#pressing) this.#pressing.at = this.#pressing.events.length
    this.#pressing = undefined
  }

  /** Says a tone from now on; 0 is silence in packets, undefined no packets at all. */
  say(hz: number | undefined): void {
    this.#hz = hz
    if (hz !== undefined) this.#said.delete(hz)
  }

  /** Presses digits, one after the other, as telephone-events (RFC 4733). Resolves when the last has been sent. */
  async press(keys: string): Promise<void> {
    for (const key of keys) {
      const event = digits.indexOf(key)
      if (event < 0) throw new Error(`${key} is no digit`)
      // RFC 4733 2.5.1.4: the last packet is sent three times.
      const lengths = Array.from({ length: digitFrames + 2 }, (_, at) => Math.min(at + 1, digitFrames))
      const events = lengths.map((frames, at) => {
        const isEnd = at >= digitFrames - 1

        return Buffer.of(event, (isEnd ? 0x80 : 0) | 10, (frames * frameSamples) >> 8, (frames * frameSamples) & 0xff)
      })
      const pressing = (this.#pressing = { events, at: 0 })
      await until(`${key} is pressed`, () => pressing.at >= events.length, 10)
    }
  }

  /** Milliseconds from this party's first packet of a tone to the first that the other one heard. */
  delayTo(hearer: RtpParty, hz: number): number | undefined {
    const [said, heard] = [this.#said.get(hz), hearer.heard.firstOf(hz)]

    return said === undefined || heard === undefined ? undefined : heard - said
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer)
    if (!this.#isClosed) this.#socket.close()
    this.#isClosed = true
  }

  #connect({ address, port, direction, keys, events }: Description, codec: G711, own: SrtpKeys | undefined): void {
    this.#remote = undefined
    this.#receiving = keys && new SrtpContext(keys)
    if (port === 0 || !/^(sendrecv|recvonly)$/.test(direction)) return
    this.#remote = { address, port, codec, events, srtp: own && keys && new SrtpContext(own) }
    if (this.#timer) return
    let [start, sent] = [performance.now(), 0]
    this.#timer = setInterval(() => {
      const due = Math.floor((performance.now() - start) / frameMs)
      if (due - sent > maxCatchUpFrames) [start, sent] = [performance.now() - frameMs, 0]
      for (; sent < due; sent++) this.#frame()
    }, frameMs / 2)
    this.#timer.unref()
  }

  /** What is due every 20 ms. */
  #frame(): void {
    const { codec, events } = this.#remote ?? {}
    const pressing = this.#pressing
    if (pressing && events !== undefined) {
      const event = pressing.events[pressing.at]
      if (event) this.#send(events, event, pressing.at === 0)
      pressing.at++
      // A pause of as many frames keeps one digit apart from the next.
      if (pressing.at < pressing.events.length) return
      this.#pressing = undefined
      this.#timestamp += frameSamples * pressing.events.length
    } else if (codec && this.#hz !== undefined) {
      if (!this.#said.has(this.#hz)) this.#said.set(this.#hz, performance.now())
      const samples = toneOf(this.#hz, this.#samples, frameSamples)
      const payload = this.#hz === 0 ? new Uint8Array(frameSamples).fill(silenceOf[codec]) : encode(codec, samples)
      this.#send(payloadTypes[codec], payload, false)
    }
    this.#samples += frameSamples
    this.#timestamp += frameSamples
  }

  #send(type: number, payload: Uint8Array, isMarked: boolean): void {
    if (!this.#remote) return
    const { address, port, srtp } = this.#remote
    const header = Buffer.alloc(12)
    header[0] = 0x80
    header[1] = type | (isMarked ? 0x80 : 0)
    header.writeUInt16BE(this.#sequence++ & 0xffff, 2)
    header.writeUInt32BE(this.#timestamp >>> 0, 4)
    header.writeUInt32BE(this.#ssrc, 8)
    const packet = Buffer.concat([header, payload])
    this.#socket.send(srtp ? srtp.protect(packet) : packet, port, address)
  }

  #describe(
    codecs: readonly G711[],
    events: number | undefined,
    keys: SrtpKeys | undefined,
    direction: Direction,
  ): string {
    const { address } = this.#socket.address()
    const formats = [...codecs.map((codec) => payloadTypes[codec]), ...(events === undefined ? [] : [events])]

    const described = [
      ...['s=-', `c=IN IP4 ${address}`, 't=0 0'],
      `m=audio ${this.port} RTP/${keys ? 'S' : ''}AVP ${formats.join(' ')}`,
      ...codecs.map((codec) => `a=rtpmap:${payloadTypes[codec]} ${codec}/8000`),
      ...(events === undefined ? [] : [`a=rtpmap:${events} telephone-event/8000`, `a=fmtp:${events} 0-15`]),
      ...(keys ? [`a=crypto:1 ${keys.suite} inline:${keys.inline.toString('base64')}`] : []),
      ...['a=ptime:20', `a=${direction}`, ''],
    ].join('\r\n')
    // RFC 3264 8: the version goes up with each change.
    if (described !== this.#described) this.#version++
    this.#described = described

    return `v=0\r\no=party ${this.#ssrc} ${this.#version} IN IP4 ${address}\r\n${described}`
  }
}

interface Description {
  address: string
  port: number
  formats: readonly number[]
  events: number | undefined
  direction: Direction
  keys: SrtpKeys | undefined
}

/** The first audio stream of a session description. */
function readDescription(sdp: string): Description {
  const media = /^m=audio (\d+) RTP\/S?AVPF? ([\d ]+)/m.exec(sdp)
  const address = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1]
  if (!media || address === undefined) throw new Error(`no audio stream in ${sdp}`)
  const events = /^a=rtpmap:(\d+) telephone-event\/8000/m.exec(sdp)?.[1]
  const crypto = Array.from(sdp.matchAll(/^a=crypto:\d+ (\S+) inline:([^|\s]+)/gm)).find(
    ([, suite = '']) => suite in srtpSuites,
  )

  return {
    address,
    port: Number(media[1]),
    formats: (media[2] ?? '').trim().split(' ').map(Number),
    events: events === undefined ? undefined : Number(events),
    direction: (/^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(sdp)?.[1] ?? 'sendrecv') as Direction,
    keys: crypto && { suite: crypto[1] as SrtpSuite, inline: Buffer.from(crypto[2] ?? '', 'base64') },
  }
}
