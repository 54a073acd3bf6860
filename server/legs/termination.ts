import { copyText, splitList } from '../../engine/index.ts'
import type { SipDialogEnd, HeadersToSend } from '../sip/stack.ts'
import { readable } from '../sip/text.ts'
import type { CallResult } from './views.ts'

/**
 * How a call ended. Every call has exactly one termination; it alone gives the SIP status that the caller gets, the labels of
 * the metric and the level of the log line.
 */
export interface Termination {
  readonly result: CallResult
  /** A slug from a bounded set: a label of a metric. */
  readonly reason: string
  /** The final response to the caller's INVITE, if it has had none. */
  readonly sipStatus: number
  readonly level: 'info' | 'warn' | 'error'
  readonly headers?: HeadersToSend
  /** Why no party answered, party by party, in words. */
  readonly detail?: string
  /** Headers of the BYE to a party, unless the other party has sent its own reason (RFC 3326). */
  readonly byeHeaders?: HeadersToSend
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
  overflow: { result: 'rejected', reason: 'overflow', sipStatus: 503, level: 'warn', headers: retryLater },
  no_agent: { result: 'failed', reason: 'no_agent', sipStatus: 503, level: 'warn', headers: retryLater },
  consult_forbidden: { result: 'rejected', reason: 'consult_forbidden', sipStatus: 403, level: 'info' },
  not_secure: {
    ...{ result: 'rejected', reason: 'not_secure', sipStatus: 488, level: 'warn' },
    // RFC 5630 5.3: no party of the call can be reached by the scheme of the request.
    headers: [['Warning', '380 baton "SIPS Not Allowed"']],
  },
  not_reached: { result: 'failed', reason: 'not_reached', sipStatus: 480, level: 'info' },
  cancelled: { result: 'abandoned', reason: 'cancelled', sipStatus: 487, level: 'info' },
  max_duration: { result: 'failed', reason: 'max_duration', sipStatus: 480, level: 'warn' },
  no_prack: { result: 'failed', reason: 'no_prack', sipStatus: 504, level: 'info', byeHeaders: q850(102, 'No PRACK') },
  hung_up_by_api: { result: 'rejected', reason: 'hung_up_by_api', sipStatus: 603, level: 'info' },
  connection_lost: { result: 'failed', reason: 'connection_lost', sipStatus: 503, level: 'error', headers: retryLater },
  lost_in_restart: { result: 'failed', reason: 'lost_in_restart', sipStatus: 503, level: 'error', headers: retryLater },
  internal_error: { result: 'failed', reason: 'internal_error', sipStatus: 500, level: 'error' },
} as const satisfies Record<string, Termination>

export type AnsweredReason =
  | 'hangup' // A party sent BYE.
  | 'transferred' // REFER or BYE moved the caller out of Baton.
  | 'joined' // An attended transfer moved the far end to another call of the agent.
  | 'transfer_failed' // The agent had left, and no destination took the caller.
  | 'hung_up_by_api'
  | 'shutdown'
  | 'no_ack' // The 200 to a party was never acknowledged.
  | 'dialog_lost' // A party answered 408 or 481 in its dialog, or did not answer.
  | 'session_expired'
  | 'keepalive_timeout' // A silent party did not answer OPTIONS.
  | 'max_duration'
  | 'connection_lost'
  | 'lost_in_restart' // A party had left when Baton took the call up again after a restart.
  | 'internal_error'

/** The Q.850 cause and text of the BYE for each reason; a party's own BYE brings its own. */
const byeCauses: Record<Exclude<AnsweredReason, 'hangup'>, readonly [cause: number, text: string]> = {
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
  lost_in_restart: [41, 'Lost in a restart'],
  internal_error: [41, 'Internal error'],
}

/** The `Reason` of the BYE that ends a call for this reason; none for a hangup. */
export function byeReason(reason: AnsweredReason): HeadersToSend {
  if (reason === 'hangup') return []
  const [cause, text] = byeCauses[reason]

  return q850(cause, text)
}

/** The end of a call that was answered. */
export function answered(reason: AnsweredReason): Termination {
  const level = reason === 'internal_error' ? 'error' : 'info'

  return { result: 'answered', reason, sipStatus: 200, level, byeHeaders: byeReason(reason) }
}

/** Why a call is over whose dialog has ended in this way. */
export function reasonOfEnd(end: SipDialogEnd): AnsweredReason {
  if (end.by === 'peer') return 'hangup'
  if (end.reason === 'ack_timeout') return 'no_ack'

  return end.reason === 'refused' ? 'dialog_lost' : end.reason
}

/** The end of a call in its record: a Q.850 cause, and the Reason header (RFC 3326) if there was one. */
export interface ReleaseCause {
  readonly cause: number
  readonly reason?: string
}

/** Bounds all Reason values together, in characters. */
const maxReasonLength = 256

/**
 * The cause in the Reason of a party, else of Baton's BYE; without one, the cause for the status that the caller got
 * (RFC 3398 8.2.6.1), and normal clearing for a BYE (RFC 3398 10.1).
 * @param received headers of the message that ended the call
 */
export function releaseCause(
  { result, sipStatus, byeHeaders = [] }: Termination,
  received: HeadersToSend,
): ReleaseCause {
  const headers = received.length > 0 ? received : byeHeaders
  const values = headers.filter(([name]) => name === 'Reason').map(([, value]) => value)
  const reason = values.join(', ').slice(0, maxReasonLength)
  const cause = causeIn(reason) ?? (result === 'answered' ? normalClearing : causeOf(sipStatus))

  return reason === '' ? { cause } : { cause, reason: copyText(readable(reason)) }
}

/** The first Q.850 cause of a Reason. */
function causeIn(reason: string): number | undefined {
  for (const value of splitList(reason)) {
    const [protocol = '', ...parameters] = value.split(';').map((part) => part.trim())
    if (protocol.toUpperCase() !== 'Q.850') continue
    for (const parameter of parameters) {
      const [name = '', number = ''] = parameter.split('=').map((part) => part.trim())
      const cause = Number(number)
      if (name.toLowerCase() === 'cause' && Number.isInteger(cause) && cause >= 1 && cause <= 127) return cause
    }
  }

  return undefined
}

const normalClearing = 16
const interworking = 127

/** RFC 3398 8.2.6.1. That table leaves 488 and 606 to Warning: here they are incompatible destinations. 487 follows a CANCEL. */
const statusCauses: Readonly<Record<number, number>> = {
  ...{ 400: 41, 401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 413: 127, 414: 127 },
  ...{ 415: 79, 416: 127, 420: 127, 421: 127, 423: 127, 480: 18, 481: 41, 482: 25, 483: 25, 484: 28, 485: 1, 486: 17 },
  ...{ 487: normalClearing, 488: 88, 500: 41, 501: 79, 502: 38, 503: 41, 504: 102, 505: 127, 513: 127 },
  ...{ 600: 17, 603: 21, 604: 1, 606: 88 },
}

function causeOf(sipStatus: number): number {
  return statusCauses[sipStatus] ?? interworking
}
