import type { Clock } from '../clock/index.ts'
import type { Flow } from '../flow/index.ts'
import type { Request, Response } from '../message/index.ts'

/** The services of its layer that a transaction uses: no socket, and no real clock. */
export interface TransactionContext {
  readonly clock: Clock
  readonly timers: Readonly<TimerValues>
  send(message: Request | Response, flow: Flow): void
  /** Sends the same bytes again. */
  resend(text: string, flow: Flow): void
  /** Sends a CANCEL in a transaction of its own (RFC 3261 9.1). */
  sendCancel(cancel: Request, flow: Flow): void
  /** The transaction with this key has ended. */
  clientEnded(key: string): void
  serverEnded(key: string, mergeKey: string | undefined): void
  /**
   * A request has its final response: another request with its Call-ID, CSeq and From tag is a new attempt, not a merged
   * request (RFC 3261 8.2.2.2), since phones repeat the CSeq after a 401. A 2xx to an INVITE is not reported: a late fork
   * must not ring again.
   */
  answered(mergeKey: string | undefined): void
}

/** The user of a client transaction. Gets each response once, but each 2xx to an INVITE as often as it is received. */
export interface ClientUser {
  response(response: Response): void
  /** No final response came in time. The last event. */
  timeout(): void
  /** The request could not be sent. The last event. */
  transportError(): void
}

/** The user of a server transaction. */
export interface ServerUser {
  /** The user did not answer in time; an INVITE has been answered with 408. */
  timeout(): void
  /** A response could not be sent. */
  transportError(): void
}

/** RFC 3261 17.1.1.1, table 4: the values from which all timers follow, in milliseconds. */
export interface TimerValues {
  /** Estimate of the round-trip time. */
  t1: number
  /** The longest interval between retransmissions of a non-INVITE request or an INVITE response. */
  t2: number
  /** The longest time that a message stays in the network. */
  t4: number
  /** Timer C: how long an INVITE may go without any response after a provisional one (16.6; more than three minutes). */
  c: number
  /** After this time without another response an INVITE gets 100 Trying; 0: at once (17.2.1). */
  trying: number
}

export const defaultTimers: Readonly<TimerValues> = { t1: 500, t2: 4000, t4: 5000, c: 185_000, trying: 200 }

/** The input of an INVITE transaction's machine that a response of this status is. */
export function inputOf(status: number): 'provisional' | 'success' | 'failure' {
  if (status < 200) return 'provisional'

  return status < 300 ? 'success' : 'failure'
}
