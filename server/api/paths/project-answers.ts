import { Type, type Static } from 'typebox'
import {
  EnvironmentSchema,
  ReleaseSettingsSchema,
  SwitchSchema,
  type FieldChange,
  type EnvironmentView as EnvironmentShape,
  type LintFinding,
  type HistoryEntry,
  type ProjectView,
  type PromotionEvent,
  type Release as ReleaseShape,
  type StoredProject,
  type VersionSummary,
} from '../../../routes/index.ts'

/** What is told of projects and their versions: the types are those of routes/, described here. Times are ISO 8601. */

const Time = Type.String({ format: 'date-time' })
const environment = {
  ...ReleaseSettingsSchema.properties,
  release: Type.Optional(
    Type.Integer({ description: 'The release that new calls are pinned to; none before the first promotion' }),
  ),
  version: Type.Optional(Type.Integer({ description: 'The version of that release' })),
  promotedAt: Type.Optional(Time),
  canary: Type.Optional(
    Type.Object(
      {
        release: Type.Integer(),
        version: Type.Integer(),
        percent: Type.Number(),
        tolerance: Type.Number(),
        sample: Type.Integer(),
        startedAt: Time,
      },
      { description: 'The release that a share of the calls tries' },
    ),
  ),
  switches: Type.Optional(Type.Array(SwitchSchema, { description: 'Those in force, newest first' })),
  draft: Type.Optional(EnvironmentSchema),
}

export const EnvironmentAnswer = Type.Unsafe<EnvironmentShape>(
  Type.Object(environment, {
    title: 'Environment',
    description: 'The settings that it runs, and the draft that a promotion would take',
  }),
)

const Tally = Type.Object({ succeeded: Type.Integer(), failed: Type.Integer() })

export const CanaryAnswer = Type.Object({
  tallies: Type.Optional(
    Type.Object(
      { trial: Tally, main: Tally },
      { description: 'Transfers of the canary, and of the version it would replace, in this process' },
    ),
  ),
})

const project = {
  project: Type.String(),
  settings: Type.Object({}, { description: 'Those of the project file beside environments and table' }),
  draft: Type.Object({ digest: Type.String() }),
  lastVersion: Type.Integer({ description: '0 before the first is published' }),
}

export const ProjectAnswer = Type.Unsafe<ProjectView>(
  Type.Object({ ...project, environments: Type.Record(Type.String(), EnvironmentAnswer) }, { title: 'Project' }),
)

const ChangeAnswer = Type.Unsafe<FieldChange>(
  Type.Object(
    {
      kind: Type.Enum(['added', 'removed', 'renamed', 'changed', 'moved']),
      what: Type.Enum(['handoff', 'schedule', 'rule', 'audio', 'settings']),
      name: Type.String(),
      field: Type.Optional(Type.String({ description: 'Such as route, headers.X-Account or variables.region' })),
      before: Type.Optional(Type.Unknown()),
      after: Type.Optional(Type.Unknown()),
    },
    { title: 'Change' },
  ),
)

export const DiffAnswer = Type.Object({
  from: Type.Unsafe<number | string>(Type.Unknown()),
  to: Type.Unsafe<number | string>(Type.Unknown()),
  changes: Type.Array(ChangeAnswer),
  text: Type.String({ description: 'The same, one line for each change' }),
})

export const StoredAnswer = Type.Unsafe<StoredProject>(
  Type.Object({
    ...project,
    digest: Type.String({ description: 'Of the whole project file: its ETag' }),
    environments: Type.Record(
      Type.String(),
      Type.Object({
        ...environment,
        changes: Type.Array(ChangeAnswer, { description: 'What promoting the drafts would change here' }),
      }),
    ),
  }),
)

export const ReleaseAnswer = Type.Unsafe<ReleaseShape>(
  Type.Object(
    {
      release: Type.Integer(),
      version: Type.Integer(),
      settings: ReleaseSettingsSchema,
      by: Type.String(),
      from: Type.String(),
      at: Time,
      message: Type.Optional(Type.String()),
    },
    { title: 'Release' },
  ),
)

export const FindingsAnswer = Type.Object({
  findings: Type.Array(
    Type.Unsafe<LintFinding>(
      Type.Object(
        {
          severity: Type.Enum(['error', 'warning', 'info']),
          code: Type.String(),
          pointer: Type.String({ description: 'JSON pointer into the project file' }),
          problem: Type.String(),
          hint: Type.Optional(Type.String()),
        },
        { title: 'Finding' },
      ),
    ),
  ),
})

const summary = {
  project: Type.String(),
  version: Type.Integer(),
  digest: Type.String({ description: 'The same for the same table' }),
  publishedAt: Time,
  by: Type.String(),
  from: Type.String(),
  message: Type.Optional(Type.String()),
}

export const VersionAnswer = Type.Unsafe<VersionSummary>(
  Type.Object(
    {
      ...summary,
      sameAs: Type.Optional(Type.Integer({ description: 'An earlier version with the same table' })),
      next: Type.Optional(
        Type.String({ description: 'Of one just published: the environment where it is to be promoted first' }),
      ),
    },
    { title: 'Version' },
  ),
)

export const HistoryAnswer = Type.Unsafe<HistoryEntry>(
  Type.Object(
    {
      id: Type.Integer(),
      at: Time,
      who: Type.String(),
      from: Type.String(),
      why: Type.Optional(Type.String()),
      action: Type.String(),
      environment: Type.Optional(Type.String()),
      before: Type.Optional(Type.Unknown({ description: 'A version’s number or a digest' })),
      after: Type.Optional(Type.Unknown()),
      releases: Type.Optional(
        Type.Object({ before: Type.Optional(Type.Unknown()), after: Type.Optional(Type.Unknown()) }),
      ),
      changes: Type.Optional(Type.Array(ChangeAnswer, { description: 'What it changed, field by field; at most 100' })),
    },
    { title: 'HistoryEntry' },
  ),
)

/** Warnings stop no promotion, and are worth a look before one. */
const promotionWarnings = {
  warnings: Type.Array(
    Type.Object({
      code: Type.String({ examples: ['target_down'] }),
      detail: Type.String({
        examples: ['agent sip:agent@192.0.2.20 is down since 14:02 (no response to INVITE)'],
      }),
    }),
    { description: 'Agents and handoffs’ hosts of the release that get no call now' },
  ),
}

export const PromotionWarnings = Type.Object(promotionWarnings)

/** The answer to a promotion or a rollback; a rollback has no warnings. */
export const PromotionAnswer = Type.Unsafe<PromotionEvent & Partial<Static<typeof PromotionWarnings>>>(
  Type.Object(
    {
      warnings: Type.Optional(promotionWarnings.warnings),
      project: Type.String(),
      environment: Type.String(),
      release: Type.Integer(),
      version: Type.Integer(),
      previous: Type.Optional(Type.Integer({ description: 'The version of before' })),
      previousRelease: Type.Optional(Type.Integer()),
      canary: Type.Optional(Type.Object({ release: Type.Integer(), version: Type.Integer(), percent: Type.Number() })),
      entry: HistoryAnswer,
    },
    { title: 'Promotion' },
  ),
)
