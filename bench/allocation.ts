/**
 * `npm run bench -- --allocation`: what one call allocates, and what it keeps while it is up and idle, and whether either is
 * more than a fifth above what is expected.
 */
import { measuredInProcess } from './in-process.ts'

/** KiB of a call, 13 of them for the journal that it outlives its process by: lower this with every change that makes calls cheaper. */
const expectedKiB = 114
/** KiB that a call keeps once its transactions are over: lower this, too, with every change that makes it less. */
const expectedUpKiB = 8.9
const maxShare = 1.2

export interface Allocation {
  kibPerCall: number
  expectedKiB: number
  kibPerCallUp: number
  expectedUpKiB: number
  holds: boolean
}

/** @throws with the output of the process when its calls fail */
export function measureAllocation(): Allocation {
  const { bytesPerCall, bytesPerCallUp } = measuredInProcess('calls-in-memory.js') as {
    bytesPerCall: number
    bytesPerCallUp: number
  }
  const kibPerCall = bytesPerCall / 1024
  const kibPerCallUp = bytesPerCallUp / 1024
  const holds = kibPerCall <= expectedKiB * maxShare && kibPerCallUp <= expectedUpKiB * maxShare

  return { kibPerCall, expectedKiB, kibPerCallUp, expectedUpKiB, holds }
}

export function allocationText({ kibPerCall, kibPerCallUp, holds }: Allocation): string {
  const share = (kibPerCall / expectedKiB).toFixed(2)
  const shareUp = (kibPerCallUp / expectedUpKiB).toFixed(2)

  return [
    `${kibPerCall.toFixed(1)} KiB allocated per call, ${share} of the expected ${expectedKiB};`,
    `${kibPerCallUp.toFixed(1)} KiB kept by a call that is up, ${shareUp} of the expected ${expectedUpKiB}:`,
    holds ? 'holds' : 'does not hold',
  ].join(' ')
}
