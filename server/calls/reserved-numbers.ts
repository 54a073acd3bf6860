import type { Trunk } from '../../config/index.ts'
import { poolHoldSeconds, withRoute, type Step } from '../../routes/index.ts'
import { traitsOf } from '../legs/trunks.ts'
import type { NumberReserver } from '../limits/index.ts'

/** A number, and the handoff whose pool it is of. */
export interface ReservedNumber {
  readonly number: string
  readonly handoff: string
  /** Seconds for which it is held when it is released. */
  readonly hold: number
}

/** The numbers of pools that a call has reserved: for its running transfer, or for the handoff under `agent_down`. */
export class ReservedNumbers {
  readonly #numbers: NumberReserver
  readonly #reserved: ReservedNumber[] = []

  constructor(numbers: NumberReserver) {
    this.#numbers = numbers
  }

  /** The step with a number of its pool, in the format of the caller's trunk; undefined when all are taken. */
  reserve(step: Step, trunk: Trunk, reserved?: (number: string) => void): Step | undefined {
    const { pool, handoff } = step
    if (!pool) return step
    const number = this.#numbers.take(pool.numbers)
    if (number === undefined) return undefined
    this.#reserved.push({ number, hold: pool.hold ?? poolHoldSeconds, handoff })
    reserved?.(number)

    return withRoute(step, number, traitsOf(trunk))
  }

  /** The number that is reserved for a handoff. */
  of(name: string): ReservedNumber | undefined {
    return this.#reserved.find(({ handoff }) => handoff === name)
  }

  /** Idempotent. @param wasCalled whether a handoff was called: its number is held for a while, others are free at once */
  release(wasCalled: (handoff: string) => boolean = () => true): void {
    for (const { number, hold, handoff } of this.#reserved.splice(0)) {
      this.#numbers.release(number, wasCalled(handoff) ? hold : 0)
    }
  }
}
