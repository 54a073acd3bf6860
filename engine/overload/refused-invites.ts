import { BoundedMap } from '../bounded-map.ts'
import type { BadMessage } from '../message/index.ts'
import type { Clock } from '../transaction/clock.ts'

const maxRemembered = 50_000

/**
 * INVITEs that were refused without a transaction. A caller repeats one until it has heard the refusal (RFC 3261 17.1.1.2,
 * timer B): taken then, the repetition would ring an agent for a caller who has left.
 */
export class RefusedInvites {
  readonly #clock: Clock
  readonly #rememberMs: number
  /** By when each is forgotten; the oldest first. */
  readonly #until = new BoundedMap<number>(maxRemembered)

  /** @param rememberMs timer B: how long a caller may repeat an INVITE */
  constructor(clock: Clock, rememberMs: number) {
    this.#clock = clock
    this.#rememberMs = rememberMs
  }

  /** Whether any is remembered. */
  get isEmpty(): boolean {
    this.#forget(this.#clock.now())

    return this.#until.size === 0
  }

  has(invite: BadMessage): boolean {
    return this.#until.has(keyOf(invite))
  }

  add(invite: BadMessage): void {
    const now = this.#clock.now()
    this.#forget(now)
    this.#until.set(keyOf(invite), now + this.#rememberMs)
  }

  #forget(now: number): void {
    for (const [key, until] of this.#until) {
      if (until > now) break
      this.#until.delete(key)
    }
  }
}

function keyOf({ via, callId, cseq }: BadMessage): string {
  return `${via?.branch ?? ''} ${callId} ${cseq?.number ?? ''}`
}
