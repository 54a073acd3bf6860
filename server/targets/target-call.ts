import { isoTime } from '../../engine/index.ts'
import { causeOf, isOwnFault } from '../sip/local-response.ts'
import type { SipResponse } from '../sip/stack.ts'
import type { WatchedTarget } from './target.ts'

/** A target that gets no call now. */
export interface ClosedTarget {
  /** For people, such as `gateway sip:192.0.2.10 is down since 14:02 (no answer to OPTIONS)`. */
  readonly why: string
  /** An operator has taken it out: it gets no call, even where no other target is left. */
  readonly isTakenOut: boolean
  /** For the metrics. */
  readonly reason: 'target_down' | 'taken_out'
}

/** What calls use of the targets. */
export interface TargetHealth {
  /** Why a URI is to be passed over; undefined when it may be called. */
  closed(uri: string): ClosedTarget | undefined
  /** A call is not sent to a URI, for this reason. */
  refused(uri: string, reason: string): void
  /** An INVITE is sent to a URI; undefined when the configuration does not name it. */
  begin(uri: string): TargetCall | undefined
}

/** @param now milliseconds since the epoch, by the clock of the target */
export function closedTarget(target: WatchedTarget, now: number): ClosedTarget | undefined {
  const { closedBecause } = target
  if (closedBecause === undefined) return undefined
  const { kind, uri, state, since, isTakenOut } = target
  const words = { half_open: 'being tried by another call', draining: 'draining', disabled: 'disabled' } as const
  const how = state in words ? words[state as keyof typeof words] : 'down'

  return {
    why: `${kind} ${uri} is ${how} since ${timeOf(since, now)} (${closedBecause})`,
    isTakenOut,
    reason: isTakenOut ? 'taken_out' : 'target_down',
  }
}

/** `14:02` of a moment, and its date when that is not today's, in UTC as all times of Baton. */
function timeOf(moment: number, now: number): string {
  const [text, today] = [isoTime(moment), isoTime(now)]
  const time = text.slice(11, 16)

  return text.slice(0, 10) === today.slice(0, 10) ? time : `${text.slice(0, 10)} ${time}`
}

/** One call on a target, from its INVITE to its end: what it meets until then decides of the target's state. */
export class TargetCall {
  readonly #target: WatchedTarget
  #hasEnded = false

  constructor(target: WatchedTarget) {
    this.#target = target
    target.calls += 1
    target.begin()
  }

  /** A provisional response beyond 100 has come. */
  heard(response: SipResponse): void {
    if (!this.#hasEnded && !this.#target.isKnownWell) this.#target.noteAnswer(`${response.status} ${response.reason}`)
  }

  /**
   * The final response to the INVITE, from 200 on. Busy, declined, not found and the like are the callee's: they show that the
   * target is well. @param isHeard whether any response has come before, 100 included
   */
  responded(response: SipResponse, isHeard: boolean): void {
    const target = this.#target
    const { status, local } = response
    if (this.#hasEnded) return
    if (!local) {
      const retryAfterMs = status === 503 ? retryAfterOf(response) * 1000 : 0
      if (retryAfterMs > 0) {
        target.noteFailure(`503 ${response.reason} with Retry-After: ${retryAfterMs / 1000}`, retryAfterMs)
      } else this.heard(response)
    } else if (status === 408 && !isHeard) this.silent()
    else if (status === 503 && !isOwnFault(response)) target.noteFailure(causeOf(response) ?? 'no connection')
    else target.noteNothing()
  }

  /** No response has come to the INVITE in time, not even 100. */
  silent(): void {
    if (!this.#hasEnded) this.#target.noteFailure('no response to INVITE')
  }

  /** Idempotent: the leg has ended, or was never up. */
  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#target.calls -= 1
    this.#target.noteNothing()
  }
}

/** RFC 3261 20.33: delta-seconds, with a comment and parameters after it. */
function retryAfterOf(response: SipResponse): number {
  return Number(/^\d{1,9}/.exec(response.header('Retry-After')?.trim() ?? '')?.[0] ?? 0)
}
