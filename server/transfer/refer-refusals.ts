import { defined } from '../../base/defined.ts'
import { retryAfterSeconds } from '../../engine/index.ts'
import type { SipResponse } from '../sip/stack.ts'
import type { TransferOutcome } from './outcome.ts'

/** What a final response to REFER itself, rather than a NOTIFY, says. */
export type ReferRefusal =
  | 'cannot' // The trunk does not take REFER: bridge, and remember.
  | 'not_now' // The trunk may take the next REFER: bridge.
  | 'not_there' // The response speaks of the destination: try the next one.

const meaning: Readonly<Record<number, ReferRefusal>> = {
  403: 'cannot', // Call transfer is switched off (Twilio, many SBCs).
  405: 'cannot', // Method Not Allowed.
  420: 'cannot', // Bad Extension.
  481: 'cannot', // Peers that keep no state for REFER say this of the method.
  488: 'cannot',
  489: 'cannot', // Bad Event: the trunk has no refer event package.
  501: 'cannot', // Not Implemented.
  603: 'cannot',
  404: 'not_there',
  410: 'not_there',
  416: 'not_there', // Unsupported URI Scheme.
  484: 'not_there',
  485: 'not_there',
  486: 'not_there',
  600: 'not_there',
  604: 'not_there',
}

/** A timeout, which counts as 408 (RFC 3261 8.1.3.1), says that the trunk does not take REFER. */
export function meaningOf(response: SipResponse): ReferRefusal {
  if (response.local && response.status === 408) return 'cannot'

  return meaning[response.status] ?? 'not_now'
}

/** For how many seconds a refusal holds for the trunk's next callers, too. */
export function secondsRemembered(response: SipResponse, referMemory: number): number {
  if (meaningOf(response) === 'cannot') return referMemory
  // RFC 3261 21.5.4: Retry-After says how long the trunk takes no requests.
  const seconds = response.status === 503 ? retryAfterSeconds(response) : undefined

  return Math.min(seconds ?? 0, referMemory)
}

/** The outcome of a REFER that was refused. */
export function refusedOutcome(response: SipResponse, fallback: 'invite' | 'none'): TransferOutcome {
  const there = meaningOf(response) !== 'not_there'

  return {
    result: 'failed',
    reason: 'refer_refused',
    code: response.status,
    ...defined({ local: response.local ? (true as const) : undefined }),
    then: there && fallback === 'invite' ? 'bridge' : 'next',
  }
}
