import { parse, type MediaDescription, type SessionDescription } from 'sdp-transform'

// Session descriptions are changed as text, so that lines that are not understood stay byte for byte.

/** The same session on hold: no media flows either way (RFC 3264 8.4). */
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
 * Whether a party's answer only mirrors the hold that it was offered (RFC 3264 6.1), and so does not show whether the party
 * holds the call itself.
 */
export function mirrorsHold(sent: string, received: string): boolean {
  if (!isHeld(sent) || !isHeld(received)) return false
  if (/^c=IN IP4 0\.0\.0\.0[ \t]*\r?$/m.test(sent)) return true
  const asked = directionsOf(sent)

  return directionsOf(received).every((direction, at) => direction === mirrored[asked[at] ?? 'sendrecv'])
}

/** The same session with media flowing both ways again. */
export function resumed(sdp: string): string {
  return withoutDirection(sdp)
}

/**
 * Whether an answer refuses every stream by port 0 (RFC 3264 6). The answer to an offer that has port 0 itself must have it,
 * too, and refuses nothing.
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

/** The direction of each stream: its own, else that of the session, else sendrecv (RFC 3264 5.1). */
export function directionsOf(sdp: string): string[] {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m)

  return media.map((section) => directionIn(section) ?? directionIn(session) ?? 'sendrecv')
}

function directionIn(section: string): string | undefined {
  return /^a=(sendrecv|sendonly|recvonly|inactive)[ \t]*\r?$/m.exec(section)?.[1]
}

export function withDirection(section: string, direction: string): string {
  return `${withoutDirection(section)}a=${direction}\r\n`
}

function withoutDirection(section: string): string {
  const kept = section.replace(/^a=(?:sendrecv|sendonly|recvonly|inactive)[ \t]*\r?\n?/gm, '')

  return kept === '' || kept.endsWith('\n') ? kept : `${kept}\r\n`
}

/**
 * Whether a party must be offered its far end's session again. Fewer codecs matter only where the party has chosen one that
 * is gone.
 * @param offered the session that the party was offered
 * @param present the far end's session now
 * @param own the party's own session
 */
export function needsNewOffer(offered: string, present: string, own: string): boolean {
  const before = streamsOf(offered)
  const now = streamsOf(present)
  const chosenBefore = streamsOf(own)
  if (before.length !== now.length) return true

  return now.some(({ transport, formats }, at) => {
    const chosen = chosenBefore[at]?.formats ?? []

    return transport !== before[at]?.transport || chosen.some((format) => !formats.includes(format))
  })
}

interface MediaStream {
  /** Address, direction and keys: media arrives only where all of them are right. */
  transport: string
  /** Payload types. */
  formats: string[]
}

function streamsOf(sdp: string): MediaStream[] {
  try {
    const session = parse(sdp)

    return session.media.map((media) => ({
      transport: transportOf(media, session),
      formats: media.payloads?.split(' ') ?? [],
    }))
  } catch {
    return [{ transport: sdp, formats: [] }]
  }
}

function transportOf(media: MediaDescription, session: SessionDescription): string {
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
