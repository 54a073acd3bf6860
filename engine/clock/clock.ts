/** The engine's clock: an argument, so that tests bring a clock of their own. */
export interface Clock {
  /** Milliseconds since the epoch, monotonic: a stepped system clock does not change them. `wallTime` makes of them the time to show. */
  now(): number
  /** Calls `fn` once, not before `ms` milliseconds have passed. */
  after(ms: number, fn: () => void): Timer
  /** As the other `after`, but `fn` gets `of`: the timers of messages and calls need no closures. */
  after<T>(ms: number, fn: (of: T) => void, of: T): Timer
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

  after<T>(ms: number, fn: (of: T) => void, of?: T): Timer {
    const inner = this.#clock.after(ms, () => {
      this.#timers.delete(timer)
      fn(of as T)
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

/** The system clock counts as stepped (by NTP, by an administrator) when it differs by more than this from the monotonic clock. */
const stepMs = 100
/** How many steps are kept; a moment within a forgotten step is shown by the step before it. */
const maxSteps = 64

/** From the moment `at` on, the system's clock shows `offset` milliseconds more than `monotonicNow()`. */
interface ClockStep {
  readonly at: number
  readonly offset: number
}

const steps: ClockStep[] = [{ at: -Infinity, offset: 0 }]

/** Milliseconds since the epoch by the system clock at the process's start plus the time passed since: later steps do not change them. */
export function monotonicNow(): number {
  const now = passed()
  // A pause of the process between the two readings looks like a step: both clocks are read again.
  if (!isStep(now)) return now
  const again = passed()
  if (isStep(again)) steps.push({ at: again, offset: Date.now() - again })
  if (steps.length > maxSteps) steps.splice(1, 1)

  return again
}

/**
 * The system clock's time at a moment of `monotonicNow()`, for logs, CDRs and APIs. Durations are differences of the moments
 * themselves, so that a step of the system clock does not change them.
 */
export function wallTime(moment: number): number {
  const step = steps.findLast(({ at }) => at <= moment)

  return moment + (step?.offset ?? 0)
}

/** A moment of the process before, by this process's clock: never after now, whatever the system's clock did meanwhile. */
export function momentOf(kept: number, clock: Clock): number {
  const now = clock.now()

  return Math.min(now, kept - (wallTime(now) - now))
}

/** A moment as ISO 8601 tells it, by the system's clock. */
export function isoTime(moment: number): string {
  return new Date(wallTime(moment)).toISOString()
}

function passed(): number {
  return performance.timeOrigin + performance.now()
}

function isStep(now: number): boolean {
  return Math.abs(Date.now() - now - (steps.at(-1)?.offset ?? 0)) > stepMs
}
