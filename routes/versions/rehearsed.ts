/** The gate before an environment: which handoffs of a version have not been proved by a rehearsal. */
import { pointerTo, RoutesError, type Problem } from '../errors.ts'
import type { ProjectRecord, Version } from './record.ts'
import type { EnvironmentName } from '../project/schema.ts'

/** Rehearsals of how many tables are remembered. */
const kept = 100

/** The record with more handoffs that rehearsals have proved. They count for every version of the same content. */
export function withRehearsal(
  { rehearsed }: ProjectRecord,
  digest: string,
  handoffs: readonly string[],
  at: string,
): ProjectRecord['rehearsed'] {
  if (handoffs.length === 0) return rehearsed
  const proved = Object.fromEntries(handoffs.map((handoff) => [handoff, at]))
  const next = { ...rehearsed, [digest]: { ...rehearsed[digest], ...proved } }

  return Object.fromEntries(Object.entries(next).slice(-kept))
}

/** The active handoffs that no rehearsal of this content has proved. */
export function notRehearsed({ project, rehearsed }: ProjectRecord, { version, digest, table }: Version): Problem[] {
  const proved = rehearsed[digest] ?? {}

  return table.handoffs.flatMap(({ name, active }, i) =>
    active === false || Object.hasOwn(proved, name)
      ? []
      : [
          {
            pointer: pointerTo('handoffs', i),
            problem: `${name} has not been rehearsed`,
            hint: `npx baton rehearse ${project} ${name} --version ${version}`,
          },
        ],
  )
}

/** Throws 409, naming the handoffs that are missing, when the project asks for rehearsals in this environment. */
export function mustBeRehearsed(record: ProjectRecord, environment: EnvironmentName, version: Version): void {
  if (!record.settings.require_rehearsal?.includes(environment)) return
  const missing = notRehearsed(record, version)
  if (missing.length === 0) return
  const detail = `${environment} of ${record.project} takes only rehearsed versions (require_rehearsal); of version ${version.version} ${missing.length} ${missing.length === 1 ? 'handoff is' : 'handoffs are'} missing: npx baton rehearse ${record.project} --all --version ${version.version}`
  throw new RoutesError('not_rehearsed', detail, missing)
}
