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

const none: readonly never[] = []

/** The numbers of pools that a call has reserved: for its running transfer, or for the handoff under `agent_down`. */
export class ReservedNumbers {
  readonly #numbers: NumberReserver
  readonly #clock: Clock
  // Most calls reserve none, and have no list of their own.
  #reserved: readonly ReservedNumber[] = none
  /** Those that are held since they were released, each number once. */
  #held: readonly KeptNumber[] = none

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
    this.#reserved = [...this.#reserved, { number, hold: pool.hold ?? poolHoldSeconds, handoff }]
    reserved?.(number)

    return withRoute(step, number, traitsOf(trunk))
  }

  /** The number that is reserved for a handoff. */
  of(name: string): ReservedNumber | undefined {
    return this.#reserved.find(({ handoff }) => handoff === name)
  }

  /** Idempotent. @param wasCalled whether a handoff was called: its number is held for a while, others are free at once */
  release(wasCalled: (handoff: string) => boolean = () => true): void {
    const all = this.#reserved
    this.#reserved = none
    for (const reserved of all) {
      const { number, hold, handoff } = reserved
      const isHeld = wasCalled(handoff)
      this.#numbers.release(number, isHeld ? hold : 0)
      if (isHeld) this.#hold({ ...reserved, releasedAt: wallTime(this.#clock.now()) })
    }
  }

  /** As the next process needs them; undefined when there are none. */
  keep(): readonly KeptNumber[] | undefined {
    return this.#held.length + this.#reserved.length > 0 ? [...this.#held, ...this.#reserved] : undefined
  }

  /** Reserves again what the process before had reserved: for the transfer that goes on, or until the hold is over. */
  takeUp(kept: readonly KeptNumber[]): void {
    for (const number of kept) {
      if (number.releasedAt === undefined) this.#reserved = [...this.#reserved, number]
      else this.#hold(number)
      takeUpNumber(this.#numbers, number, this.#clock)
    }
  }

  #hold(held: KeptNumber): void {
    this.#held = [...this.#held.filter(({ number }) => number !== held.number), held]
  }
}

/** Reserves a number of the process before again: for as long as it is held, or until it is released. */
export function takeUpNumber(numbers: NumberReserver, { number, hold, releasedAt }: KeptNumber, clock: Clock): void {
  numbers.takeUp(number, releasedAt === undefined ? Infinity : momentOf(releasedAt, clock) + hold * 1000)
}
