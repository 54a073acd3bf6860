import { isIP } from 'node:net'
import { isPrivateAddress, parseSipUri } from '../../engine/index.ts'
import { isScreened, type HandoffMedia } from '../../routes/index.ts'
import type { MediaTerms } from './media-port.ts'
import { held } from './session-state.ts'
import { sessionAddress, sessionTraits } from './session-traits.ts'

/** Why the media of a leg goes through a media server. */
export type AnchorReason =
  'encryption' | 'codecs' | 'ip_family' | 'nat' | 'recording' | 'announce' | 'accept' | 'hold_music'

export interface Anchor {
  readonly reason: AnchorReason
  /** How the leg's peer is offered the session of the caller's side. */
  readonly terms: MediaTerms
  /**
   * The session that the leg's peer is offered where no media server answers and MEDIA_FALLBACK lets media go between the
   * parties; undefined where the two sides could not talk so.
   */
  readonly direct: ((sdp: string) => string) | undefined
}

/** The facts, beside the descriptions themselves, that decide whether a leg is anchored. */
export interface AnchorFacts {
  /** The Request-URI of the leg's INVITE. */
  target: string
  /** The session of the caller's side; '' where the leg makes the offer. */
  session: string
  /** The address that the caller's INVITE came from; '' when it is not known. */
  source: string
  /** The media terms of the handoff; undefined for an agent. */
  media?: HandoffMedia | undefined
  /** Whether the caller may hear music in the place of this agent later. */
  hasHoldMusic?: boolean
  /** Whether the caller's talk with this party is to be recorded. */
  isRecorded?: boolean
}

/** The reason to anchor a leg that holds whatever its peer answers; undefined without one. */
export function anchorOf(facts: AnchorFacts): Anchor | undefined {
  const { target, session, source, media } = facts
  const host = parseSipUri(target)?.host.replace(/^\[|\]$/g, '') ?? ''
  const family = isIP(host) === 6 ? 'IP6' : 'IP4'
  if (session !== '' && isIP(host) !== 0 && family !== sessionTraits(session).family) {
    return { reason: 'ip_family', terms: { family }, direct: undefined }
  }
  if (isPrivateAddress(sessionAddress(session)) && source !== '' && !isPrivateAddress(source)) {
    return { reason: 'nat', terms: { isBehindNat: true }, direct: unchanged }
  }
  const reason = reasonOf(facts)

  // A person who has not accepted the caller hears nothing of it, and the caller nothing of the person.
  return reason && { reason, terms: {}, direct: media && isScreened(media) ? held : unchanged }
}

function unchanged(sdp: string): string {
  return sdp
}

function reasonOf({ isRecorded = false, hasHoldMusic = false, media }: AnchorFacts): AnchorReason | undefined {
  if (isRecorded) return 'recording'
  if (media?.announce) return 'announce'
  if (media?.accept) return 'accept'

  return hasHoldMusic ? 'hold_music' : undefined
}

/** The anchor for both reasons, under the name of the later one; undefined without any. */
export function bothAnchors(first: Anchor | undefined, second: Anchor | undefined): Anchor | undefined {
  if (!first || !second) return first ?? second
  const [one, other] = [first.direct, second.direct]
  const direct = one && other && ((sdp: string) => other(one(sdp)))

  return { reason: second.reason, terms: { ...first.terms, ...second.terms }, direct }
}
