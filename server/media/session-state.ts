import { parse, type MediaDescription, type SessionDescription } from 'sdp-transform'

/** Looks at session descriptions as text, so that what is not understood stays byte for byte. */

/** The same session with no media flowing either way: on hold (RFC 3264 8.4). */
export function held(sdp: string): string {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m)
  const inactive = media.map((section) => withDirection(section, 'inactive'))

  return withoutDirection(session) + inactive.join('')
}

/** Whether a party that was sent this session hears nothing, or may say nothing: RFC 3264 8.4, and RFC 2543's 0.0.0.0. */
export function isHeld(sdp: string): boolean {
  return /^a=(?:sendonly|recvonly|inactive)[ \t]*\r?$/m.test(sdp) || /^c=IN IP4 0\.0\.0\.0[ \t]*\r?$/m.test(sdp)
}

/**
 * Whether what a party says does no more than agree to the hold that it was sent (RFC 3264 6.1): nothing is known then of
 * what it wishes itself.
 */
export function mirrorsHold(sent: string, said: string): boolean {
  if (!isHeld(sent) || !isHeld(said)) return false
  if (/^c=IN IP4 0\.0\.0\.0[ \t]*\r?$/m.test(sent)) return true
  const asked = directionsOf(sent)

  return directionsOf(said).every((direction, at) => direction === mirrored[asked[at] ?? 'sendrecv'])
}

/** The same session with media flowing both ways again. */
export function resumed(sdp: string): string {
  return withoutDirection(sdp)
}

/**
 * Whether an answer refuses every stream: port 0 (RFC 3264 6). An offer that has no stream with a port itself cannot be refused
 * so: its answer must have port 0, too.
 * @param offer '' when the answerer made the offer
 */
export function refusesAllMedia(offer: string, answer: string): boolean {
  return hasNoPort(answer) && !hasNoPort(offer)
}

function hasNoPort(sdp: string): boolean {
  const ports = [...sdp.matchAll(/^m=\S+ (\d+)/gm)].map(([, port]) => Number(port))

  return ports.length > 0 && ports.every((port) => port === 0)
}

/** The directions of an offer as its answerer sees them (RFC 3264 6.1). */
export const mirrored: Readonly<Record<string, string>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

/** Of each stream; RFC 3264 5.1: what a stream does not say itself the session says for it, and nothing is sendrecv. */
export function directionsOf(sdp: string): string[] {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m)

  return media.map((section) => directionIn(section) ?? directionIn(session) ?? 'sendrecv')
}

function directionIn(section: string): string | undefined {
  return /^a=(sendrecv|sendonly|recvonly|inactive)[ \t]*\r?$/m.exec(section)?.[1]
}

/** A stream with this direction. */
export function withDirection(section: string, direction: string): string {
  return `${withoutDirection(section)}a=${direction}\r\n`
}

function withoutDirection(section: string): string {
  const kept = section.replace(/^a=(?:sendrecv|sendonly|recvonly|inactive)[ \t]*\r?\n?/gm, '')

  return kept === '' || kept.endsWith('\n') ? kept : `${kept}\r\n`
}

/**
 * Whether a party that was offered one session must be told of another: `offered` is what it got, `answered` what its
 * new peer says now, `own` what it answered itself. Fewer codecs are no news to a party that did not choose them.
 */
export function needsNewOffer(offered: string, answered: string, own: string): boolean {
  const before = mediaOf(offered)
  const now = mediaOf(answered)
  const mine = mediaOf(own)
  if (before.length !== now.length) return true

  return now.some((media, i) => {
    const chosen = mine[i]?.formats ?? []

    return media.way !== before[i]?.way || chosen.some((format) => !media.formats.includes(format))
  })
}

interface MediaStream {
  /** Where and how media is received: all of it must match for it to arrive. */
  way: string
  /** Payload types. */
  formats: string[]
}

function mediaOf(sdp: string): MediaStream[] {
  try {
    const session = parse(sdp)

    return session.media.map((media) => ({ way: wayOf(media, session), formats: media.payloads?.split(' ') ?? [] }))
  } catch {
    return [{ way: sdp, formats: [] }]
  }
}

function wayOf(media: MediaDescription, session: SessionDescription): string {
  return JSON.stringify([
    media.type,
    media.protocol,
    media.port,
    (media.connection ?? session.connection)?.ip,
    // RFC 3264 6.1: no direction is sendrecv.
    media.direction ?? session.direction ?? 'sendrecv',
    media.crypto,
    media.fingerprint ?? session.fingerprint,
    media.iceUfrag ?? session.iceUfrag,
    media.icePwd ?? session.icePwd,
  ])
}
