/** Every change of a project, as a pure function of its record: what the record becomes, and what history says of it. */
import { randomUUID } from 'node:crypto'
import { digestOf } from './digest.ts'
import type { SourceText } from '../project/document.ts'
import { RoutesError } from '../errors.ts'
import type { Actor, Canary, HistoryEntry, ProjectRecord, Promotion, Version } from './record.ts'
import { withRehearsal } from './rehearsed.ts'
import type { EnvironmentName, ProjectFile, Table } from '../project/schema.ts'

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

/** A new draft. */
export function saveDraft(record: ProjectRecord, table: Table, context: Context): Change {
  const digest = digestOf(table)
  const what: What = { action: 'draft', before: record.draft.digest, after: digest }

  return { record: changed({ ...record, draft: { table, digest } }, context, what) }
}

/** Throws 412 when the draft is no longer the one that a change was made for. */
export function mustMatch({ project, draft }: ProjectRecord, ifMatch: string | undefined): void {
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

/** A handoff of a table has been proved by a rehearsal. */
export function rehearse(
  record: ProjectRecord,
  version: number,
  digest: string,
  handoff: string,
  context: Context,
): Change {
  const rehearsed = withRehearsal(record, digest, handoff, iso(context.now))
  const what: What = { action: 'rehearse', before: version, after: handoff }

  return { record: changed({ ...record, rehearsed }, context, what) }
}

/** How many earlier versions an environment can go back to. */
const earlierKept = 100

/** The version that an environment is expected to run; null: none, undefined: any. */
type Expected = number | null | undefined

/** Another version for an environment, for all of its calls. Throws 412 when its version is no longer the expected one. */
export function promote(
  record: ProjectRecord,
  environment: EnvironmentName,
  version: number,
  expected: Expected,
  context: Context,
): Change {
  const current = record.promoted[environment]
  const before = current?.version ?? null
  mustRun(record, environment, expected)
  const earlier = [...(current?.earlier ?? []), ...(before === null || before === version ? [] : [before])]
  const promotion: Promotion = { version, at: iso(context.now), earlier: earlier.slice(-earlierKept) }

  return withPromotion(record, environment, promotion, context, {
    action: 'promote',
    environment,
    before,
    after: version,
  })
}

/** How a version is tried on a share of calls. */
export interface CanaryWish {
  /** Share of the calls, in per cent. */
  percent: number
  /** Points by which its success may be lower; 10. */
  tolerance?: number | undefined
  /** Transfers of each version before there is a verdict; 20. */
  sample?: number | undefined
}

/** A version for a share of an environment's calls. Throws 422 when there is nothing to compare it with, 412 as promote. */
export function startCanary(
  record: ProjectRecord,
  environment: EnvironmentName,
  version: number,
  expected: Expected,
  { percent, tolerance = 10, sample = 20 }: CanaryWish,
  context: Context,
): Change {
  mustRun(record, environment, expected)
  const current = record.promoted[environment]
  if (!current)
    throw new RoutesError('invalid_command', `${environment} of ${record.project} runs no version to compare with`)
  if (!(percent > 0))
    throw new RoutesError('invalid_command', `a canary takes more than ${percent} per cent of the calls`)
  const canary: Canary = { version, percent, tolerance, sample, startedAt: iso(context.now) }
  const what: What = { action: 'canary', environment, before: current.version, after: version }

  return withPromotion(record, environment, { ...current, canary }, context, what)
}

/** Back to where it was: the canary ends; without one, the version that the environment had before. Throws 409, 412. */
export function rollback(
  record: ProjectRecord,
  environment: EnvironmentName,
  expected: Expected,
  context: Context,
): Change {
  mustRun(record, environment, expected)
  const current = record.promoted[environment]
  if (current?.canary) return endCanary(record, environment, current.canary, context)
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

/** All calls run the version again that the canary would have replaced. Throws 412 when it is another canary by now. */
export function endCanary(
  record: ProjectRecord,
  environment: EnvironmentName,
  canary: Canary,
  context: Context,
): Change {
  const current = record.promoted[environment]
  if (current?.canary?.startedAt !== canary.startedAt || current.canary.version !== canary.version) {
    throw new RoutesError(
      'promotion_lost',
      `${environment} of ${record.project} no longer tries version ${canary.version}`,
    )
  }
  const { version, at, earlier } = current
  const what: What = { action: 'rollback', environment, before: canary.version, after: version }

  return withPromotion(record, environment, { version, at, earlier }, context, what)
}

function mustRun({ project, promoted }: ProjectRecord, environment: EnvironmentName, expected: Expected): void {
  const current = promoted[environment]?.version ?? null
  if (expected === undefined || expected === current) return
  const say = (version: number | null): string => (version === null ? 'no version' : `version ${version}`)
  const detail = `${environment} of ${project} runs ${say(current)}, not ${say(expected)}`
  throw new RoutesError('promotion_lost', `${detail}: look at its history, then promote again`)
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
