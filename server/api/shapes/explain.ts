import { Type } from 'typebox'

/** What `POST /v1/projects/{project}/explain` takes and gives. */

const Values = Type.Record(Type.String(), Type.String())
const Method = Type.Union([Type.Literal('refer'), Type.Literal('invite'), Type.Literal('bye')])

export const ExplainBody = Type.Object(
  {
    environment: Type.String({ minLength: 1 }),
    handoff: Type.Optional(
      Type.String({ description: 'The name that is asked for; the table’s rules and its default decide without one' }),
    ),
    version: Type.Optional(
      Type.Integer({ minimum: 1, description: 'A version, with the settings that run; what runs when left out' }),
    ),
    draft: Type.Optional(
      Type.Boolean({ description: 'The drafts of the table and of the settings, as a promotion would have them run' }),
    ),
    call: Type.Optional(
      Type.Object(
        {
          caller: Type.Optional(Type.String({ description: 'The caller’s number, or SIP URI' })),
          callerName: Type.Optional(Type.String()),
          called: Type.Optional(
            Type.String({ description: 'The dialled number; the environment’s first one when left out' }),
          ),
          headers: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Headers of its INVITE' })),
          variables: Type.Optional(Values),
          trunk: Type.Optional(Type.String({ description: 'The trunk it comes in by; the first one when left out' })),
          from: Type.Optional(
            Type.String({ description: 'Its From, without a tag, in the place of caller and callerName' }),
          ),
          contact: Type.Optional(
            Type.String({ description: 'Its Contact; the caller at an address of the trunk when left out' }),
          ),
          sdp: Type.Optional(
            Type.String({
              description:
                'The session that it offers; plain RTP, or SRTP where a handoff requires that, when left out',
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Headers of the transfer request' }),
    ),
    variables: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Variables of the transfer request' }),
    ),
    reason: Type.Optional(Type.String()),
    at: Type.Optional(
      Type.String({ format: 'date-time', description: 'The moment that schedules see; now when left out' }),
    ),
  },
  { additionalProperties: false },
)

export const Warning = Type.Object({
  code: Type.String(),
  detail: Type.String(),
  handoff: Type.Optional(Type.String()),
})

export const ExplainView = Type.Object({
  project: Type.String(),
  environment: Type.String(),
  release: Type.Integer(),
  version: Type.Integer({ description: 'Of a draft, the number that it would be published as' }),
  draft: Type.Boolean(),
  trunk: Type.String({ description: 'The trunk that the call comes in by' }),
  requested: Type.String(),
  matched: Type.Union([Type.Literal('hit'), Type.Literal('default')]),
  rule: Type.Optional(Type.String({ description: 'The rule that chose the handoff' })),
  handoff: Type.String(),
  deadline: Type.Number({ description: 'Seconds for the whole transfer' }),
  attempts: Type.Array(
    Type.Object({
      handoff: Type.String(),
      method: Method,
      target: Type.String(),
      referTo: Type.Optional(Type.String({ description: 'The whole Refer-To value' })),
      headers: Values,
      requestHeaders: Type.Record(Type.String(), Type.String(), { description: 'Those that go on the request itself' }),
      headersIn: Type.String(),
      headerBytes: Type.Integer({ description: 'Of all its headers together' }),
      ringTimeout: Type.Number(),
      notifyTimeout: Type.Number(),
      fallback: Type.String(),
      messages: Type.Array(
        Type.Object({
          method: Method,
          to: Type.Union([Type.Literal('caller'), Type.Literal('destination')]),
          text: Type.String({ description: 'One character a byte' }),
          bytes: Type.Integer(),
        }),
      ),
    }),
  ),
  warnings: Type.Array(Warning),
})
