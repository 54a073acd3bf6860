import type { TransferResult } from '../legs/views.ts'

/** Why an attempt, and so a transfer, came out as it did. A metric's label: a bounded set. */
export type TransferReason =
  // succeeded
  | 'answered' // The destination answered: a 2xx sipfrag, or its own 200 and the caller's.
  | 'returned' // The PBX took the call back.
  | 'bye_after_refer' // The caller's side said BYE after it had accepted the REFER (also unknown, by the trunk's setting).
  | 'joined' // Attended: the far ends of two calls of the agent were joined.
  // failed
  | 'busy'
  | 'declined'
  | 'no_answer' // It has the call, may have rung, and has not answered.
  | 'no_response' // It has sent no response at all, not even 100.
  | 'not_found'
  | 'unreachable'
  | 'refused'
  | 'refer_refused'
  | 'refer_not_supported'
  | 'media_refused'
  | 'not_encrypted' // The handoff requires SRTP, and the caller has none.
  | 'not_secure' // The caller's call is sips, and the destination is neither sips nor TLS.
  | 'destination_hung_up'
  | 'no_such_dialog' // Attended: Replaces names no call of ours that is up (RFC 3891 3).
  | 'no_gateway' // The route is a number, and the trunk has no gateway for it.
  | 'number_format' // The trunk's number_format has no way to write the number.
  | 'loop' // The destination is ourselves.
  | 'redirected'
  | 'deadline'
  | 'cancelled' // Whoever asked for it has called it off.
  | 'hung_up_by_api'
  | 'shutdown'
  | 'max_duration' // The call has lasted as long as a call may.
  | 'connection_lost'
  | 'internal_error'
  // abandoned
  | 'caller_hung_up'
  // unknown
  | 'no_notify'
  | 'no_subscription' // The caller's side said that it would not report (RFC 4488).
  | 'bye_unanswered'
  | 'bye_refused'

/** What became of one attempt, and what is to be done next. */
export interface TransferOutcome {
  result: TransferResult
  reason: TransferReason
  /** The SIP status that decided it. */
  code?: number
  /** What is known beside the status, in words: why there was no connection. */
  detail?: string
  /** The status is Baton's own: no response came. */
  local?: true
  /** The destination had said that it rings (180 to 199). */
  rang?: true
  /** `bridge`: the same destination by INVITE; `next`: the next handoff; `stop`: this is the transfer's outcome. */
  then: 'stop' | 'bridge' | 'next'
}

export const abandoned: TransferOutcome = { result: 'abandoned', reason: 'caller_hung_up', then: 'stop' }
export const cancelled: TransferOutcome = { result: 'failed', reason: 'cancelled', then: 'stop' }
export const internalError: TransferOutcome = { result: 'failed', reason: 'internal_error', then: 'stop' }
export const deadlinePassed: TransferOutcome = { result: 'failed', reason: 'deadline', then: 'stop' }

/** A outcome that gives the next destination its turn. */
export function failed(reason: TransferReason, code?: number): TransferOutcome {
  return { result: 'failed', reason, then: 'next', ...(code === undefined ? {} : { code }) }
}

/** What a destination's final response, or a sipfrag of it, says. */
export function reasonOf(status: number): TransferReason {
  if (status >= 300 && status < 400) return 'redirected'
  switch (status) {
    case 486:
    case 600:
      return 'busy'
    case 603:
    case 607:
      return 'declined'
    case 408:
    case 480:
    case 487:
      return 'no_answer'
    case 404:
    case 410:
    case 484:
    case 604:
      return 'not_found'
    case 503:
    case 504:
      return 'unreachable'
    default:
      return 'refused'
  }
}
