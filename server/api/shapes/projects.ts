import { Type } from 'typebox'
import type { HistoryEntry, ProjectView, Promoted, VersionSummary } from '../../../routes/index.ts'

/** What is told of projects and their versions: the types are those of routes/, described here. Times are ISO 8601. */

const Time = Type.String({ format: 'date-time' })
const Values = Type.Record(Type.String(), Type.String())

export const Project = Type.Unsafe<ProjectView>(
  Type.Object({
    project: Type.String(),
    settings: Type.Object({}, { description: 'Those of the project file beside environments and table' }),
    environments: Type.Record(
      Type.String(),
      Type.Object({
        numbers: Type.Optional(Type.Array(Type.String())),
        agents: Type.Optional(Type.Array(Type.String())),
        variables: Type.Optional(Values),
        version: Type.Optional(
          Type.Integer({ description: 'The version that new calls are pinned to; none before the first promotion' }),
        ),
        promotedAt: Type.Optional(Time),
      }),
    ),
    draft: Type.Object({ digest: Type.String() }),
    lastVersion: Type.Integer({ description: '0 before the first is published' }),
  }),
)

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
