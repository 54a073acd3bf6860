import type { SipDialogEnd, HeadersToSend } from '../sip/stack.ts'
import type { CallResult } from './views.ts'

/**
 * How a call came to its end. Every call has exactly one; it alone yields the SIP status that the caller gets, the
 * metric's labels and the level of the log line.
 */
export interface Termination {
  readonly result: CallResult
  /** A slug from a bounded set; it is a metric's label. */
  readonly reason: string
  /** The final response to the caller's INVITE, while it has had none. */
  readonly sipStatus: number
  readonly level: 'info' | 'warn' | 'error'
  readonly headers?: HeadersToSend
  /** Why nobody could be called, party by party, in words. */
  readonly detail?: string
  /** What our BYE says of it, for parties that have not been told by the other one (RFC 3326). */
  readonly bye?: HeadersToSend
}

const retryLater: HeadersToSend = [['Retry-After', '10']]

/** RFC 3326. */
function q850(cause: number, text: string): HeadersToSend {
  return [['Reason', `Q.850;cause=${cause};text="${text}"`]]
}

/** The ends of calls that were never answered. */
export const unanswered = {
  unknown_trunk: { result: 'rejected', reason: 'unknown_trunk', sipStatus: 403, level: 'warn' },
  unsupported_body: {
    ...{ result: 'rejected', reason: 'unsupported_body', sipStatus: 415, level: 'info' },
    headers: [
      ['Accept', 'application/sdp, multipart/mixed'],
      ['Accept-Encoding', 'identity'],
    ],
  },
  unknown_number: { result: 'rejected', reason: 'unknown_number', sipStatus: 404, level: 'warn' },
  no_version: { result: 'rejected', reason: 'no_version', sipStatus: 503, level: 'error', headers: retryLater },
  draining: { result: 'rejected', reason: 'draining', sipStatus: 503, level: 'info', headers: retryLater },
  no_agent: { result: 'failed', reason: 'no_agent', sipStatus: 503, level: 'warn', headers: retryLater },
  consult_forbidden: { result: 'rejected', reason: 'consult_forbidden', sipStatus: 403, level: 'info' },
  not_secure: {
    ...{ result: 'rejected', reason: 'not_secure', sipStatus: 488, level: 'warn' },
    // RFC 5630 5.3: no party of the call can be reached by the scheme that was asked for.
    headers: [['Warning', '380 baton "SIPS Not Allowed"']],
  },
  not_reached: { result: 'failed', reason: 'not_reached', sipStatus: 480, level: 'info' },
  cancelled: { result: 'abandoned', reason: 'cancelled', sipStatus: 487, level: 'info' },
  max_duration: { result: 'failed', reason: 'max_duration', sipStatus: 480, level: 'warn' },
  no_prack: { result: 'failed', reason: 'no_prack', sipStatus: 504, level: 'info', bye: q850(102, 'No PRACK') },
  hung_up_by_api: { result: 'rejected', reason: 'hung_up_by_api', sipStatus: 603, level: 'info' },
  connection_lost: { result: 'failed', reason: 'connection_lost', sipStatus: 503, level: 'error', headers: retryLater },
  internal_error: { result: 'failed', reason: 'internal_error', sipStatus: 500, level: 'error' },
} as const satisfies Record<string, Termination>

export type AnsweredReason =
  | 'hangup' // One of the parties said BYE.
  | 'transferred' // REFER or BYE took the caller elsewhere.
  | 'joined' // Attended: its far end is in another call of the agent now.
  | 'transfer_failed' // The agent had gone, and no destination could be had.
  | 'hung_up_by_api'
  | 'shutdown'
  | 'no_ack' // Nobody acknowledged our 200.
  | 'dialog_lost' // A party answered 408 or 481 in its dialog, or nothing at all.
  | 'session_expired'
  | 'keepalive_timeout' // A party of which nothing was heard for long did not answer OPTIONS.
  | 'max_duration'
  | 'connection_lost'
  | 'internal_error'

/** The Q.850 cause, and the words, of a BYE that ends a call for that reason; a party's own BYE brings its own. */
const causes: Record<Exclude<AnsweredReason, 'hangup'>, readonly [cause: number, text: string]> = {
  transferred: [16, 'Transferred'],
  joined: [16, 'Transferred'],
  transfer_failed: [31, 'Transfer failed'],
  hung_up_by_api: [16, 'Ended by the operator'],
  shutdown: [41, 'Shutting down'],
  no_ack: [102, 'No ACK'],
  dialog_lost: [41, 'Call does not exist any more'],
  session_expired: [102, 'Session expired'],
  keepalive_timeout: [102, 'No answer to OPTIONS'],
  max_duration: [102, 'Longest call'],
  connection_lost: [41, 'Out of reach of its server'],
  internal_error: [41, 'Internal error'],
}

/** The `Reason` of the BYE that ends a call for that reason; none for a hangup. */
export function byeReason(reason: AnsweredReason): HeadersToSend {
  if (reason === 'hangup') return []
  const [cause, text] = causes[reason]

  return q850(cause, text)
}

/** The end of a call that was answered. */
export function answered(reason: AnsweredReason): Termination {
  const level = reason === 'internal_error' ? 'error' : 'info'

  return { result: 'answered', reason, sipStatus: 200, level, bye: byeReason(reason) }
}

/** Why a call is over whose dialog ended so. */
export function reasonOfEnd(end: SipDialogEnd): AnsweredReason {
  if (end.by === 'peer') return 'hangup'

  return end.reason === 'ack_timeout' ? 'no_ack' : end.reason === 'refused' ? 'dialog_lost' : end.reason
}
