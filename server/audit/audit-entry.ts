import { Type, type Static } from 'typebox'
import type { FieldChange } from '../../routes/index.ts'

/** One change, made or refused, as `GET /v1/history` shows it. */
export const AuditEntry = Type.Object(
  {
    id: Type.String({ description: 'In the order of time' }),
    at: Type.String({ format: 'date-time' }),
    who: Type.String({ description: 'The person’s or the token’s name; anonymous where none is known' }),
    kind: Type.Enum(['account', 'token', 'admin_token', 'open', 'baton'], {
      description: 'How who is known: open says nothing for certain, baton is Baton itself',
    }),
    from: Type.String({ description: 'The address, or cli' }),
    why: Type.Optional(Type.String()),
    action: Type.String({ description: 'What was asked for, in words' }),
    request: Type.Optional(
      Type.Object({
        method: Type.String(),
        path: Type.String(),
        body: Type.Optional(
          Type.Unknown({ description: 'Without passwords and secrets; left out for those who see masked numbers' }),
        ),
      }),
    ),
    project: Type.Optional(Type.String()),
    environment: Type.Optional(Type.String()),
    result: Type.Enum(['done', 'refused', 'failed']),
    status: Type.Optional(Type.Integer({ description: 'Of the HTTP answer' })),
    problem: Type.Optional(Type.String({ description: 'Why it was refused' })),
    before: Type.Optional(Type.Unknown({ description: 'A version’s number, a digest, or the thing as it was' })),
    after: Type.Optional(Type.Unknown()),
    changes: Type.Optional(
      Type.Array(Type.Unsafe<FieldChange>(Type.Object({}, { description: 'A Change' })), {
        description: 'Field by field',
      }),
    ),
  },
  { title: 'AuditEntry' },
)
export type AuditEntry = Static<typeof AuditEntry>

/** An entry before the store has given it its id. */
export type NewAuditEntry = Omit<AuditEntry, 'id'>

/** Undefined for a line that is no entry, such as one that a crash has cut off. */
export function readEntry(text: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(text) as Partial<AuditEntry> | null
    const isWhole = typeof entry?.id === 'string' && typeof entry.at === 'string'

    return isWhole ? (entry as AuditEntry) : undefined
  } catch {
    return undefined
  }
}
