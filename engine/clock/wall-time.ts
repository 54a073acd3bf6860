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
