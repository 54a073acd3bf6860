/** Time as the engine sees it: handed in, so that tests run on a clock of their own. */
export interface Clock {
  /** Milliseconds since the epoch by the time that has passed: never backwards, never stepped. `wallTime` tells what to show. */
  now(): number
  /** Calls `fn` once, not before `ms` milliseconds have passed. */
  after(ms: number, fn: () => void): Timer
}

export interface Timer {
  /** Idempotent; after it, the timer's function is never called. */
  cancel(): void
}

/** A clock that others use too, with the timers of ours alone counted. */
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
