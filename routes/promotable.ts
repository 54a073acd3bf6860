/** What a release must meet before an environment runs it, beside the rules of its record: callable handoffs, free numbers. */
import { inSlices } from '../base/slices.ts'
import { pointerTo, RoutesError, type Problem } from './schema/errors.ts'
import type { SipSetup } from './plan/handoff-problems.ts'
import { lintCallable, lintLongHeaders } from './project/lint-trunks.ts'
import type { EnvironmentName, EnvironmentRecord, Table } from './schema/project-file.ts'
import type { Cache } from './store/cache.ts'
import type { NumberOwner } from './store/number-owners.ts'

/** A release that an operator wants an environment to run. */
interface WantedRelease {
  readonly project: string
  readonly environment: EnvironmentName
  readonly version: number
  readonly settings: EnvironmentRecord
  readonly table: Table
}

/**
 * Rejects with 409, naming the handoffs that the trunks and listeners of this Baton cannot call. Takes turns of the event
 * loop.
 */
export async function mustBeCallable(
  { project, environment, version, settings, table }: WantedRelease,
  sip: SipSetup,
): Promise<void> {
  const findings = await lintCallable(table, sip)
  const file = { environments: { [environment]: settings } }
  await inSlices(table.handoffs.entries(), ([i, handoff]) => {
    findings.push(...lintLongHeaders(handoff, file, (...path) => pointerTo('handoffs', i, ...path), sip))
  })
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const detail = `version ${version} of ${project} has handoffs that cannot be called; promote it to ${environment} all the same with \`force\` and a reason`
  throw new RoutesError('would_fail', detail, errors)
}

/** Throws 409, naming the numbers that another environment runs. */
export function mustBeFree(
  cache: Cache,
  project: string,
  environment: EnvironmentName,
  numbers: readonly string[] = [],
): void {
  const problems = numbers.flatMap((number, i): Problem[] => {
    const owner = runningOwner(cache, number)
    if (!owner || (owner.project === project && owner.environment === environment)) return []
    const hint = `take it out of the settings of ${owner.environment} and promote that first`

    return [
      {
        pointer: `/environments/${environment}/numbers/${i}`,
        problem: `${number} reaches ${owner.environment} of project ${owner.project}`,
        hint,
      },
    ]
  })
  if (problems.length === 0) return
  const detail = `${environment} of ${project} cannot have ${problems.length === 1 ? 'a number' : 'numbers'} that another environment runs`
  throw new RoutesError('number_taken', detail, problems)
}

/** The environment whose release has a number. */
function runningOwner(cache: Cache, number: string): NumberOwner | undefined {
  const owner = cache.owner(number, undefined)

  return owner && cache.get(owner.project)?.record.promoted[owner.environment] ? owner : undefined
}
