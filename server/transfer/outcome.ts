import { defined } from '../../base/defined.ts'
import type { TransferResult } from '../legs/views.ts'
import { noMediaServer } from '../sip/local-response.ts'
import type { SipResponse } from '../sip/stack.ts'

/** Why an attempt, and so a transfer, ended as it did: a bounded set, since it is a metric's label. */
export type TransferReason =
  // succeeded
  | 'answered' // The destination answered: a 2xx sipfrag, or its own 200 and the caller's.
  | 'returned' // The PBX took the call back.
  | 'bye_after_refer' // The caller's side said BYE after it had accepted the REFER (also unknown, by the trunk's setting).
  | 'joined' // Attended: the far ends of two calls of the agent were joined.
  // failed
  | 'busy'
  | 'declined'
  | 'declined_by_person' // The person who answered pressed the digit that declines the caller.
  | 'no_accept' // The destination answered, and no digit accepted the caller: a voicemail, or an IVR.
  | 'no_answer' // The destination has the call, may have rung, and has not answered.
  | 'no_response' // The destination has sent no response at all, not even 100.
  | 'target_down' // The destination is known to be down, or an operator has taken it out: passed over.
  | 'overflow' // The handoff, its trunk or every gateway has as many calls as its limit allows.
  | 'not_found'
  | 'unreachable'
  | 'refused'
  | 'refer_refused'
  | 'refer_not_supported'
  | 'media_refused'
  | 'media_unavailable' // The destination's media needs a media server, and none answers.
  | 'not_encrypted' // The handoff requires SRTP, and the caller has none.
  | 'not_secure' // The caller's call is sips, and the destination is neither sips nor TLS.
  | 'destination_hung_up'
  | 'no_such_dialog' // Attended: Replaces names no call of ours that is up (RFC 3891 3).
  | 'no_gateway' // The route is a number, and the trunk has no gateway for it.
  | 'premium_denied' // The number has a premium rate, which the trunk does not allow.
  | 'number_format' // The trunk's number_format has no way to write the number.
  | 'loop' // The destination is Baton itself.
  | 'redirected'
  | 'closed_by_switch' // An operator has closed or diverted the handoff: it was passed over.
  | 'route_incomplete' // The call lacks a variable of the handoff's route: it was passed over.
  | 'route_denied' // The handoff's route leads to a number that the project denies: it was passed over.
  | 'pool_exhausted' // All numbers of the handoff's pool are reserved: it was passed over.
  | 'deadline'
  | 'cancelled' // The agent or the API has called the transfer off.
  | 'hung_up_by_api'
  | 'shutdown'
  | 'max_duration' // The call has lasted as long as a call may.
  | 'connection_lost'
  | 'lost_in_restart' // A party had left when Baton took the call up again after a restart.
  | 'restarted' // Baton was restarted while it ran.
  | 'internal_error'
  // abandoned
  | 'caller_hung_up'
  // unknown
  | 'no_notify'
  | 'no_subscription' // The caller's side said that it would not report (RFC 4488).
  | 'bye_unanswered'
  | 'bye_refused'

/** How one attempt ended, and what is to be done next. The last attempt's outcome is that of the transfer. */
export interface TransferOutcome {
  result: TransferResult
  reason: TransferReason
  /** The SIP status that decided it. */
  code?: number
  /** For people: why there was no connection, or why a number could not be written. */
  detail?: string
  /** The status is Baton's own: no response came. */
  local?: true
  /** The destination had said that it rings (180 to 199). */
  rang?: true
  /** `bridge`: the same destination by INVITE; `next`: the next handoff; `stop`: this is the transfer's outcome. */
  then: 'stop' | 'bridge' | 'next'
}

/** The destination has the caller. */
export const answered: TransferOutcome = { result: 'succeeded', reason: 'answered', code: 200, then: 'stop' }
export const abandoned: TransferOutcome = { result: 'abandoned', reason: 'caller_hung_up', then: 'stop' }
export const cancelled: TransferOutcome = { result: 'failed', reason: 'cancelled', then: 'stop' }
export const internalError: TransferOutcome = { result: 'failed', reason: 'internal_error', then: 'stop' }
export const deadlinePassed: TransferOutcome = { result: 'failed', reason: 'deadline', then: 'stop' }

/** An outcome that gives the next destination its turn. */
export function failed(reason: TransferReason, code?: number): TransferOutcome {
  return { result: 'failed', reason, then: 'next', ...defined({ code }) }
}

/** The log level of each result, and the status of the agent's last sipfrag when no SIP status decided the outcome. */
const results = {
  succeeded: { logLevel: 'info', sipfragStatus: 200 },
  failed: { logLevel: 'warn', sipfragStatus: 503 },
  abandoned: { logLevel: 'info', sipfragStatus: 487 },
  unknown: { logLevel: 'warn', sipfragStatus: 408 },
} as const satisfies Record<TransferResult, { logLevel: 'info' | 'warn'; sipfragStatus: number }>

export function logLevelOf({ result }: TransferOutcome): 'info' | 'warn' {
  return results[result].logLevel
}

/** The status that the last sipfrag tells the agent. */
export function sipfragStatusOf({ result, reason, code }: TransferOutcome): number {
  if (result !== 'succeeded' && code !== undefined && code >= 300) return code

  return sipfragStatuses[reason] ?? results[result].sipfragStatus
}

/** The status of the agent's last sipfrag for outcomes that no SIP status decided. */
const sipfragStatuses: Readonly<Partial<Record<TransferReason, number>>> = {
  cancelled: 487,
  declined_by_person: 603,
  no_accept: 480,
}

const reasons: Readonly<Record<number, TransferReason>> = {
  404: 'not_found',
  408: 'no_answer',
  410: 'not_found',
  480: 'no_answer',
  484: 'not_found',
  486: 'busy',
  487: 'no_answer',
  503: 'unreachable',
  504: 'unreachable',
  600: 'busy',
  603: 'declined',
  604: 'not_found',
  607: 'declined',
}

/** The reason that the final response to an INVITE stands for. @param isHeard whether any response came, 100 included */
export function reasonOfResponse({ status, local, reason }: SipResponse, isHeard: boolean): TransferReason {
  if (local && reason === noMediaServer) return 'media_unavailable'

  return local && status === 408 && !isHeard ? 'no_response' : reasonOf(status)
}

/** The reason that a destination's final response stands for, or the sipfrag of one. */
export function reasonOf(status: number): TransferReason {
  if (status >= 300 && status < 400) return 'redirected'

  return reasons[status] ?? 'refused'
}
