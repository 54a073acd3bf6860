/** Comparisons of what a project has: versions, drafts, and the releases of its environments, against each other. */
import { RoutesError } from './schema/errors.ts'
import { environmentNamed, type EnvironmentName, type ReleaseSettings, type Table } from './schema/project-file.ts'
import type { Journal } from './store/journal.ts'
import { diffSettings, diffTables, type FieldChange } from './versions/diff.ts'
import type { ProjectRecord } from './versions/record.ts'
import { draftSettings, existingRelease } from './versions/release.ts'

/** A release by its number, or the drafts that a promotion would make a release from. */
export type ReleaseOrDraft = number | 'draft'

/** One side of a comparison. Only a release, or what a promotion would make one from, has settings. */
interface ComparedState {
  table: Table
  /** The digest of the table: the same for the same table. */
  digest: string
  version: number | 'draft'
  settings?: ReleaseSettings
}

/** What a release has, or what a promotion of the drafts would give it. Throws 404. */
export async function releaseState(
  journal: Journal,
  record: ProjectRecord,
  environment: EnvironmentName,
  of: ReleaseOrDraft,
): Promise<ComparedState> {
  if (of === 'draft') return { ...record.draft, version: of, settings: draftOf(record, environment) }
  const { settings, version } = existingRelease(record, environment, of)

  return { ...(await journal.version(record.project, version)), settings }
}

/** The settings that a promotion of the environment's draft would have. */
export function draftOf({ settings, environments }: ProjectRecord, environment: EnvironmentName): ReleaseSettings {
  return draftSettings(settings, environments[environment] ?? {})
}

/** Every difference from one state of an environment to another, of settings and of tables, field by field. */
export function releaseChanges(
  environment: EnvironmentName,
  before: ComparedState,
  after: ComparedState,
): FieldChange[] {
  const { version } = after
  // A draft that is the version whole would be that version again.
  const isSame = before.version === version || (version === 'draft' && before.digest === after.digest)
  const versions = { kind: 'changed', what: 'settings', name: environment, field: 'version' } as const

  return [
    ...(isSame ? [] : [{ ...versions, before: before.version, after: version }]),
    ...diffSettings(environment, before.settings ?? {}, after.settings ?? {}),
    ...diffTables(before.table, after.table),
  ]
}

/**
 * Every difference between two of: `draft`, a version's number, `live` (what runs there), `live:3` (a release) and
 * `live:draft` (what a promotion would make). Settings are compared where both sides have some. Throws 404.
 */
export async function compare(journal: Journal, project: string, from: string, to: string): Promise<FieldChange[]> {
  const record = await journal.record(project)
  const [before, after] = await Promise.all([named(journal, record, from), named(journal, record, to)])
  const settings =
    before.settings && after.settings ? diffSettings(to.split(':')[0] ?? to, before.settings, after.settings) : []

  return [...settings, ...diffTables(before.table, after.table)]
}

async function named(journal: Journal, record: ProjectRecord, name: string): Promise<ComparedState> {
  if (name === 'draft') return { ...record.draft, version: name }
  if (/^\d+$/.test(name)) return journal.version(record.project, Number(name))
  const [place = '', of] = name.split(':')
  const environment = environmentNamed(place)
  if (!environment || !(record.environments[environment] ?? record.promoted[environment])) {
    throw new RoutesError('unknown_environment', `project ${record.project} has no environment "${place}"`)
  }
  if (of === 'draft') return releaseState(journal, record, environment, of)
  const release = of === undefined ? record.promoted[environment]?.release : Number(of)
  if (release === undefined) {
    throw new RoutesError('unknown_release', `${environment} of ${record.project} runs nothing yet`)
  }

  return releaseState(journal, record, environment, release)
}
