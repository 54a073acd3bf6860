import { Type, type Static } from 'typebox'

/** The result of one check. */
export const CheckFinding = Type.Object({
  check: Type.String({ description: 'What was looked at', examples: ['sip', 'trunk carrier', 'demo live'] }),
  state: Type.Enum(['ok', 'warning', 'failed'], {
    description: 'failed: calls or sign-ins fail, or will; warning: they may, or something expires',
  }),
  detail: Type.String({ description: 'What was found' }),
  where: Type.Optional(
    Type.String({
      description: 'The setting or field to change',
      examples: ['SIP_TLS_KEYS', 'trunks.carrier.gateways'],
    }),
  ),
  hint: Type.Optional(Type.String({ description: 'What to do' })),
})
export type CheckFinding = Static<typeof CheckFinding>
