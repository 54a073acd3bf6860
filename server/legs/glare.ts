import { type Clock, glareDelayMs, retryAfterSeconds } from '../../engine/index.ts'
import type { PartyLeg } from './party-leg.ts'
import type { PartyRole } from './views.ts'
import type { SipResponse } from '../sip/stack.ts'
import { statusLine } from './status-line.ts'

/** Keeps evidence: what a party has sent, or Baton has done. */
export type EvidenceNote = (from: PartyRole | 'baton', what: string) => void

/** How the responses to an offer are noted. */
interface OfferNotes {
  note: EvidenceNote
  /** The party that is offered the session. */
  who: PartyRole
  /** What the party answers; 'to the re-INVITE' when left out. */
  toWhat?: string
}

/** How often a request is sent again after 491. */
export const glareRetries = 4

/** RFC 3261 14.1: after a 491, the side that made the Call-ID waits 2.1 to 4 s, and the other side 0 to 2 s. */
export function waitOutGlare(clock: Clock, leg: PartyLeg): Promise<void> {
  return waitFor(clock, glareDelayMs(leg.isCalledByUs ? 'us' : 'peer'))
}

export function waitFor(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve))
}

/** RFC 3261 14.2: a party that serves another request names a pause of 0 to 10 s. */
const maxRetryAfterMs = 10_000

/**
 * How long to wait before a refused offer is made again: after 491 (RFC 3261 14.1), and after 500 (RFC 3261 14.2, RFC 3311
 * 5.2) or 503 (RFC 3261 21.5.4) as their Retry-After says. Undefined when the refusal is final.
 */
export function pauseBeforeNextOffer(
  response: Pick<SipResponse, 'status' | 'header'>,
  leg: Pick<PartyLeg, 'isCalledByUs'>,
) {
  if (response.status === 491) return glareDelayMs(leg.isCalledByUs ? 'us' : 'peer')
  if (response.status !== 500 && response.status !== 503) return undefined
  const ms = (retryAfterSeconds(response) ?? Infinity) * 1000

  return ms <= maxRetryAfterMs ? ms : undefined
}

/** Offers a party a session, and again while its refusal is temporary and the session is still wanted. Resolves with the final response. */
export async function offerPastGlare(
  leg: PartyLeg,
  sdp: string,
  clock: Clock,
  { note, who, toWhat = 'to the re-INVITE' }: OfferNotes,
  isWanted: () => boolean,
): Promise<SipResponse> {
  for (let retry = 0; ; retry++) {
    const response = await leg.offer(sdp)
    note(response.local ? 'baton' : who, `${statusLine(response)} ${toWhat}`)
    const pauseMs = pauseBeforeNextOffer(response, leg)
    if (pauseMs === undefined || retry === glareRetries || !isWanted()) return response
    await waitFor(clock, pauseMs)
    if (!leg.up || !isWanted()) return response
  }
}
