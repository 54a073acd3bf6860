import { Type, type Static } from 'typebox'
import { defined } from '../../base/defined.ts'
import { isoTime, transportNames } from '../../engine/index.ts'
import { addressStates, targetStates } from './address-machine.ts'
import type { AddressHealth } from './address-health.ts'
import { targetKinds, type TargetUse } from './target-use.ts'
import type { WatchedTarget } from './target.ts'

const results = Type.Array(
  Type.Object({
    at: Type.String({ format: 'date-time' }),
    from: Type.Enum(['probe', 'call']),
    ok: Type.Boolean(),
    what: Type.String(),
  }),
  { description: 'Newest first' },
)

/** One address that a target's name has, as the API shows it. */
const AddressView = Type.Object(
  {
    address: Type.String({ examples: ['192.0.2.10'] }),
    port: Type.Integer({ examples: [5060] }),
    transport: Type.Enum(Object.keys(transportNames) as (keyof typeof transportNames)[]),
    state: Type.Enum([...addressStates]),
    reason: Type.String({ description: 'Why, in words', examples: ['no answer to OPTIONS'] }),
    since: Type.String({ format: 'date-time', description: 'Since when it is in this state' }),
    rtt: Type.Optional(Type.Number({ description: 'Seconds between the last OPTIONS and its response' })),
    lastResults: results,
  },
  { title: 'TargetAddress' },
)

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
    certificateExpires: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When the first certificate that it has shown to OPTIONS expires',
      }),
    ),
    calls: Type.Integer({ description: 'Calls on it now, in this Baton' }),
    limit: Type.Optional(
      Type.Object(
        {
          calls: Type.Optional(Type.Integer({ description: 'Calls at once' })),
          cps: Type.Optional(Type.Number({ description: 'New calls a second' })),
          queue: Type.Optional(Type.Number({ description: 'Seconds that a call waits for room' })),
        },
        { description: 'What it takes, by the first place that says so', examples: [{ calls: 30, queue: 20 }] },
      ),
    ),
    used: Type.Optional(
      Type.Object(
        { calls: Type.Integer(), cps: Type.Integer({ description: 'Calls that began within the last second' }) },
        { description: 'What is used of its limit, on all Batons of one Redis', examples: [{ calls: 12, cps: 1 }] },
      ),
    ),
    lastResults: results,
    addresses: Type.Array(AddressView, {
      description: 'Those that its name has, each with a state of its own; none before the name has been looked up',
    }),
  },
  { title: 'Target' },
)
export type TargetView = Static<typeof TargetView>

/** How much of a target's limit is used, such as that of a gateway in a trunk. */
type UsedOf = (use: TargetUse) => { calls: number; starts: number }

/** The target as a principal sees it that has some projects only; undefined when none of them uses it. Trunks are of all. */
export function targetOfProjects(view: TargetView, hasProject: (project: string) => boolean): TargetView | undefined {
  const usedBy = usesOfProjects(view.usedBy, hasProject)

  return usedBy.length === 0 ? undefined : { ...view, usedBy }
}

/** The uses of a target that a principal may see. */
export function usesOfProjects(usedBy: readonly string[], hasProject: (project: string) => boolean): string[] {
  return usedBy.filter((use) => use.startsWith('trunk ') || hasProject(use.split(' ', 1)[0] ?? ''))
}

/** @param usedOf without it, what is used of the limit is not shown */
export function targetView(target: WatchedTarget, usedOf?: UsedOf): TargetView {
  const { id, kind, uri, usedBy, state, reason, since, rtt, calls, certificateExpiry } = target

  const limited = target.uses.find(({ limit }) => limit)
  const used = limited && usedOf?.(limited)

  return {
    ...{ id, kind, uri, usedBy, state, reason, since: isoTime(since) },
    ...defined({
      rtt,
      certificateExpires: certificateExpiry === undefined ? undefined : isoTime(certificateExpiry * 1000),
    }),
    calls,
    ...defined({
      limit: limited?.limit && { ...limited.limit },
      used: used && { calls: used.calls, cps: used.starts },
    }),
    lastResults: resultsOf(target),
    addresses: target.addresses.flatMap(addressView),
  }
}

function addressView(of: AddressHealth): Static<typeof AddressView>[] {
  const { at, state, reason, since, rtt } = of
  if (!at) return []
  const { address, port, transport } = at

  return [
    {
      ...{ address, port, transport, state, reason, since: isoTime(since) },
      ...defined({ rtt }),
      lastResults: resultsOf(of),
    },
  ]
}

function resultsOf(of: Pick<AddressHealth, 'results'>): Static<typeof results> {
  return of.results.map(({ at, ...result }) => ({ at: isoTime(at), ...result }))
}
