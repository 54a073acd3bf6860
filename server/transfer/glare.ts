import type { Clock } from '../../engine/index.ts'
import type { Leg } from '../calls/leg.ts'
import type { Role } from '../calls/views.ts'
import type { SipResponse } from '../sip/stack.ts'
import { statusLine } from './attempt.ts'

/** Who keeps what was heard. */
export type Note = (from: Role | 'baton', what: string) => void

/** What becomes of the answers to an offer. */
interface Heard {
  note: Note
  /** Whose answers they are. */
  who: Role
  /** What they answer; 'to the re-INVITE' when left out. */
  toWhat?: string
}

/** How often a request that met another one half-way is sent again. */
export const glareRetries = 4

/** RFC 3261 14.1: after a 491, who made the Call-ID waits 2.1 to 4 s, and the other side 0 to 2 s. */
export function waitOutGlare(clock: Clock, { isCalledByUs }: Leg): Promise<void> {
  const ms = isCalledByUs ? 2100 + Math.random() * 1900 : Math.random() * 2000

  return new Promise((resolve) => clock.after(ms, resolve))
}

/** Offer a party a session, and again while it says 491 and the session is still wanted. Resolves with its last word. */
export async function offerPastGlare(
  leg: Leg,
  sdp: string,
  clock: Clock,
  { note, who, toWhat = 'to the re-INVITE' }: Heard,
  isWanted: () => boolean,
): Promise<SipResponse> {
  for (let retry = 0; ; retry++) {
    const response = await leg.offer(sdp)
    note(response.local ? 'baton' : who, `${statusLine(response)} ${toWhat}`)
    if (response.status !== 491 || retry === glareRetries || !isWanted()) return response
    await waitOutGlare(clock, leg)
    if (!leg.up || !isWanted()) return response
  }
}
