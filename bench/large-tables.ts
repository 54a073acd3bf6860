/** `npm run bench -- --tables`: what routing tables at the upper end cost, and whether calls would notice a change of them. */
import { measuredInProcess } from './in-process.ts'

/** What one number may take, processor time. */
const maxLookUpMicroseconds = 20
const maxStartSeconds = 3
/** The longest that calls may wait for a change of a table, processor time. */
const maxTurnMs = 15

export interface LargeTables {
  lookUpMicroseconds: number
  /** Of numbers that the trunk writes without a plus. */
  lookUpWithoutPlusMicroseconds: number
  startSeconds: number
  /** The longest turn of the event loop during each change. */
  longestTurnMs: Record<string, number>
  holds: boolean
}

/**
 * @param allowance how many times as long all may take: a test runs on slower machines, too
 * @throws with the output of the process when it fails
 */
export function measureLargeTables(allowance = 1): LargeTables {
  const found = measuredInProcess('tables-in-memory.js') as Omit<LargeTables, 'holds'>
  const holds =
    Math.max(found.lookUpMicroseconds, found.lookUpWithoutPlusMicroseconds) <= maxLookUpMicroseconds * allowance &&
    found.startSeconds <= maxStartSeconds * allowance &&
    Object.values(found.longestTurnMs).every((ms) => ms <= maxTurnMs * allowance)

  return { ...found, holds }
}

export function largeTablesText({ longestTurnMs, holds, startSeconds, ...lookUps }: LargeTables): string {
  const { lookUpMicroseconds: plain, lookUpWithoutPlusMicroseconds: withoutPlus } = lookUps
  const turns = Object.entries(longestTurnMs).map(([change, ms]) => `${change} ${ms.toFixed(1)}`)

  return [
    '100,000 numbers and 10,000 handoffs in ten projects, processor time:',
    `a number ${plain.toFixed(1)} µs, without its plus ${withoutPlus.toFixed(1)} µs (${maxLookUpMicroseconds}), start ${startSeconds.toFixed(1)} s (${maxStartSeconds})`,
    `longest turn, ms: ${turns.join(', ')} (${maxTurnMs}): ${holds ? 'holds' : 'does not hold'}`,
  ].join('\n')
}
