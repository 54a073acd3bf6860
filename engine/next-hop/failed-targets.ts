import { BoundedMap } from '../bounded-map.ts'
import type { Clock } from '../clock/index.ts'
import { formatEndpoint, type Target } from '../flow/index.ts'

/** How long a target that has failed is tried last. */
const failedForMs = 30_000
const maxFailed = 1000

/** The targets that have failed lately, of next hops whose addresses the sender of a request does not know itself. */
export class FailedTargets {
  readonly #clock: Clock
  readonly #until = new BoundedMap<number>(maxFailed)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether any target has failed and not answered since. */
  get hasAny(): boolean {
    return this.#until.size > 0
  }

  /** The target did not answer, refused the connection, or sent 503: it is tried last for a while. */
  failed(target: Target): void {
    this.#until.set(keyOf(target), this.#clock.now() + failedForMs)
  }

  answered(target: Target): void {
    this.#until.delete(keyOf(target))
  }

  /** RFC 3263 4.3: those that have failed come last. */
  last(targets: readonly Target[]): readonly Target[] {
    if (targets.length < 2 || this.#until.size === 0) return targets
    const now = this.#clock.now()
    const hasFailed = (target: Target) => (this.#until.get(keyOf(target)) ?? 0) > now

    return [...targets.filter((target) => !hasFailed(target)), ...targets.filter(hasFailed)]
  }
}

const keyOf = (target: Target): string => `${target.transport}:${formatEndpoint(target)}`
