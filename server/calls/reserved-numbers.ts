import { momentOf, wallTime, type Clock } from '../../engine/index.ts'
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

/** A number as the next process needs it: JSON. */
export interface KeptNumber extends ReservedNumber {
  /** Milliseconds since the epoch, once its handoff was over: held from then on. */
  readonly releasedAt?: number
}

/** The numbers of pools that a call has reserved: for its running transfer, or for the handoff under `agent_down`. */
export class ReservedNumbers {
  readonly #numbers: NumberReserver
  readonly #clock: Clock
  readonly #reserved: ReservedNumber[] = []
  /** Those that are held since they were released, by number. */
  readonly #held = new Map<string, KeptNumber>()

  constructor(numbers: NumberReserver, clock: Clock) {
    this.#numbers = numbers
    this.#clock = clock
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
    for (const reserved of this.#reserved.splice(0)) {
      const { number, hold, handoff } = reserved
      const isHeld = wasCalled(handoff)
      this.#numbers.release(number, isHeld ? hold : 0)
      if (isHeld) this.#held.set(number, { ...reserved, releasedAt: wallTime(this.#clock.now()) })
    }
  }

  /** As the next process needs them; undefined when there are none. */
  keep(): readonly KeptNumber[] | undefined {
    return this.#held.size + this.#reserved.length > 0 ? [...this.#held.values(), ...this.#reserved] : undefined
  }

  /** Reserves again what the process before had reserved: for the transfer that goes on, or until the hold is over. */
  takeUp(kept: readonly KeptNumber[]): void {
    for (const number of kept) {
      if (number.releasedAt === undefined) this.#reserved.push(number)
      else this.#held.set(number.number, number)
      takeUpNumber(this.#numbers, number, this.#clock)
    }
  }
}

/** Reserves a number of the process before again: for as long as it is held, or until it is released. */
export function takeUpNumber(numbers: NumberReserver, { number, hold, releasedAt }: KeptNumber, clock: Clock): void {
  numbers.takeUp(number, releasedAt === undefined ? Infinity : momentOf(releasedAt, clock) + hold * 1000)
}
