import { Type } from 'typebox'
import type { Change, Finding, HistoryEntry, ProjectView, Promoted, VersionSummary } from '../../../routes/index.ts'

/** What is told of projects and their versions: the types are those of routes/, described here. Times are ISO 8601. */

const Time = Type.String({ format: 'date-time' })
const Values = Type.Record(Type.String(), Type.String())

type EnvironmentView = NonNullable<ProjectView['environments']['live']>

export const EnvironmentView = Type.Unsafe<EnvironmentView>(
  Type.Object({
    numbers: Type.Optional(Type.Array(Type.String())),
    agents: Type.Optional(Type.Array(Type.String())),
    variables: Type.Optional(Values),
    version: Type.Optional(
      Type.Integer({ description: 'The version that new calls are pinned to; none before the first promotion' }),
    ),
    promotedAt: Type.Optional(Time),
    canary: Type.Optional(
      Type.Object(
        {
          version: Type.Integer(),
          percent: Type.Number(),
          tolerance: Type.Number(),
          sample: Type.Integer(),
          startedAt: Time,
        },
        { description: 'The version that a share of the calls tries' },
      ),
    ),
  }),
)

const Tally = Type.Object({ succeeded: Type.Integer(), failed: Type.Integer() })

export const CanaryProgress = Type.Object({
  tallies: Type.Optional(
    Type.Object(
      { trial: Tally, main: Tally },
      { description: 'Transfers of the canary, and of the version it would replace, in this process' },
    ),
  ),
})

export const Project = Type.Unsafe<ProjectView>(
  Type.Object({
    project: Type.String(),
    settings: Type.Object({}, { description: 'Those of the project file beside environments and table' }),
    environments: Type.Record(Type.String(), EnvironmentView),
    draft: Type.Object({ digest: Type.String() }),
    lastVersion: Type.Integer({ description: '0 before the first is published' }),
  }),
)

export const Differences = Type.Object({
  from: Type.Unsafe<number | 'draft'>(Type.Unknown()),
  to: Type.Unsafe<number | 'draft'>(Type.Unknown()),
  changes: Type.Array(
    Type.Unsafe<Change>(
      Type.Object({
        kind: Type.Enum(['added', 'removed', 'renamed', 'changed', 'moved']),
        what: Type.Enum(['handoff', 'schedule', 'rule']),
        name: Type.String(),
        field: Type.Optional(Type.String({ description: 'Such as route or headers.X-Account' })),
        before: Type.Optional(Type.Unknown()),
        after: Type.Optional(Type.Unknown()),
      }),
    ),
  ),
  text: Type.String({ description: 'The same, one line for each change' }),
})

export const Findings = Type.Object({
  findings: Type.Array(
    Type.Unsafe<Finding>(
      Type.Object({
        severity: Type.Enum(['error', 'warning', 'info']),
        code: Type.String(),
        pointer: Type.String({ description: 'JSON pointer into the project file' }),
        problem: Type.String(),
        hint: Type.Optional(Type.String()),
      }),
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

export const Summary = Type.Unsafe<VersionSummary>(
  Type.Object({
    ...summary,
    sameAs: Type.Optional(Type.Integer({ description: 'An earlier version with the same table' })),
  }),
)

export const Entry = Type.Unsafe<HistoryEntry>(
  Type.Object({
    id: Type.Integer(),
    at: Time,
    who: Type.String(),
    from: Type.String(),
    why: Type.Optional(Type.String()),
    action: Type.String(),
    environment: Type.Optional(Type.String()),
    before: Type.Optional(Type.Unknown({ description: 'A version’s number or a digest' })),
    after: Type.Optional(Type.Unknown()),
  }),
)

export const Promotion = Type.Unsafe<Promoted>(
  Type.Object({
    project: Type.String(),
    environment: Type.String(),
    version: Type.Integer(),
    previous: Type.Optional(Type.Integer()),
    entry: Entry,
  }),
)
