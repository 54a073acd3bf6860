import { directionsOf, mirrored, withDirection } from './session-state.ts'

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
