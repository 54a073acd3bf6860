import { parse, type MediaDescription, type SessionDescription } from 'sdp-transform'

/**
 * Whether a party that was offered one session must be told of another: `offered` is what it got, `answered` what its
 * new peer says now, `own` what it answered itself. Fewer codecs are no news to a party that did not choose them.
 */
export function mustBeTold(offered: string, answered: string, own: string): boolean {
  const before = mediaOf(offered)
  const now = mediaOf(answered)
  const mine = mediaOf(own)
  if (before.length !== now.length) return true

  return now.some((media, i) => {
    const chosen = mine[i]?.formats ?? []

    return media.way !== before[i]?.way || chosen.some((format) => !media.formats.includes(format))
  })
}

interface Media {
  /** Where and how media is received: all of it must match for it to arrive. */
  way: string
  /** Payload types. */
  formats: string[]
}

function mediaOf(sdp: string): Media[] {
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
