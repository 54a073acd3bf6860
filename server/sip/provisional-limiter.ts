import type { Clock } from '../../engine/index.ts'
import type { SipResponse } from './stack.ts'

/** How many provisional responses of one INVITE are acted on. */
const maxProvisionals = 100
/** A provisional response that says what was said before is acted on again after this long. */
const repeatIntervalMs = 10_000

/**
 * Which provisional responses of one INVITE are acted on: what is new, and once in a while what is not (RFC 3261 13.3.1.1 has
 * who rings for long say so each minute). A peer that sends thousands is not relayed one for one.
 */
export class ProvisionalLimiter {
  readonly #clock: Clock
  #taken = 0
  /** When each was acted on last, by all that it says. */
  readonly #last = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  admits(response: SipResponse): boolean {
    if (this.#taken >= maxProvisionals) return false
    const key = `${response.status} ${response.reason} ${response.header('To') ?? ''}\n${response.body}`
    const now = this.#clock.now()
    if (now - (this.#last.get(key) ?? -Infinity) < repeatIntervalMs) return false
    this.#last.set(key, now)
    this.#taken += 1

    return true
  }
}
