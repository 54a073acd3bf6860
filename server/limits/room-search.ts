import type { Guard } from '../guard.ts'
import { isFull, type FullLimit, type Lease, type RoomBook } from './limits.ts'
import type { LimitNeed } from './limit-need.ts'

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
  readonly #limits: RoomBook
  readonly #guard: Guard
  readonly #needsOf: (choice: Choice) => readonly LimitNeed[]
  #full: { choice: Choice; full: FullLimit }[] = []
  #lease: Lease | undefined
  #endWait: (() => void) | undefined

  /** @param guard runs the events of a wait, which the end of another call may bring */
  constructor(limits: RoomBook, guard: Guard, needsOf: (choice: Choice) => readonly LimitNeed[]) {
    this.#limits = limits
    this.#guard = guard
    this.#needsOf = needsOf
  }

  /** Whether a choice that was full may be waited for. */
  get mayWait(): boolean {
    return this.#full.some(({ full }) => queueOf(full) > 0)
  }

  /** Takes room for a choice, in the place of the one before. Returns why there is none. */
  take(choice: Choice): FullLimit | undefined {
    this.release()
    const taken = this.#limits.take(this.#needsOf(choice))
    if (!isFull(taken)) {
      this.#lease = taken

      return undefined
    }
    // Each gateway of a full trunk is refused for the same want of room.
    const isKnown = this.#full.some(({ full }) => full.need.key === taken.need.key)
    if (queueOf(taken) === 0 && !isKnown) this.#limits.noteRefusal(taken)
    this.#full.push({ choice, full: taken })

    return taken
  }

  /**
   * No choice is left that has room: waits for it in those whose full limit has a `queue`, for the longest of these. A choice
   * that is granted may fail: the others can be waited for again.
   * @returns false when none was full
   */
  waitForAny({ queued, granted, overflow }: RoomEvents<Choice>): boolean {
    const [first] = this.#full
    if (!first) return false
    const waiting = this.#full.filter(({ full }) => queueOf(full) > 0)
    const [foremost] = waiting
    this.#full = []
    if (!foremost) {
      overflow(first.full)

      return true
    }
    const seconds = Math.max(...waiting.map(({ full }) => queueOf(full)))
    queued(seconds)
    const expired = (): void => {
      this.#limits.noteRefusal(foremost.full)
      this.#guard.run(() => {
        overflow(foremost.full)
      })
    }
    this.#endWait = this.#limits.wait(
      {
        choices: waiting.map(({ choice }) => this.#needsOf(choice)),
        granted: (at, lease) => {
          const { choice } = waiting[at] ?? foremost
          this.#lease = lease
          this.#full = waiting.filter((each) => each.choice !== choice)
          this.#guard.run(() => granted(choice))
        },
        expired,
      },
      seconds,
    )

    return true
  }

  /** The call has been answered: its leg keeps the room until it ends. */
  keepBy(leg: { hold(lease: Lease): void }): void {
    this.#lease?.noteAnswered()
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

/** The seconds that a call waits for room in what is full; 0: none. */
function queueOf({ need: { limit } }: FullLimit): number {
  return limit.queue ?? 0
}
