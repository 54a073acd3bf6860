import type { Clock } from '../../engine/index.ts'

/** How often a request that met another one half-way is sent again. */
export const glareRetries = 4

/** RFC 3261 14.1: after a 491, who did not make the Call-ID waits 0 to 2 s. The caller made it. */
export function waitOutGlare(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(Math.random() * 2000, resolve))
}
