/** Every change of a project, as a pure function of its record: what the record becomes, and what history says of it. */
import { randomUUID } from 'node:crypto'
import { digestOf } from './digest.ts'
import type { SourceText } from './document.ts'
import { RoutesError } from './errors.ts'
import type { Actor, HistoryEntry, ProjectRecord, Promotion, Version } from './record.ts'
import type { EnvironmentName, ProjectFile, Table } from './schema.ts'

/** A change that has been decided, but not stored. */
export interface Change {
  record: ProjectRecord
  /** A version that it publishes. */
  version?: Version
}

export interface Context {
  actor: Actor
  /** Milliseconds since the epoch. */
  now: number
}

type What = Pick<HistoryEntry, 'action' | 'environment' | 'before' | 'after'>

function changed(
  record: Omit<ProjectRecord, 'revision' | 'entry'> & { revision?: number },
  { actor, now }: Context,
  what: What,
): ProjectRecord {
  const revision = (record.revision ?? 0) + 1
  const { who, from, why } = actor
  const entry: HistoryEntry = { id: revision, at: iso(now), who, from, ...(why ? { why } : {}), ...what }

  return { ...record, revision, entry }
}

function iso(now: number): string {
  return new Date(now).toISOString()
}

/** A project file: its table becomes the draft, everything else takes effect. */
export function importProject(
  record: ProjectRecord | undefined,
  file: ProjectFile,
  source: SourceText,
  context: Context,
): Change {
  const { project, environments, table, ...settings } = file
  const digest = digestOf(table)
  const base = record ?? {
    schema: 1 as const,
    project,
    lineage: randomUUID(),
    lastVersion: 0,
    promoted: {},
    rehearsed: {},
  }
  const next = {
    ...base,
    settings,
    environments,
    draft: { table, digest },
    source: { ...source, digest: digestOf(file) },
  }

  return {
    record: changed(next, context, { action: 'import', before: record?.draft.digest ?? null, after: digest }),
  }
}

/** What memory knows and the store has lost: a revision after both. */
export function restore(record: ProjectRecord, stored: number, context: Context): Change {
  const revision = Math.max(record.revision, stored)
  const what: What = { action: 'restore', before: stored || null, after: revision + 1 }

  return { record: changed({ ...record, revision }, context, what) }
}

/** A new draft. Throws 412 when it is no longer the one that the change was made for. */
export function saveDraft(record: ProjectRecord, table: Table, ifMatch: string | undefined, context: Context): Change {
  mustMatch(record, ifMatch)
  const digest = digestOf(table)
  const what: What = { action: 'draft', before: record.draft.digest, after: digest }

  return { record: changed({ ...record, draft: { table, digest } }, context, what) }
}

function mustMatch({ project, draft }: ProjectRecord, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === draft.digest) return
  throw new RoutesError(
    'draft_changed',
    `the draft of ${project} is now ${draft.digest}, not ${ifMatch}: read it again`,
  )
}

/**
 * The draft as a version. Every publication makes a new number, also when nothing has changed: the digest says that two are
 * the same.
 */
export function publish(record: ProjectRecord, ifMatch: string | undefined, context: Context): Change {
  mustMatch(record, ifMatch)
  const number = record.lastVersion + 1
  const { who, from, why } = context.actor
  const version: Version = {
    project: record.project,
    version: number,
    digest: record.draft.digest,
    publishedAt: iso(context.now),
    by: who,
    from,
    ...(why ? { message: why } : {}),
    table: record.draft.table,
  }
  const what: What = { action: 'publish', before: record.lastVersion || null, after: number }

  return { record: changed({ ...record, lastVersion: number }, context, what), version }
}

/** How many earlier versions an environment can go back to. */
const earlierKept = 100

/** Another version for an environment. Throws 412 when its version is no longer the expected one (null: none). */
export function promote(
  record: ProjectRecord,
  environment: EnvironmentName,
  version: number,
  expected: number | null | undefined,
  context: Context,
): Change {
  const current = record.promoted[environment]
  const before = current?.version ?? null
  if (expected !== undefined && expected !== before) {
    const now = before === null ? 'no version' : `version ${before}`
    const detail = `${environment} of ${record.project} runs ${now}, not ${expected === null ? 'none' : `version ${expected}`}`
    throw new RoutesError('promotion_lost', `${detail}: look at its history, then promote again`)
  }
  const earlier = [...(current?.earlier ?? []), ...(before === null || before === version ? [] : [before])]
  const promotion: Promotion = { version, at: iso(context.now), earlier: earlier.slice(-earlierKept) }

  return withPromotion(record, environment, promotion, context, {
    action: 'promote',
    environment,
    before,
    after: version,
  })
}

/** The version that the environment had before. */
export function rollback(record: ProjectRecord, environment: EnvironmentName, context: Context): Change {
  const current = record.promoted[environment]
  const version = current?.earlier.at(-1)
  if (current === undefined || version === undefined) {
    throw new RoutesError(
      'nothing_to_roll_back',
      `${environment} of ${record.project} has had no version before this one`,
    )
  }
  const promotion: Promotion = { version, at: iso(context.now), earlier: current.earlier.slice(0, -1) }
  const what: What = { action: 'rollback', environment, before: current.version, after: version }

  return withPromotion(record, environment, promotion, context, what)
}

function withPromotion(
  record: ProjectRecord,
  environment: EnvironmentName,
  promotion: Promotion,
  context: Context,
  what: What,
): Change {
  const promoted = { ...record.promoted, [environment]: promotion }

  return { record: changed({ ...record, promoted }, context, what) }
}
