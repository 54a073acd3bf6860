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
