/** The outcomes of transfers while a canary runs, in this process. */
import { judgeCanary, noTally, type Tally, type Verdict } from './canary.ts'
import type { Canary } from './record.ts'
import type { EnvironmentName } from '../project/schema.ts'

interface Watched {
  canary: Canary
  trial: Tally
  main: Tally
}

export class Canaries {
  readonly #watched = new Map<string, Watched>()

  /** Begins to count anew when the canary is another one, and forgets it when there is none. */
  watch(project: string, environment: EnvironmentName, canary: Canary | undefined): void {
    const key = `${project}/${environment}`
    const before = this.#watched.get(key)
    if (!canary) this.#watched.delete(key)
    else if (before?.canary.startedAt !== canary.startedAt || before.canary.version !== canary.version) {
      this.#watched.set(key, { canary, trial: { ...noTally }, main: { ...noTally } })
    }
  }

  /** Counts a transfer that ended, and says what is to be thought of the canary; undefined when there is none. */
  count(project: string, environment: string, version: number, outcome: 'succeeded' | 'failed'): Verdict | undefined {
    const watched = this.#watched.get(`${project}/${environment}`)
    if (!watched) return undefined
    const tally = version === watched.canary.version ? watched.trial : watched.main
    tally[outcome]++

    return judgeCanary(watched.canary, watched.trial, watched.main)
  }

  /** What has been counted. */
  tallies(project: string, environment: string): { trial: Tally; main: Tally } | undefined {
    const watched = this.#watched.get(`${project}/${environment}`)

    return watched && { trial: { ...watched.trial }, main: { ...watched.main } }
  }
}
