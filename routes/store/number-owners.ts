/** Which environment a dialled number reaches. */
import { inSlices } from '../../base/slices.ts'
import { currentRelease } from '../versions/promotions.ts'
import { environmentNames, type EnvironmentName } from '../schema/project-file.ts'
import type { ServedProject } from './served.ts'

export interface NumberOwner {
  project: string
  environment: EnvironmentName
}

/** The numbers that one environment claims. */
interface Claim {
  readonly owner: NumberOwner
  /** Whether the environment runs a release. */
  readonly isRunning: boolean
  readonly numbers: readonly string[]
}

/**
 * Maps each number to the environment that it reaches, in turns of the event loop. Releases decide; a draft counts only for
 * an environment that runs no release yet, so that its calls are refused for that reason.
 */
export async function ownersOf(projects: Iterable<ServedProject>): Promise<Map<string, NumberOwner>> {
  const byName = [...projects].sort((a, b) => (a.record.project < b.record.project ? -1 : 1)).flatMap(claimsOf)
  const owners = new Map<string, NumberOwner>()
  for (const isRunning of [true, false]) {
    for (const { owner, numbers } of byName.filter((claim) => claim.isRunning === isRunning)) {
      await inSlices(numbers, (number) => {
        // When two projects have claimed a number at the same moment, every process gives it to the first by name.
        if (!owners.has(number)) owners.set(number, owner)
      })
    }
  }

  return owners
}

/** Whether two states of a project claim the same numbers for the same environments. */
export function haveSameNumbers(before: ServedProject | undefined, after: ServedProject): boolean {
  if (!before) return false
  const [old, now] = [claimsOf(before), claimsOf(after)]

  return old.length === now.length && old.every((claim, i) => isSameClaim(claim, now[i]))
}

function isSameClaim({ owner, isRunning, numbers }: Claim, other: Claim | undefined): boolean {
  return (
    owner.environment === other?.owner.environment &&
    isRunning === other.isRunning &&
    numbers.length === other.numbers.length &&
    numbers.every((number, i) => number === other.numbers[i])
  )
}

function claimsOf({ record, environments }: ServedProject): Claim[] {
  return environmentNames.flatMap((environment) => {
    const settings = currentRelease(record, environment)?.settings ?? record.environments[environment]
    const numbers = environments.get(environment)?.main.numbers ?? settings?.numbers ?? []
    const owner = { project: record.project, environment }

    return [{ owner, isRunning: record.promoted[environment] !== undefined, numbers }]
  })
}
