import { Type, type Static } from 'typebox'
import { isoTime } from '../../engine/index.ts'
import { targetStates } from './target-machine.ts'
import { targetKinds } from './target-use.ts'
import type { WatchedTarget } from './target.ts'

/** A target as the API shows it. */
export const TargetView = Type.Object(
  {
    id: Type.String({ description: 'transport:host:port', examples: ['udp:192.0.2.10:5060'] }),
    kind: Type.Enum([...targetKinds]),
    uri: Type.String({ description: 'As the configuration writes it', examples: ['sip:192.0.2.10:5060'] }),
    usedBy: Type.Array(Type.String(), {
      description: 'The trunks, environments and handoffs that name it',
      examples: [['trunk carrier', 'demo live', 'demo live front-desk']],
    }),
    state: Type.Enum([...targetStates], {
      description: 'half_open: one call at a time is tried',
    }),
    reason: Type.String({ description: 'Why, in words', examples: ['no answer to OPTIONS'] }),
    since: Type.String({ format: 'date-time', description: 'Since when it is in this state' }),
    rtt: Type.Optional(Type.Number({ description: 'Seconds between the last OPTIONS and its response' })),
    calls: Type.Integer({ description: 'Calls on it now, in this Baton' }),
    lastResults: Type.Array(
      Type.Object({
        at: Type.String({ format: 'date-time' }),
        from: Type.Enum(['probe', 'call']),
        ok: Type.Boolean(),
        what: Type.String(),
      }),
      { description: 'Newest first' },
    ),
  },
  { title: 'Target' },
)
export type TargetView = Static<typeof TargetView>

export function targetView(target: WatchedTarget): TargetView {
  const { id, kind, uri, usedBy, state, reason, since, rtt, calls, results } = target

  return {
    ...{ id, kind, uri, usedBy, state, reason, since: isoTime(since) },
    ...(rtt !== undefined && { rtt }),
    calls,
    lastResults: results.map(({ at, ...result }) => ({ at: isoTime(at), ...result })),
  }
}
