/** `npm run bench -- --allocation`: what one call allocates, and whether that is more than a fifth above what is expected. */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

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
  const { stderr } = spawnSync(
    process.execPath,
    ['--max-semi-space-size=64', resolve('dist/bench/calls-in-memory.js')],
    // The log lines of the calls are written, and read by nothing.
    { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' },
  )
  const bytes = Number(/"bytesPerCall":(\d+)/.exec(stderr)?.[1])
  if (!(bytes > 0)) throw new Error(`The calls in memory failed:\n${stderr}`)
  const kibPerCall = bytes / 1024

  return { kibPerCall, expectedKiB, holds: kibPerCall <= expectedKiB * maxShare }
}

export function allocationText({ kibPerCall, holds }: Allocation): string {
  const share = (kibPerCall / expectedKiB).toFixed(2)

  return `${kibPerCall.toFixed(1)} KiB per call, ${share} of the expected ${expectedKiB}: ${holds ? 'holds' : 'does not hold'}`
}
