import { Type, type Static } from 'typebox'

/** An event that the webhook has not taken, without the event itself. */
export const DeadLetterSummary = Type.Object({
  id: Type.String({ description: 'webhook-id: the same for each attempt and each replay' }),
  type: Type.String({ description: 'The event’s type, such as call.ended' }),
  at: Type.String({ format: 'date-time', description: 'When it happened' }),
  project: Type.String(),
  environment: Type.String(),
  callId: Type.Optional(Type.String()),
  state: Type.Union([Type.Literal('dead'), Type.Literal('replaying')]),
  attempts: Type.Integer({ description: 'How often it was tried, the last time that it was' }),
  problem: Type.String({ description: 'Why the last attempt failed' }),
  failedAt: Type.String({ format: 'date-time', description: 'When it was given up' }),
})
export type DeadLetterSummary = Static<typeof DeadLetterSummary>

export const DeadLetterView = Type.Object({
  ...DeadLetterSummary.properties,
  event: Type.Unknown({ description: 'As GET /v1/events shows it' }),
})
export type DeadLetterView = Static<typeof DeadLetterView>
