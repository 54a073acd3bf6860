/** Every change of a project, as a pure function of its record: the next record, and its history entry. */
import { randomUUID } from 'node:crypto'

import { defined } from '../../base/defined.ts'
import { diffSettings, diffTables, type FieldChange as Difference } from './diff.ts'
import { digestOf } from '../../base/canonical-json.ts'
import type { SourceText } from '../project/document.ts'
import { RoutesError, pointerTo, type Problem } from '../schema/errors.ts'
import type { Actor, HistoryEntry, ProjectRecord, Version } from './record.ts'
import { draftSettings } from './release.ts'
import {
  environmentNames,
  type EnvironmentName,
  type EnvironmentRecord,
  type ProjectFile,
  type Table,
} from '../schema/project-file.ts'

/** A change that has been decided and is not stored yet. */
export interface StoreChange {
  record: ProjectRecord
  /** The version that the change publishes. */
  version?: Version
}

export interface ChangeContext {
  actor: Actor
  /** Milliseconds since the epoch. */
  now: number
}

export type HistoryNote = Pick<
  HistoryEntry,
  'action' | 'environment' | 'before' | 'after' | 'releases' | 'changes' | 'forced' | 'verdict'
>

/** Characters of handoff names in the history entry of a rehearsal. */
const maxHandoffNamesLength = 500

/** Field changes that one history entry keeps. */
const maxHistoryChanges = 100

/** The record with one more revision and its history entry. */
export function changed(
  record: Omit<ProjectRecord, 'revision' | 'entry'> & { revision?: number },
  { actor, now }: ChangeContext,
  what: HistoryNote,
): ProjectRecord {
  const revision = (record.revision ?? 0) + 1
  const { who, from, why } = actor
  const { changes = [], ...note } = what
  const reason = why ? { why } : {}
  const entry: HistoryEntry = { id: revision, at: iso(now), who, from, ...reason, ...note }

  return { ...record, revision, entry: withChanges(entry, changes) }
}

/** The history entry with more field changes. */
export function withChanges(entry: HistoryEntry, more: readonly Difference[]): HistoryEntry {
  const changes = [...(entry.changes ?? []), ...more].slice(0, maxHistoryChanges)

  return changes.length === 0 ? entry : { ...entry, changes }
}

/** ISO 8601. */
export function iso(now: number): string {
  return new Date(now).toISOString()
}

/** Imports a project file: its table becomes the draft, its environments the drafts of their settings. No release changes. */
export function importProject(
  record: ProjectRecord | undefined,
  file: ProjectFile,
  source: SourceText,
  context: ChangeContext,
): StoreChange {
  const { project, environments, table: given, ...settings } = file
  // Audio files are uploaded, not written: a file without them keeps those of the draft.
  const audio = given.audio ?? record?.draft.table.audio
  const table: Table = { ...given, ...defined({ audio }) }
  const digest = digestOf(table)
  const base = record ?? {
    schema: 2 as const,
    project,
    lineage: randomUUID(),
    lastVersion: 0,
    promoted: {},
    releases: {},
    rehearsed: {},
  }
  const next = {
    ...base,
    settings,
    environments,
    draft: { table, digest },
    source: { ...source, digest: digestOf(file) },
  }

  const what: HistoryNote = { action: 'import', before: record?.draft.digest ?? null, after: digest }

  return { record: changed(next, context, { ...what, changes: draftChanges(record, next) }) }
}

/** The field changes between the drafts of two states of a project. */
function draftChanges(
  before: ProjectRecord | undefined,
  after: Pick<ProjectRecord, 'settings' | 'environments' | 'draft'>,
): Difference[] {
  const of = ({ settings, environments }: typeof after, name: EnvironmentName) =>
    environments[name] ? draftSettings(settings, environments[name]) : {}

  return [
    ...environmentNames.flatMap((name) => diffSettings(name, before ? of(before, name) : {}, of(after, name))),
    ...diffTables(before?.draft.table ?? { handoffs: [] }, after.draft.table),
  ]
}

