import type { Request, Response } from '../message/index.ts'
import type { Clock } from './clock.ts'
import type { Flow } from '../transport/flow.ts'
import type { TimerValues } from './timers.ts'

/** What a transaction is given: it knows no socket and no real clock. */
export interface Context {
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
