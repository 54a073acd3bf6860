import { Type, type Static } from 'typebox'
import { CallView, LadderView } from '../../calls/views.ts'

/** What `POST /v1/projects/{project}/rehearsals` takes and gives. */

export const RehearsalBody = Type.Object(
  {
    environment: Type.String({ default: 'sandbox', description: 'The environment whose version is rehearsed' }),
    handoff: Type.String({ minLength: 1 }),
    destination: Type.Optional(
      Type.Union([Type.Literal('synthetic'), Type.Literal('real')], {
        description: 'Who takes the call: a user agent of Baton’s own (the default), or the handoff’s real route',
      }),
    ),
    caller: Type.Optional(Type.String({ description: 'The number that seems to call' })),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  { additionalProperties: false },
)

export const RehearsalView = Type.Object({
  id: Type.String(),
  project: Type.String(),
  environment: Type.String(),
  version: Type.Integer(),
  handoff: Type.String(),
  verdict: Type.Union([Type.Literal('passed'), Type.Literal('failed')]),
  cause: Type.String({ description: 'Why, in one sentence' }),
  call: Type.Optional(CallView),
  ladder: LadderView,
  headersReceived: Type.Record(Type.String(), Type.String(), { description: 'X- headers as the destination got them' }),
  timings: Type.Record(Type.String(), Type.Number(), { description: 'Seconds from the first INVITE, by milestone' }),
})

export type RehearsalBody = Static<typeof RehearsalBody>
export type RehearsalRequest = RehearsalBody & { project: string }
export type RehearsalView = Static<typeof RehearsalView>
