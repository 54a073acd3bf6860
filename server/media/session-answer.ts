import { directionsOf, mirrored, refusesAllMedia, withDirection } from './session-state.ts'

/** One stream of a session description. */
interface Stream {
  type: string
  port: string
  protocol: string
  formats: readonly string[]
  text: string
}

/**
 * The answer to an offer from the session that the offerer was sent last, for when no other party can be asked (RFC 3264 6):
 * the same addresses and keys, formats that both have, and each direction as the offer and `willing` allow. Undefined when
 * they have no stream in common.
 *
 * @param willing what we would do with each stream by ourselves; `own`'s directions when left out
 */
export function answerFrom(own: string, offer: string, willing = directionsOf(own)): string | undefined {
  const mine = streamsOf(own)
  const asked = directionsOf(offer)
  let agreed = 0
  const answers = streamsOf(offer).map((theirs, at) => {
    const ours = mine[at]
    const formats = ours?.formats.filter((format) => theirs.formats.includes(format)) ?? []
    const fits = ours?.type === theirs.type && ours.protocol === theirs.protocol && formats.length > 0
    if (!fits || ours.port === '0' || theirs.port === '0') return refusal(theirs)
    agreed += 1

    return withDirection(streamOf(ours, formats), both(willing[at] ?? 'sendrecv', mirrored[asked[at] ?? 'sendrecv']))
  })

  return agreed === 0 ? undefined : sessionOf(own) + answers.join('')
}

/**
 * Why an answer cannot be used, for people: there is no session, each of its streams is refused, or none has a format that was
 * offered (RFC 3264 6). Undefined when it can be.
 *
 * @param offer '' when the answerer made the offer
 */
export function answerProblem(offer: string, answer: string): string | undefined {
  if (answer === '') return 'no session'
  if (takesFirstStream(offer, answer)) return undefined
  if (refusesAllMedia(offer, answer)) return 'refused all media'
  const offered = streamsOf(offer)
  const taken = streamsOf(answer)
  if (offered.every(({ port }) => port === '0') || taken.length === 0) return undefined
  const isCommon = taken.some((theirs, at) => {
    const ours = offered[at]

    return ours !== undefined && theirs.port !== '0' && haveCodecInCommon(ours, theirs)
  })

  return isCommon ? undefined : 'no codec in common'
}

/** The usual case, seen without reading the sessions: the first stream is taken, with a codec of RFC 3551 that was offered. */
function takesFirstStream(offer: string, answer: string): boolean {
  const [type, , protocol, ...offered] = firstStream(offer)
  const [sameType, port, sameProtocol, ...taken] = firstStream(answer)
  if (type === undefined || type !== sameType || protocol !== sameProtocol || port === '0') return false

  return taken.some((format) => isStaticCodec(format) && offered.includes(format))
}

function firstStream(sdp: string): string[] {
  const from = sdp.indexOf('\nm=') + 1
  const end = sdp.indexOf('\n', from)
  if (from === 0 || end === -1) return []

  return sdp
    .slice(from + 2, end)
    .trim()
    .split(' ')
}

function haveCodecInCommon(ours: Stream, theirs: Stream): boolean {
  // Many answer RTP/SAVP with RTP/AVP, against RFC 3264 6, and talk in the clear; whether that will do is the handoff's to say.
  if (ours.type !== theirs.type || (isSecure(theirs) && !isSecure(ours))) return false
  // Formats of T.38, MSRP or BFCP are no codecs.
  if (ours.type !== 'audio' && ours.type !== 'video') return true
  if (theirs.formats.some((format) => isStaticCodec(format) && ours.formats.includes(format))) return true
  const names = new Set(codecsOf(ours))

  return codecsOf(theirs).some((codec) => names.has(codec) && !notCodecs.has(codec))
}

/** RFC 3551 6; 13 is comfort noise. */
function isStaticCodec(format: string): boolean {
  return Number(format) < 96 && format !== '13'
}

function isSecure({ protocol }: Stream): boolean {
  return protocol.includes('SAVP')
}

const notCodecs = new Set(['telephone-event', 'cn', '13'])

/** The formats of a stream by the names that `a=rtpmap` gives to them: an answer may number dynamic ones anew (RFC 3264 6.1). */
function codecsOf({ formats, text }: Stream): string[] {
  const names = new Map<string | undefined, string | undefined>(staticNames)
  for (const [, format, name] of text.matchAll(/^a=rtpmap:(\d{1,3}) ([^/\s]{1,64})/gm)) names.set(format, name)

  return formats.map((format) => (names.get(format) ?? format).toLowerCase())
}

/** Static payload types that are often sent without `a=rtpmap` (RFC 3551 6). */
const staticNames: readonly (readonly [format: string, name: string])[] = [
  ['0', 'pcmu'],
  ['3', 'gsm'],
  ['8', 'pcma'],
  ['9', 'g722'],
  ['18', 'g729'],
]

function streamsOf(sdp: string): Stream[] {
  const [, ...sections] = sdp.split(/^(?=m=)/m)

  return sections.map((text) => {
    const [line = ''] = text.split(/\r?\n/, 1)
    const [type = '', port = '', protocol = '', ...formats] = line.slice(2).trim().split(/ +/)

    return { type, port, protocol, formats, text }
  })
}

function sessionOf(sdp: string): string {
  return sdp.split(/^(?=m=)/m, 1)[0] ?? ''
}

/** Our stream with those of its formats alone. RFC 5763 5: who answers is not `actpass` any more. */
function streamOf({ type, port, protocol, formats, text }: Stream, kept: readonly string[]): string {
  const dropped = new Set(formats.filter((format) => !kept.includes(format)))
  const [, ...lines] = text.trimEnd().split(/\r?\n/)
  const attributes = lines
    .filter((line) => !dropped.has(/^a=(?:rtpmap|fmtp|rtcp-fb):(\S+)/.exec(line)?.[1] ?? ''))
    .map((line) => (line === 'a=setup:actpass' ? 'a=setup:active' : line))

  return [`m=${type} ${port} ${protocol} ${kept.join(' ')}`, ...attributes, ''].join('\r\n')
}

/** RFC 3264 6: a stream that is refused has port 0, and stands in the answer all the same. */
function refusal({ type, protocol, formats }: Stream): string {
  return `m=${type} 0 ${protocol} ${formats.join(' ')}\r\n`
}

/** What two directions of one stream, both seen from our side, leave. */
function both(one: string, other = 'sendrecv'): string {
  const sends = [one, other].every((way) => way === 'sendrecv' || way === 'sendonly')
  const receives = [one, other].every((way) => way === 'sendrecv' || way === 'recvonly')

  return sends ? (receives ? 'sendrecv' : 'sendonly') : receives ? 'recvonly' : 'inactive'
}
