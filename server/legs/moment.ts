import { type Clock, wallTime } from '../../engine/index.ts'

/** A moment of the process before, by this process's clock: never after now, whatever the system's clock did meanwhile. */
export function momentOf(kept: number, clock: Clock): number {
  const now = clock.now()

  return Math.min(now, kept - (wallTime(now) - now))
}
