/** What a store keeps for a project: one record that changes, and numbered versions that never change. */
import { setImmediate as nextTurn } from 'node:timers/promises'

import { Type, type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { checkStoredTable } from '../project/check.ts'
import type { FieldChange } from './diff.ts'
import { digestOf } from '../../base/canonical-json.ts'
import { ReleasesSchema, upgraded } from './release.ts'
import { describeProblem } from '../schema/errors.ts'
import { SwitchSchema } from '../schema/switch.ts'
import {
  EnvironmentSchema,
  environmentNames,
  ProjectSchema,
  type EnvironmentName,
  type Table,
} from '../schema/project-file.ts'

/** Who made a change, from where, and why. */
export interface Actor {
  who: string
  /** Such as `api 127.0.0.1` or `cli`. */
  from: string
  why?: string | undefined
}

/** An object with an optional value for each environment. */
const byEnvironment = <T extends TSchema>(schema: T) =>
  Type.Object(
    Object.fromEntries(environmentNames.map((name) => [name, Type.Optional(schema)])) as Record<
      EnvironmentName,
      ReturnType<typeof Type.Optional<T>>
    >,
  )

const actions = [
  'import',
  'draft',
  'settings',
  'publish',
  'promote',
  'rollback',
  'canary',
  'rehearse',
  'restore',
  'switch_set',
  'switch_removed',
  'switch_expired',
] as const

const state = Type.Optional(Type.Union([Type.Number(), Type.String(), Type.Null()]))

const HistoryEntrySchema = Type.Object({
  /** The revision of the project that the change made; it orders the history. */
  id: Type.Integer({ minimum: 1 }),
  at: Type.String(),
  who: Type.String(),
  from: Type.String(),
  why: Type.Optional(Type.String()),
  /** Why a version was promoted although some of its handoffs cannot be called. */
  forced: Type.Optional(Type.String()),
  /** Rehearsals only. */
  verdict: Type.Optional(Type.Enum(['passed', 'failed'] as const)),
  action: Type.Enum(actions),
  environment: Type.Optional(Type.Enum(environmentNames)),
  before: state,
  after: state,
  /** Promotions and rollbacks only: the releases before and after. */
  releases: Type.Optional(Type.Object({ before: state, after: state })),
  /** The field changes, as `diff` shows them. */
  changes: Type.Optional(Type.Array(Type.Unsafe<FieldChange>(Type.Object({ kind: Type.String() })))),
})

const CanarySchema = Type.Object({
  release: Type.Integer({ minimum: 1 }),
  version: Type.Integer({ minimum: 1 }),
  /** Share of the environment's calls, in per cent. */
  percent: Type.Number({ minimum: 0, maximum: 100 }),
  /** Percentage points of success below the version that it replaces, beyond which the canary is rolled back. */
  tolerance: Type.Number(),
  /** Transfers of each version before the canary is judged. */
  sample: Type.Integer(),
  startedAt: Type.String(),
})

const PromotionSchema = Type.Object({
  release: Type.Integer({ minimum: 1 }),
  /** The version of that release. */
  version: Type.Integer({ minimum: 1 }),
  at: Type.String(),
  /** The earlier releases, oldest first. */
  earlier: Type.Array(Type.Integer({ minimum: 1 })),
  canary: Type.Optional(CanarySchema),
})

const RecordSchema = Type.Object({
  schema: Type.Literal(2),
  project: Type.String(),
  /** A UUID made with the project: a record of another lineage is another project of the same name. */
  lineage: Type.String(),
  /** Counts every change. */
  revision: Type.Integer({ minimum: 1 }),
  source: Type.Optional(
    Type.Object({ text: Type.String(), type: Type.Enum(['json', 'yaml'] as const), digest: Type.String() }),
  ),
  /** Fields of the project file for all environments: drafts, except for the rules of promotion. */
  settings: Type.Omit(ProjectSchema, ['project', 'environments', 'table'], { additionalProperties: false }),
  /** The drafts of the environments' settings. */
  environments: byEnvironment(EnvironmentSchema),
  draft: Type.Object({ table: Type.Unknown(), digest: Type.String() }),
  lastVersion: Type.Integer({ minimum: 0 }),
  /** The release that each environment runs. */
  promoted: byEnvironment(PromotionSchema),
  releases: byEnvironment(ReleasesSchema),
  /** The switches of each environment, oldest first; those that have expired are taken out soon after. */
  switches: Type.Optional(byEnvironment(Type.Array(SwitchSchema))),
  /** Rehearsals that passed: by digest of the table and handoff, when. */
  rehearsed: Type.Record(Type.String(), Type.Record(Type.String(), Type.String())),
  /** The change that made this revision. */
  entry: HistoryEntrySchema,
})

export type HistoryEntry = Static<typeof HistoryEntrySchema>
export type Canary = Static<typeof CanarySchema>
export type PromotionRecord = Static<typeof PromotionSchema>
export type ProjectRecord = Omit<Static<typeof RecordSchema>, 'draft'> & { draft: { table: Table; digest: string } }

/** A published table, which never changes; its digest is that of its table. */
export interface Version {
  project: string
  version: number
  digest: string
  publishedAt: string
  by: string
  from: string
  message?: string | undefined
  table: Table
}

export type VersionSummary = Omit<Version, 'table'> & {
  /** An earlier version with the same content. */
  sameAs?: number
  /** After a publication: the environment where the version is to be promoted first. */
  next?: EnvironmentName
}

const recordCheck = Compile(RecordSchema)
const versionCheck = Compile(
  Type.Object({
    project: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    digest: Type.String(),
    publishedAt: Type.String(),
    by: Type.String(),
    from: Type.String(),
    message: Type.Optional(Type.String()),
    table: Type.Unknown(),
  }),
)

/** A stored record or version that cannot be used. */
export class DamagedRecord extends Error {
  override readonly name = 'Damaged'
  readonly reason: 'damaged' | 'oversized' | 'schema'

  constructor(message: string, reason: DamagedRecord['reason'] = 'damaged') {
    super(message)
    this.reason = reason
  }
}

/** Reads a stored record, in turns of the event loop. Rejects with Damaged. */
export async function readRecord(text: string, project: string): Promise<ProjectRecord> {
  const value = upgraded(parse(text))
  await nextTurn()
  const problem = recordCheck.Errors(value)[0]
  if (problem) throw new DamagedRecord(`${problem.instancePath || 'the whole'} ${problem.message}`, 'schema')
  const record = value as ProjectRecord
  if (record.project !== project) throw new DamagedRecord(`it is of project "${record.project}"`)
  await nextTurn()
  if (digestOf(record.draft.table) !== record.draft.digest) {
    throw new DamagedRecord('the draft is not what its digest says')
  }

  return record
}

/** Reads a stored version, in turns of the event loop. Rejects with Damaged. */
export async function readVersion(text: string, project: string, number: number): Promise<Version> {
  const value = parse(text)
  const problem = versionCheck.Errors(value)[0]
  if (problem) throw new DamagedRecord(`${problem.instancePath || 'the whole'} ${problem.message}`, 'schema')
  const version = value as Version
  if (version.project !== project || version.version !== number) {
    throw new DamagedRecord(`it is version ${version.version} of project "${version.project}"`)
  }
  await nextTurn()
  if (digestOf(version.table) !== version.digest) throw new DamagedRecord('the table is not what its digest says')
  await nextTurn()
  // The variables at the time of publication are not known any more, so any name is allowed.
  const [mistake] = checkStoredTable(version.table, { environment: new Set(), request: undefined })
  if (mistake) throw new DamagedRecord(`the table has a mistake: ${describeProblem(mistake)}`, 'schema')

  return version
}

/** A version without its table. */
export function summaryOf(version: Version): VersionSummary {
  const { project, version: number, digest, publishedAt, by, from, message } = version

  return { project, version: number, digest, publishedAt, by, from, ...(message && { message }) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new DamagedRecord((error as Error).message)
  }
}
