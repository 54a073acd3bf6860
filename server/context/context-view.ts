import { Type, type Static } from 'typebox'
import { AgentState } from '../legs/views.ts'

const Time = Type.String({ format: 'date-time' })

/** What an agent gave along with a transfer, for the person who takes the caller over. */
export const ContextView = Type.Object(
  {
    id: Type.String(),
    callId: Type.String(),
    transferId: Type.Optional(Type.String({ description: 'Left out where no agent took the call' })),
    project: Type.String(),
    environment: Type.String(),
    handoff: Type.String(),
    caller: Type.Object({ uri: Type.String(), number: Type.String(), name: Type.Optional(Type.String()) }),
    called: Type.String({ description: 'The number that the caller dialled' }),
    dialled: Type.Optional(Type.String({ description: 'The number of the handoff’s pool that the transfer dials' })),
    reason: Type.Optional(Type.String({ description: 'Why, in the agent’s words' })),
    variables: Type.Record(Type.String(), Type.String()),
    context: Type.Optional(Type.Unknown({ description: 'The JSON of the transfer request, as it was given' })),
    states: Type.Array(AgentState),
    createdAt: Time,
    expiresAt: Time,
  },
  { title: 'Context' },
)

export type ContextView = Static<typeof ContextView>

/** Bytes that the JSON of one context may have. */
export const maxContextBytes = 64 * 1024

/** Whether a text can be the id of a context: 128 random bits in base64url. */
export function isContextId(text: string): boolean {
  return /^[\w-]{22}$/.test(text)
}
