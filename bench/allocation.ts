/** `npm run bench -- --allocation`: what one call allocates, and whether that is more than a fifth above what is expected. */
import { measuredInProcess } from './in-process.ts'

/** KiB of a call, 13 of them for the journal that it outlives its process by: lower this with every change that makes calls cheaper. */
const expectedKiB = 114
const maxShare = 1.2

export interface Allocation {
  kibPerCall: number
  expectedKiB: number
  holds: boolean
}

/** @throws with the output of the process when its calls fail */
export function measureAllocation(): Allocation {
  const { bytesPerCall } = measuredInProcess('calls-in-memory.js') as { bytesPerCall: number }
  const kibPerCall = bytesPerCall / 1024

  return { kibPerCall, expectedKiB, holds: kibPerCall <= expectedKiB * maxShare }
}

export function allocationText({ kibPerCall, holds }: Allocation): string {
  const share = (kibPerCall / expectedKiB).toFixed(2)

  return `${kibPerCall.toFixed(1)} KiB per call, ${share} of the expected ${expectedKiB}: ${holds ? 'holds' : 'does not hold'}`
}