/** A new draft of an environment's settings. */
export function saveSettings(
  record: ProjectRecord,
  environment: EnvironmentName,
  settings: EnvironmentRecord,
  context: ChangeContext,
): StoreChange {
  const next = { ...record, environments: { ...record.environments, [environment]: settings } }
  const [before, after] = [record.environments[environment], settings].map((one) => (one ? digestOf(one) : null))
  const what: HistoryNote = { action: 'settings', environment, before: before ?? null, after: after ?? null }

  return { record: changed(next, context, { ...what, changes: draftChanges(record, next) }) }
}

/** Restores a record that the store has lost, as a revision after both. */
export function restore(record: ProjectRecord, stored: number, context: ChangeContext): StoreChange {
  const revision = Math.max(record.revision, stored)
  const what: HistoryNote = { action: 'restore', before: stored || null, after: revision + 1 }

  return { record: changed({ ...record, revision }, context, what) }
}

/** A new draft. */
export function saveDraft(record: ProjectRecord, table: Table, context: ChangeContext): StoreChange {
  const digest = digestOf(table)
  const changes = diffTables(record.draft.table, table)
  const what: HistoryNote = { action: 'draft', before: record.draft.digest, after: digest, changes }

  return { record: changed({ ...record, draft: { table, digest } }, context, what) }
}

/**
 * Throws 412 when a draft is no longer the one that a change was made for.
 * @param what such as `the draft of demo`
 * @param digest of the present draft; undefined without one
 */
export function mustMatch(what: string, digest: string | undefined, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === digest) return
  throw new RoutesError('draft_changed', `${what} is now ${digest ?? 'gone'}, not ${ifMatch}: read it again`)
}

/**
 * Publishes the draft as a version. Each publication has a new number, even without a difference; equal digests show that
 * two versions are the same.
 */
export function publish(record: ProjectRecord, ifMatch: string | undefined, context: ChangeContext): StoreChange {
  mustMatch(`the draft of ${record.project}`, record.draft.digest, ifMatch)
  const number = record.lastVersion + 1
  const { who, from, why } = context.actor
  const version: Version = {
    project: record.project,
    version: number,
    digest: record.draft.digest,
    publishedAt: iso(context.now),
    by: who,
    from,
    ...(why && { message: why }),
    table: record.draft.table,
  }
  const what: HistoryNote = { action: 'publish', before: record.lastVersion || null, after: number }

  return { record: changed({ ...record, lastVersion: number }, context, what), version }
}

/** The result of a rehearsal of one handoff or of several. */
export interface RehearsalRecord {
  environment: EnvironmentName
  version: number | 'draft'
  /** The digest of the table that was rehearsed. */
  digest: string
  /** The handoffs that were tried, and those of them that passed. */
  handoffs: readonly string[]
  proved: readonly string[]
}

/** Records a rehearsal, passed or failed, in one history entry. */
export function rehearse(
  record: ProjectRecord,
  { environment, version, digest, handoffs, proved }: RehearsalRecord,
  context: ChangeContext,
): StoreChange {
  const rehearsed = withRehearsal(record, digest, proved, iso(context.now))
  const passed = handoffs.every((handoff) => proved.includes(handoff))
  const after = handoffs.join(', ').slice(0, maxHandoffNamesLength)
  const what: HistoryNote = {
    action: 'rehearse',
    environment,
    before: version,
    after,
    verdict: passed ? 'passed' : 'failed',
  }

  return { record: changed({ ...record, rehearsed }, context, what) }
}

/** Tables whose rehearsals a record keeps. */
const maxRehearsedTables = 100

/** Adds handoffs that passed a rehearsal. They count for every version with the same digest. */
function withRehearsal(
  { rehearsed }: ProjectRecord,
  digest: string,
  handoffs: readonly string[],
  at: string,
): ProjectRecord['rehearsed'] {
  if (handoffs.length === 0) return rehearsed
  const proved = Object.fromEntries(handoffs.map((handoff) => [handoff, at]))
  const next = { ...rehearsed, [digest]: { ...rehearsed[digest], ...proved } }

  return Object.fromEntries(Object.entries(next).slice(-maxRehearsedTables))
}

/** The active handoffs that have not passed a rehearsal in a version with this digest. */
function notRehearsed({ project, rehearsed }: ProjectRecord, { version, digest, table }: Version): Problem[] {
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
