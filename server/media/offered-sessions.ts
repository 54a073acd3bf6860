import type { Step } from '../../routes/index.ts'
import { type Anchor, bothAnchors } from './anchor.ts'
import { codecNames } from './session-answer.ts'
import { isEncrypted, withSrtp, withoutSrtp } from './srtp.ts'

/** A session that a leg is offered, and how it is anchored; undefined where media is direct. */
export interface OfferedSession {
  readonly sdp: string
  readonly anchor?: Anchor | undefined
  /** What a refusal of the session before it has given up: SRTP, or that both sides speak one codec. */
  readonly instead?: 'plain' | 'transcoded'
}

export interface OfferTerms {
  /** The caller's session; '' leaves the offer to the leg. */
  session: string
  encryption: Step['encryption']
  /** Whether the leg's peer has lately refused SRTP and taken plain RTP. */
  refusesSrtp: boolean
  /** Whether there is a media server; without one, all sessions are direct. */
  isAnchorable: boolean
  /** The reason to anchor the leg that does not depend on its answer. */
  anchor: Anchor | undefined
}

/** Codecs that a leg is offered beside the caller's, once it has refused these. */
const transcoded = ['PCMA', 'PCMU', 'G722', 'opus']

/**
 * The sessions that a leg is offered, one after the other as the one before is refused: the caller's, as SRTP or as plain RTP
 * by `encryption`, and with more codecs in the end. Empty when SRTP is required, and neither the caller nor a media server has it.
 */
export function offeredSessions({
  session,
  encryption,
  refusesSrtp,
  isAnchorable,
  anchor,
}: OfferTerms): OfferedSession[] {
  if (!isAnchorable) return directSessions(session, encryption, refusesSrtp)
  const secure = withSrtp(session)
  const isSecure = isEncrypted(secure)
  const asItIs: OfferedSession = { sdp: encryption === undefined ? session : secure, anchor }
  const asPlain: OfferedSession = { sdp: secure, anchor: bothAnchors(anchor, toPlain) }
  const offers: OfferedSession[] = []
  if (encryption === 'required' && !isSecure && session !== '') {
    offers.push({ sdp: session, anchor: bothAnchors(anchor, toSrtp) })
  } else if (encryption === 'none' && isSecure) offers.push(asPlain)
  else if (encryption === 'preferred' && isSecure) {
    offers.push(...(refusesSrtp ? [asPlain] : [asItIs, { ...asPlain, instead: 'plain' as const }]))
  } else offers.push(asItIs)
  const last = offers.at(-1)
  const names = new Set(codecNames(session))
  const transcode = transcoded.filter((codec) => !names.has(codec.toLowerCase()))
  if (last && session !== '' && transcode.length > 0) {
    const more: Anchor = { reason: 'codecs', terms: { transcode }, direct: undefined }
    offers.push({ sdp: last.sdp, anchor: bothAnchors(last.anchor, more), instead: 'transcoded' })
  }

  return offers
}

/**
 * The sessions that a party is offered while the caller waits for its answer, which must be in the profile that the caller has
 * offered (RFC 3264 6): only a media server may change it.
 * @param encryption that of a destination in an agent's place; an agent that refuses the caller's SRTP gets plain RTP by way of
 * a media server
 */
export function sessionsOfSetup(
  terms: Pick<OfferTerms, 'session' | 'isAnchorable' | 'anchor'>,
  encryption: Step['encryption'],
): OfferedSession[] {
  const { session, isAnchorable } = terms
  if (!isAnchorable) return encryption === 'required' && !isEncrypted(withSrtp(session)) ? [] : [{ sdp: session }]
  const offers = offeredSessions({ ...terms, encryption, refusesSrtp: false })
  if (encryption !== undefined || !isEncrypted(withSrtp(session))) return offers

  return [...offers.slice(0, 1), ...offeredSessions({ ...terms, encryption: 'none', refusesSrtp: false })]
}

/** Whether a party that is to have SRTP (`encryption: required`) has given this session without. */
export function lacksSrtp(encryption: Step['encryption'], session: string): boolean {
  return encryption === 'required' && !isEncrypted(session)
}

/** The caller's side keeps SRTP; without a media server, it may be asked to do without, too. */
const toPlain: Anchor = { reason: 'encryption', terms: { encryption: 'rtp' }, direct: withoutSrtp }
const toSrtp: Anchor = { reason: 'encryption', terms: { encryption: 'srtp' }, direct: undefined }

function directSessions(session: string, encryption: Step['encryption'], refusesSrtp: boolean): OfferedSession[] {
  // Each call passes here: its session is not looked into without need.
  if (encryption === undefined) return [{ sdp: session }]
  const plain = withoutSrtp(session)
  if (encryption === 'none') return [{ sdp: plain }]
  const secure = withSrtp(session)
  if (encryption === 'required') return isEncrypted(secure) ? [{ sdp: secure }] : []
  if (!isEncrypted(secure)) return [{ sdp: session }]

  return refusesSrtp ? [{ sdp: plain }] : [{ sdp: secure }, { sdp: plain, instead: 'plain' }]
}
