import { directionsOf, mirrored, refusesAllMedia, withDirection } from './session-state.ts'

/** One stream of a session description. */
interface SdpStream {
  type: string
  port: string
  protocol: string
  formats: readonly string[]
  text: string
}

/**
 * Answers an offer from the session that the offerer was sent last, when no other party can be asked (RFC 3264 6): the same
 * addresses and keys, the formats in common, and each direction as the offer and `willing` allow. Undefined without a stream
 * in common.
 *
 * @param willing the directions that Baton would answer with by itself; those of `own` when left out
 */
export function answerFrom(own: string, offer: string, willing = directionsOf(own)): string | undefined {
  const mine = streamsOf(own)
  const asked = directionsOf(offer)
  let agreed = 0
  const answers = streamsOf(offer).map((theirs, at) => {
    const ours = mine[at]
    const formats = ours?.formats.filter((format) => theirs.formats.includes(format)) ?? []
    const fits = ours?.type === theirs.type && ours.protocol === theirs.protocol && formats.length > 0
    if (!fits || ours.port === '0' || theirs.port === '0') return refusedStream(theirs)
    agreed += 1

    return withDirection(
      streamOf(ours, formats),
      commonDirection(willing[at] ?? 'sendrecv', mirrored[asked[at] ?? 'sendrecv']),
    )
  })

  return agreed === 0 ? undefined : sessionPart(own) + answers.join('')
}

/**
 * Why an answer is of no use, for people: no session, every stream refused, or no codec that was offered (RFC 3264 6).
 * Undefined for an answer that can be used.
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

/** The usual case, decided without parsing: the first stream is accepted with a static codec (RFC 3551 6) that was offered. */
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

function haveCodecInCommon(ours: SdpStream, theirs: SdpStream): boolean {
  // Many peers answer RTP/SAVP with RTP/AVP, against RFC 3264 6, and send plain RTP; the handoff's `encryption` decides.
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

function isSecure({ protocol }: SdpStream): boolean {
  return protocol.includes('SAVP')
}

const notCodecs = new Set(['telephone-event', 'cn', '13'])

/** The formats of a stream by the names that `a=rtpmap` gives to them: an answer may number dynamic ones anew (RFC 3264 6.1). */
function codecsOf({ formats, text }: SdpStream): string[] {
  const names = new Map<string | undefined, string | undefined>(staticNames)
  for (const [, format, name] of text.matchAll(/^a=rtpmap:(\d{1,3}) ([^/\s]{1,64})/gm)) names.set(format, name)

  return formats.map((format) => (names.get(format) ?? format).toLowerCase())
}

/** The names of the codecs that a session offers, in lower case. */
export function codecNames(sdp: string): string[] {
  return streamsOf(sdp).flatMap(codecsOf)
}

/** Static payload types that are often sent without `a=rtpmap` (RFC 3551 6). */
const staticNames: readonly (readonly [format: string, name: string])[] = [
  ['0', 'pcmu'],
  ['3', 'gsm'],
  ['8', 'pcma'],
  ['9', 'g722'],
  ['18', 'g729'],
]

function streamsOf(sdp: string): SdpStream[] {
  const [, ...sections] = sdp.split(/^(?=m=)/m)

  return sections.map((text) => {
    const [line = ''] = text.split(/\r?\n/, 1)
    const [type = '', port = '', protocol = '', ...formats] = line.slice(2).trim().split(/ +/)

    return { type, port, protocol, formats, text }
  })
}

function sessionPart(sdp: string): string {
  return sdp.split(/^(?=m=)/m, 1)[0] ?? ''
}

/** Our stream with the kept formats only. RFC 5763 5: an answerer is active or passive, not `actpass`. */
function streamOf({ type, port, protocol, formats, text }: SdpStream, kept: readonly string[]): string {
  const dropped = new Set(formats.filter((format) => !kept.includes(format)))
  const [, ...lines] = text.trimEnd().split(/\r?\n/)
  const attributes = lines
    .filter((line) => !dropped.has(/^a=(?:rtpmap|fmtp|rtcp-fb):(\S+)/.exec(line)?.[1] ?? ''))
    .map((line) => (line === 'a=setup:actpass' ? 'a=setup:active' : line))

  return [`m=${type} ${port} ${protocol} ${kept.join(' ')}`, ...attributes, ''].join('\r\n')
}

/** RFC 3264 6: a refused stream stands in the answer with port 0. */
function refusedStream({ type, protocol, formats }: SdpStream): string {
  return `m=${type} 0 ${protocol} ${formats.join(' ')}\r\n`
}

/** The direction that two directions of one stream, both seen from our side, have in common. */
function commonDirection(one: string, other = 'sendrecv'): string {
  const sends = [one, other].every((direction) => direction === 'sendrecv' || direction === 'sendonly')
  const receives = [one, other].every((direction) => direction === 'sendrecv' || direction === 'recvonly')
  if (sends) return receives ? 'sendrecv' : 'sendonly'

  return receives ? 'recvonly' : 'inactive'
}
