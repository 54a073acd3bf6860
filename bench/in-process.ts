/** Measurements that a process of its own makes, with the young generation of production. */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

/**
 * Runs a program of `bench/`, which prints one line of JSON on the standard error.
 * @throws with the output of the process when it fails
 */
export function measuredInProcess(program: string, options: readonly string[] = []): unknown {
  const { stderr } = spawnSync(
    process.execPath,
    ['--max-semi-space-size=64', ...options, resolve('dist/bench', program)],
    // Log lines are written, and read by nothing.
    { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' },
  )
  const line = /^\{"[^\n]*\}$/m.exec(stderr)?.[0]
  if (line === undefined) throw new Error(`${program} failed:\n${stderr}`)

  return JSON.parse(line) as unknown
}
