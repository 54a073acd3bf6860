import { Type, type Static } from 'typebox'

/** One thing that was looked at, and what to do about it. */
export const Finding = Type.Object({
  check: Type.String({ description: 'What was looked at, such as sip, trunk carrier or demo live' }),
  state: Type.Enum(['ok', 'warning', 'failed']),
  detail: Type.String(),
  hint: Type.Optional(Type.String({ description: 'What to do' })),
})
export type Finding = Static<typeof Finding>
