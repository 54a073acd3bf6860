/** Whether the version that some calls try is as good as the one it would replace, by the outcomes of their transfers. */
import type { Canary } from './record.ts'
import type { EnvironmentName } from '../schema/project-file.ts'

/** Transfers of one version that ended: those that the caller abandoned do not count. */
export interface Tally {
  succeeded: number
  failed: number
}

const noTally: Tally = { succeeded: 0, failed: 0 }

export type CanaryJudgement = { canary: 'wait' | 'good' } | { canary: 'bad'; why: string }

/** Per cent of success; undefined without any transfer. */
function successRate({ succeeded, failed }: Tally): number | undefined {
  const total = succeeded + failed

  return total === 0 ? undefined : (succeeded / total) * 100
}

/** Waits until both versions have `sample` transfers, then compares: `bad` when it is more than `tolerance` points worse. */
export function judgeCanary(
  { version, tolerance, sample }: Pick<Canary, 'version' | 'tolerance' | 'sample'>,
  trial: Tally,
  main: Tally,
): CanaryJudgement {
  const [ours, theirs] = [successRate(trial), successRate(main)]
  const enough = [trial, main].every(({ succeeded, failed }) => succeeded + failed >= sample)
  if (!enough || ours === undefined || theirs === undefined) return { canary: 'wait' }
  if (theirs - ours <= tolerance) return { canary: 'good' }

  return {
    canary: 'bad',
    why: `${Math.round(ours)} % of the transfers of version ${version} succeeded, against ${Math.round(theirs)} % of the version before`,
  }
}

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
  count(
    project: string,
    environment: string,
    version: number,
    outcome: 'succeeded' | 'failed',
  ): CanaryJudgement | undefined {
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
