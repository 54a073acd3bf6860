/** What a store keeps of a project: one record that changes, and numbered versions that never do. */
import { Type, type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { checkStoredTable } from '../project/check.ts'
import type { FieldChange } from './diff.ts'
import { digestOf } from '../../base/canonical-json.ts'
import { ReleasesSchema, upgraded } from './release.ts'
import { describeProblem } from '../schema/errors.ts'
import {
  EnvironmentSchema,
  environmentNames,
  ProjectSchema,
  type EnvironmentName,
  type Table,
} from '../schema/project-file.ts'

/** Who did something, from where, and why. */
export interface Actor {
  who: string
  /** Where it came from, such as `api 127.0.0.1` or `cli`. */
  from: string
  /** In words. */
  why?: string | undefined
}

/** An object that may have one of these for each environment. */
const named = <T extends TSchema>(schema: T) =>
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
] as const

const value = Type.Optional(Type.Union([Type.Number(), Type.String(), Type.Null()]))

const HistoryEntrySchema = Type.Object({
  /** The revision of the project that it made: it orders the history. */
  id: Type.Integer({ minimum: 1 }),
  at: Type.String(),
  who: Type.String(),
  from: Type.String(),
  why: Type.Optional(Type.String()),
  /** Of a promotion that was made although handoffs cannot be called: the reason. */
  forced: Type.Optional(Type.String()),
  /** Of a rehearsal. */
  verdict: Type.Optional(Type.Enum(['passed', 'failed'] as const)),
  action: Type.Enum(actions),
  environment: Type.Optional(Type.Enum(environmentNames)),
  before: value,
  after: value,
  /** Of a promotion or rollback: the releases before and after. */
  releases: Type.Optional(Type.Object({ before: value, after: value })),
  /** What it changed, field by field, as `diff` shows it. */
  changes: Type.Optional(Type.Array(Type.Unsafe<FieldChange>(Type.Object({ kind: Type.String() })))),
})

const CanarySchema = Type.Object({
  release: Type.Integer({ minimum: 1 }),
  version: Type.Integer({ minimum: 1 }),
  /** Share of the environment's calls, in per cent. */
  percent: Type.Number({ minimum: 0, maximum: 100 }),
  /** Rolled back when its success rate is this many points below that of the version it replaces. */
  tolerance: Type.Number(),
  /** No verdict before this many transfers. */
  sample: Type.Integer(),
  startedAt: Type.String(),
})

const PromotionSchema = Type.Object({
  release: Type.Integer({ minimum: 1 }),
  /** The version of that release. */
  version: Type.Integer({ minimum: 1 }),
  at: Type.String(),
  /** The releases that it had before, oldest first. */
  earlier: Type.Array(Type.Integer({ minimum: 1 })),
  canary: Type.Optional(CanarySchema),
})

const RecordSchema = Type.Object({
  schema: Type.Literal(2),
  project: Type.String(),
  /** Made with the project: a record of another lineage is another project of the same name. */
  lineage: Type.String(),
  /** Counts every change. */
  revision: Type.Integer({ minimum: 1 }),
  source: Type.Optional(
    Type.Object({ text: Type.String(), type: Type.Enum(['json', 'yaml'] as const), digest: Type.String() }),
  ),
  /** What the project file says for all environments: a draft, but for the rules of promotion. */
  settings: Type.Omit(ProjectSchema, ['project', 'environments', 'table'], { additionalProperties: false }),
  /** The drafts of the environments' settings. */
  environments: named(EnvironmentSchema),
  draft: Type.Object({ table: Type.Unknown(), digest: Type.String() }),
  lastVersion: Type.Integer({ minimum: 0 }),
  /** What each environment runs. */
  promoted: named(PromotionSchema),
  releases: named(ReleasesSchema),
  /** Rehearsals that succeeded: version, handoff, when. */
  rehearsed: Type.Record(Type.String(), Type.Record(Type.String(), Type.String())),
  /** The change that made this revision. */
  entry: HistoryEntrySchema,
})

export type HistoryEntry = Static<typeof HistoryEntrySchema>
export type Canary = Static<typeof CanarySchema>
export type PromotionRecord = Static<typeof PromotionSchema>
export type ProjectRecord = Omit<Static<typeof RecordSchema>, 'draft'> & { draft: { table: Table; digest: string } }

/** A published table. It never changes; its digest is that of its table. */
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
  /** Of one just published: the environment where it is to be promoted first. */
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

/** What came out of a store is not what should be there. */
export class Damaged extends Error {
  override readonly name = 'Damaged'
  readonly reason: 'damaged' | 'oversized' | 'schema'

  constructor(message: string, reason: Damaged['reason'] = 'damaged') {
    super(message)
    this.reason = reason
  }
}

/** A record that came out of a store. Throws Damaged. */
export function readRecord(text: string, project: string): ProjectRecord {
  const value = upgraded(parse(text))
  const problem = recordCheck.Errors(value)[0]
  if (problem) throw new Damaged(`${problem.instancePath || 'the whole'} ${problem.message}`, 'schema')
  const record = value as ProjectRecord
  if (record.project !== project) throw new Damaged(`it is of project "${record.project}"`)
  if (digestOf(record.draft.table) !== record.draft.digest) throw new Damaged('the draft is not what its digest says')

  return record
}

/** A version that came out of a store. Throws Damaged. */
export function readVersion(text: string, project: string, number: number): Version {
  const value = parse(text)
  const problem = versionCheck.Errors(value)[0]
  if (problem) throw new Damaged(`${problem.instancePath || 'the whole'} ${problem.message}`, 'schema')
  const version = value as Version
  if (version.project !== project || version.version !== number) {
    throw new Damaged(`it is version ${version.version} of project "${version.project}"`)
  }
  if (digestOf(version.table) !== version.digest) throw new Damaged('the table is not what its digest says')
  // Which variables existed when it was published is not known any more: any may have.
  const [mistake] = checkStoredTable(version.table, { environment: new Set(), request: undefined })
  if (mistake) throw new Damaged(`the table has a mistake: ${describeProblem(mistake)}`, 'schema')

  return version
}

/** A version without its table. */
export function summaryOf(version: Version): VersionSummary {
  const { project, version: number, digest, publishedAt, by, from, message } = version

  return { project, version: number, digest, publishedAt, by, from, ...(message ? { message } : {}) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new Damaged((error as Error).message)
  }
}
