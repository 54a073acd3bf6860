/** A clock is stepped (by NTP, by an administrator) when it parts by more than this from the time that has passed. */
const stepMs = 100
/** Steps that are remembered; a moment of one that is forgotten is told by the one before. */
const maxSteps = 64

/** From the moment `at` on, the system's clock shows `offset` milliseconds more than `monotonicNow()`. */
interface ClockStep {
  readonly at: number
  readonly offset: number
}

const steps: ClockStep[] = [{ at: -Infinity, offset: 0 }]

/** Milliseconds since the epoch by the clock as the process found it at its start: the time that passes, whatever the clock is set to. */
export function monotonicNow(): number {
  const now = passed()
  // A process that was paused between the two readings saw a step that is none: both clocks are read again.
  if (!isStep(now)) return now
  const again = passed()
  if (isStep(again)) steps.push({ at: again, offset: Date.now() - again })
  if (steps.length > maxSteps) steps.splice(1, 1)

  return again
}

/**
 * What the system's clock showed at a moment that `monotonicNow()` gave, for what people and other machines read. Durations are
 * differences of the moments themselves: a clock that is stepped changes none of them.
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
