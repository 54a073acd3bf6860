/** Whether the version that some calls try is as good as the one it would replace, by the outcomes of their transfers. */
import type { Canary } from './record.ts'
import type { EnvironmentName } from '../schema/project-file.ts'

/** Transfers of one version that ended: those that the caller abandoned do not count. */
export interface CanaryTally {
  succeeded: number
  failed: number
}

const noTally: CanaryTally = { succeeded: 0, failed: 0 }

export type CanaryJudgement = { canary: 'wait' | 'good' } | { canary: 'bad'; why: string }

/** Per cent of success; undefined without a transfer. */
function successRate({ succeeded, failed }: CanaryTally): number | undefined {
  const total = succeeded + failed

  return total === 0 ? undefined : (succeeded / total) * 100
}

/** Waits until both versions have `sample` transfers, then compares: `bad` when it is more than `tolerance` points worse. */
export function judgeCanary(
  { version, tolerance, sample }: Pick<Canary, 'version' | 'tolerance' | 'sample'>,
  trial: CanaryTally,
  main: CanaryTally,
): CanaryJudgement {
  const [trialRate, mainRate] = [successRate(trial), successRate(main)]
  const isSampled = [trial, main].every(({ succeeded, failed }) => succeeded + failed >= sample)
  if (!isSampled || trialRate === undefined || mainRate === undefined) return { canary: 'wait' }
  if (mainRate - trialRate <= tolerance) return { canary: 'good' }

  return {
    canary: 'bad',
    why: `${Math.round(trialRate)} % of the transfers of version ${version} succeeded, against ${Math.round(mainRate)} % of the version before`,
  }
}

interface WatchedCanary {
  canary: Canary
  trial: CanaryTally
  main: CanaryTally
}

export class Canaries {
  readonly #watched = new Map<string, WatchedCanary>()

  /** Starts the count again for another canary, and forgets a canary that has ended. */
  watch(project: string, environment: EnvironmentName, canary: Canary | undefined): void {
    const key = `${project}/${environment}`
    const before = this.#watched.get(key)
    if (!canary) this.#watched.delete(key)
    else if (before?.canary.startedAt !== canary.startedAt || before.canary.version !== canary.version) {
      this.#watched.set(key, { canary, trial: { ...noTally }, main: { ...noTally } })
    }
  }

  /** Counts a transfer that ended, and judges the canary; undefined without one. */
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

  /** The outcomes so far; undefined without a canary. */
  tallies(project: string, environment: string): { trial: CanaryTally; main: CanaryTally } | undefined {
    const watched = this.#watched.get(`${project}/${environment}`)

    return watched && { trial: { ...watched.trial }, main: { ...watched.main } }
  }
}
