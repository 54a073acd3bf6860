/** Is the version that some calls try as good as the one it would replace? Decided on the outcomes of their transfers. */
import type { Canary } from './record.ts'

/** Transfers of one version that ended: those that the caller abandoned do not count. */
export interface Tally {
  succeeded: number
  failed: number
}

export const noTally: Tally = { succeeded: 0, failed: 0 }

export type Verdict = { canary: 'wait' | 'good' } | { canary: 'bad'; why: string }

/** Per cent of success; undefined without any transfer. */
export function successRate({ succeeded, failed }: Tally): number | undefined {
  const total = succeeded + failed

  return total === 0 ? undefined : (succeeded / total) * 100
}

/** Waits until both versions have `sample` transfers, then compares: `bad` when it is more than `tolerance` points worse. */
export function judgeCanary(
  { version, tolerance, sample }: Pick<Canary, 'version' | 'tolerance' | 'sample'>,
  trial: Tally,
  main: Tally,
): Verdict {
  const [ours, theirs] = [successRate(trial), successRate(main)]
  const enough = [trial, main].every(({ succeeded, failed }) => succeeded + failed >= sample)
  if (!enough || ours === undefined || theirs === undefined) return { canary: 'wait' }
  if (theirs - ours <= tolerance) return { canary: 'good' }

  return {
    canary: 'bad',
    why: `${Math.round(ours)} % of the transfers of version ${version} succeeded, against ${Math.round(theirs)} % of the version before`,
  }
}
