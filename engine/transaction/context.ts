import type { Clock } from '../clock/index.ts'
import type { Flow } from '../flow/index.ts'
import type { Request, Response } from '../message/index.ts'

/** What a transaction is given: it knows no socket and no real clock. */
export interface TransactionContext {
  readonly clock: Clock
  readonly timers: Readonly<TimerValues>
  send(message: Request | Response, flow: Flow): void
  /** The same bytes once more. */
  resend(text: string, flow: Flow): void
  /** Sends a CANCEL in a transaction of its own (RFC 3261 9.1). */
  sendCancel(cancel: Request, flow: Flow): void
  /** The transaction with this key is over. */
  clientEnded(key: string): void
  serverEnded(key: string, mergeKey: string | undefined): void
  /**
   * A request is no longer being answered, so that one like it is another attempt and no merged request (RFC 3261
   * 8.2.2.2): phones repeat the CSeq after a 401. A 2xx to an INVITE is not reported: a fork of it must not ring again.
   */
  answered(mergeKey: string | undefined): void
}

/** Who sent a request. Told of each response once, but of each 2xx to an INVITE as often as it comes. */
export interface ClientUser {
  response(response: Response): void
  /** No final response came in time. The last call. */
  timeout(): void
  /** The request could not be sent. The last call. */
  transportError(): void
}

/** Who answers a request. */
export interface ServerUser {
  /** Nobody answered in time; an INVITE has been answered with 408. */
  timeout(): void
  /** A response could not be sent. */
  transportError(): void
}

/** RFC 3261 17.1.1.1, table 4: the values from which all timers follow, in milliseconds. */
export interface TimerValues {
  /** Estimate of the round trip. */
  t1: number
  /** The longest interval between retransmissions of a non-INVITE request or an INVITE response. */
  t2: number
  /** The longest time that a message stays in the network. */
  t4: number
  /** Timer C: how long an INVITE may go without any response after a provisional one (16.6; more than three minutes). */
  c: number
  /** 100 Trying to an INVITE that nothing else has answered by then; 0: at once (17.2.1). */
  trying: number
}

export const defaultTimers: Readonly<TimerValues> = { t1: 500, t2: 4000, t4: 5000, c: 185_000, trying: 200 }

/** The input of an INVITE transaction's machine that a response of this status is. */
export function inputOf(status: number): 'provisional' | 'success' | 'failure' {
  if (status < 200) return 'provisional'

  return status < 300 ? 'success' : 'failure'
}
