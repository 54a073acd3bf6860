/** The engine's clock: an argument, so that tests bring a clock of their own. */
export interface Clock {
  /** Milliseconds since the epoch, monotonic: a stepped system clock does not change them. `wallTime` makes of them the time to show. */
  now(): number
  /** Calls `fn` once, not before `ms` milliseconds have passed. */
  after(ms: number, fn: () => void): Timer
}

export interface Timer {
  /** Idempotent; after it, the timer's function is never called. */
  cancel(): void
}

/** A view of a shared clock that counts, and can cancel, the timers that were started through it. */
export class CountingClock implements Clock {
  readonly #clock: Clock
  readonly #timers = new Set<Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#clock.now()
  }

  after(ms: number, fn: () => void): Timer {
    const inner = this.#clock.after(ms, () => {
      this.#timers.delete(timer)
      fn()
    })
    const timer: Timer = {
      cancel: () => {
        this.#timers.delete(timer)
        inner.cancel()
      },
    }
    this.#timers.add(timer)

    return timer
  }

  clear(): void {
    for (const timer of [...this.#timers]) timer.cancel()
  }
}
