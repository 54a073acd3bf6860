import type { Guard } from '../guard.ts'
import { isFull, type FullLimit, type Lease, type Limits } from './limits.ts'
import { queueOf, type LimitNeed } from './limit-need.ts'

interface RoomEvents<Choice> {
  /** The call waits for so many seconds. */
  queued: (seconds: number) => void
  /** Room has been taken for this choice. */
  granted: (choice: Choice) => unknown
  /** Not even the wait has found room. */
  overflow: (full: FullLimit) => void
}

/** The room of one call: taken for one choice at a time, waited for where all are full, and handed on once the call is up. */
export class RoomSearch<Choice> {
  readonly #limits: Limits
  readonly #guard: Guard
  readonly #needsOf: (choice: Choice) => readonly LimitNeed[]
  #full: { choice: Choice; full: FullLimit }[] = []
  #lease: Lease | undefined
  #endWait: (() => void) | undefined

  /** @param guard runs the events of a wait, which the end of another call may bring */
  constructor(limits: Limits, guard: Guard, needsOf: (choice: Choice) => readonly LimitNeed[]) {
    this.#limits = limits
    this.#guard = guard
    this.#needsOf = needsOf
  }

  /** Takes room for a choice, in the place of the one before. Returns why there is none. */
  take(choice: Choice): FullLimit | undefined {
    this.release()
    const taken = this.#limits.take(this.#needsOf(choice))
    if (!isFull(taken)) {
      this.#lease = taken

      return undefined
    }
    if (queueOf(this.#needsOf(choice)) === 0) this.#limits.noteRefusal(taken)
    this.#full.push({ choice, full: taken })

    return taken
  }

  /**
   * No choice is left: waits for room in one of those that were full, for as long as their limits' `queue` says.
   * @returns false when none was full
   */
  waitForAny({ queued, granted, overflow }: RoomEvents<Choice>): boolean {
    const all = this.#full
    const [first] = all
    if (!first) return false
    this.#full = []
    const needs = all.map(({ choice }) => this.#needsOf(choice))
    const seconds = queueOf(needs.flat())
    if (seconds === 0) {
      overflow(first.full)

      return true
    }
    queued(seconds)
    const expired = (): void => {
      this.#limits.noteRefusal(first.full)
      this.#guard.run(() => {
        overflow(first.full)
      })
    }
    this.#endWait = this.#limits.wait(
      {
        choices: needs,
        granted: (at, lease) => {
          this.#lease = lease
          this.#guard.run(() => granted((all[at] ?? first).choice))
        },
        expired,
      },
      seconds,
    )

    return true
  }

  /** The call is up: its leg keeps the room until it ends. */
  keepBy(leg: { hold(lease: Lease): void }): void {
    if (this.#lease) leg.hold(this.#lease)
    this.#lease = undefined
  }

  /** Gives the room back, or ends the wait for it. Idempotent. */
  release(): void {
    this.#endWait?.()
    this.#endWait = undefined
    this.#lease?.release()
    this.#lease = undefined
  }
}
