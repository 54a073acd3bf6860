import type { SipResponse } from '../sip/stack.ts'
import type { TransferOutcome } from './outcome.ts'

/** What a refusal of REFER itself (not of the destination) means. */
export type ReferRefusal =
  | 'cannot' // This trunk does not do REFER: bridge, and remember.
  | 'not_now' // It might another time: bridge.
  | 'not_there' // It says something about the destination: try the next one.

const meaning: Readonly<Record<number, ReferRefusal>> = {
  403: 'cannot', // Call transfer is switched off (Twilio, many SBCs).
  405: 'cannot', // Method Not Allowed.
  420: 'cannot', // Bad Extension.
  481: 'cannot', // Peers that keep no state for REFER say this of the method.
  488: 'cannot',
  489: 'cannot', // Bad Event: it has no subscription to offer.
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

/** A refusal of REFER, read. A REFER that nobody answers is one that the trunk cannot do (RFC 3261 17.1.2.2). */
export function meaningOf(response: SipResponse): ReferRefusal {
  if (response.local && response.status === 408) return 'cannot'

  return meaning[response.status] ?? 'not_now'
}

/** For how many seconds a refusal speaks for the trunk's next callers, too. */
export function secondsRemembered(response: SipResponse, referMemory: number): number {
  if (meaningOf(response) === 'cannot') return referMemory
  // RFC 3261 21.5.4: it says itself how long it is not to be asked.
  const retryAfter = response.status === 503 ? parseInt(response.header('Retry-After') ?? '', 10) : 0

  return Math.min(Number.isNaN(retryAfter) ? 0 : retryAfter, referMemory)
}

/** The outcome over a REFER that was refused. */
export function refusedOutcome(response: SipResponse, fallback: 'invite' | 'none'): TransferOutcome {
  const there = meaningOf(response) !== 'not_there'

  return {
    result: 'failed',
    reason: 'refer_refused',
    code: response.status,
    ...(response.local && { local: true }),
    then: there && fallback === 'invite' ? 'bridge' : 'next',
  }
}
