import { Type, type Static } from 'typebox'

/** A trunk as the API shows it. Its credentials are never shown. */
export const TrunkView = Type.Object({
  name: Type.String(),
  peers: Type.Array(Type.String({ description: 'CIDR ranges whose requests belong to it' })),
  gateways: Type.Array(Type.Object({ uri: Type.String() }), { description: 'In order of preference' }),
  numberFormat: Type.String(),
  refer: Type.Boolean({ description: 'Whether its callers can be moved by REFER, as its settings say' }),
  referMemory: Type.Number({ description: 'Seconds that its refusal of REFER is remembered' }),
  srtpMemory: Type.Number({ description: 'Seconds that a refusal of SRTP by a gateway or host is remembered' }),
  memory: Type.Array(
    Type.Object({
      refused: Type.Enum(['refer', 'srtp']),
      target: Type.Optional(
        Type.String({ description: 'The gateway or host that refused it; the whole trunk without' }),
      ),
      what: Type.String({ description: 'The refusal, such as 403 Forbidden' }),
      until: Type.String({
        format: 'date-time',
        description: 'Until when it is remembered: callers are bridged at once',
      }),
    }),
    { description: 'What it has refused lately' },
  ),
})
export type TrunkView = Static<typeof TrunkView>
/** What a trunk can be remembered to refuse. */
export type Refused = TrunkView['memory'][number]['refused']
