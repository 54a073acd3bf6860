import { Type, type Static } from 'typebox'
import { CallView, LadderView } from '../legs/views.ts'

/** What `POST /v1/projects/{project}/rehearsals` takes and gives. */

export const RehearsalBody = Type.Object(
  {
    environment: Type.Optional(
      Type.String({ description: 'The environment whose version is rehearsed; `sandbox` when left out' }),
    ),
    handoff: Type.Optional(Type.String({ minLength: 1, description: 'The handoff; not with `all`' })),
    all: Type.Optional(Type.Boolean({ description: 'Every handoff that is in use, in place of `handoff`' })),
    version: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'A version of the table; the one that the environment runs when left out',
      }),
    ),
    draft: Type.Optional(
      Type.Boolean({ description: 'The drafts of the table and of the settings, as a promotion would have them run' }),
    ),
    at: Type.Optional(
      Type.String({
        format: 'date-time',
        description:
          'The moment that schedules and rules see. Without it the handoff itself is rehearsed, be it open or closed',
      }),
    ),
    destination: Type.Optional(
      Type.Union([Type.Literal('synthetic'), Type.Literal('real')], {
        description:
          'Who takes the call: the destination that the handoff’s real route leads to (the default), or a user agent of Baton’s own',
      }),
    ),
    caller: Type.Optional(Type.String({ description: 'The number that seems to call' })),
    talk: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 60,
        description:
          'Seconds that the caller and the agent talk before the agent asks for the handoff; 0.1 when left out',
      }),
    ),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  {
    additionalProperties: false,
    examples: [{ environment: 'sandbox', handoff: 'front-desk', draft: true, destination: 'synthetic' }],
  },
)

export const RehearsalView = Type.Object(
  {
    id: Type.String(),
    project: Type.String(),
    environment: Type.String(),
    version: Type.Integer(),
    draft: Type.Optional(Type.Literal(true)),
    handoff: Type.String(),
    synthetic: Type.Array(Type.Enum(['caller', 'agent', 'destination']), {
      description: 'The parties that were Baton’s own',
    }),
    verdict: Type.Union([Type.Literal('passed'), Type.Literal('failed')]),
    cause: Type.String({ description: 'Why, in one sentence' }),
    call: Type.Optional(CallView),
    ladder: LadderView,
    headersReceived: Type.Record(Type.String(), Type.String(), {
      description: 'X- headers as the destination got them',
    }),
    timings: Type.Record(Type.String(), Type.Number(), { description: 'Seconds from the first INVITE, by milestone' }),
  },
  { title: 'Rehearsal' },
)

export const AllRehearsalsView = Type.Object({
  project: Type.String(),
  environment: Type.String(),
  version: Type.Integer(),
  draft: Type.Optional(Type.Literal(true)),
  verdict: Type.Union([Type.Literal('passed'), Type.Literal('failed')]),
  cause: Type.String({ description: 'How many have passed, and which have not' }),
  rehearsals: Type.Array(RehearsalView),
})

export type RehearsalBody = Static<typeof RehearsalBody>
/** A rehearsal of one handoff. */
export type RehearsalRequest = AllRehearsalsRequest & { handoff: string }
/** A rehearsal of every handoff that is in use. */
export type AllRehearsalsRequest = Omit<RehearsalBody, 'all' | 'handoff' | 'environment'> & {
  project: string
  environment: string
}
export type AllRehearsalsView = Static<typeof AllRehearsalsView>
export type RehearsalView = Static<typeof RehearsalView>
