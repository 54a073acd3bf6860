import type { Trunk } from '../../config/index.ts'
import { type PinnedTable } from '../../routes/index.ts'

export const targetKinds = ['gateway', 'agent', 'handoff'] as const
export type TargetKind = (typeof targetKinds)[number]

/** One place of the configuration that names a target. */
export interface TargetUse {
  readonly kind: TargetKind
  readonly uri: string
  /** For people, such as `trunk carrier` or `demo live front-desk`. */
  readonly usedBy: string
}

/** The gateways of the trunks. */
export function usesOfTrunks(trunks: readonly Trunk[]): TargetUse[] {
  return trunks.flatMap(({ name, gateways }) =>
    gateways.map((uri): TargetUse => ({ kind: 'gateway', uri, usedBy: `trunk ${name}` })),
  )
}

/** The agents and the handoffs' hosts of a release. Numbers go to a trunk's gateways, which are targets already. */
export function usesOfRelease({ project, environment, agents, handoffs }: PinnedTable): TargetUse[] {
  const place = `${project} ${environment}`
  const called = handoffs.flatMap(({ name, route, method, active }): TargetUse[] =>
    active && method !== 'bye' && route !== undefined && /^sips?:/i.test(route)
      ? [{ kind: 'handoff', uri: route, usedBy: `${place} ${name}` }]
      : [],
  )

  return [...agents.map((uri): TargetUse => ({ kind: 'agent', uri, usedBy: place })), ...called]
}
