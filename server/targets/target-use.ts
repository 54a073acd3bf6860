import type { Limit } from '../../base/choice.ts'
import { noProbe, type Probe } from '../../base/probe.ts'
import type { Trunk } from '../../config/index.ts'
import { requestUriOf } from '../../engine/index.ts'
import type { Handoff, PinnedTable } from '../../routes/index.ts'

export const targetKinds = ['gateway', 'agent', 'handoff'] as const
export type TargetKind = (typeof targetKinds)[number]

/** One place of the configuration that names a target. */
export interface TargetUse {
  readonly kind: TargetKind
  readonly uri: string
  /** For people, such as `trunk carrier` or `demo live front-desk`. */
  readonly usedBy: string
  readonly probe: Probe
  readonly limit?: Limit | undefined
  /** The name that calls under its limit are counted by; its URI when left out. */
  readonly countedAs?: string
}

/** The gateways of the trunks. */
export function usesOfTrunks(trunks: readonly Trunk[]): TargetUse[] {
  return trunks.flatMap(({ name, gateways, choices, probe }) =>
    gateways.map((uri): TargetUse => {
      const limit = choices?.all.find((choice) => choice.uri === uri)?.limit

      return { kind: 'gateway', uri, usedBy: `trunk ${name}`, probe, limit }
    }),
  )
}

/** The agents and the handoffs' hosts of a release. Numbers go to a trunk's gateways, which are targets already. */
export function usesOfRelease({
  project,
  environment,
  agentChoices,
  handoffs,
  settings: { probe },
}: PinnedTable): TargetUse[] {
  const place = `${project} ${environment}`
  const called = handoffs.flatMap((handoff): TargetUse[] => {
    const uri = hostUriOf(handoff)

    if (uri === undefined) return []
    const { name, probe: ofHandoff, limit } = handoff
    const countedAs = `${project}/${environment}/${name}`

    return [{ kind: 'handoff', uri, usedBy: `${place} ${name}`, probe: ofHandoff, limit, countedAs }]
  })

  return [
    ...agentChoices.all.map(({ uri, limit }): TargetUse => ({ kind: 'agent', uri, usedBy: place, probe, limit })),
    ...called,
  ]
}

/** The URI that a handoff is called at; undefined for one by BYE, and for a number. */
function hostUriOf({ route, method, active, transport }: Handoff): string | undefined {
  if (!active || method === 'bye' || route === undefined || !/^sips?:/i.test(route)) return undefined
  const uri = requestUriOf(route)

  return transport === undefined || /;transport=/i.test(uri) ? uri : `${uri};transport=${transport}`
}

/** The probe that asks a target most often, among the places that name it. */
export function probeOfUses(uses: readonly TargetUse[], usualInterval: number): Probe & { interval: number } {
  const probes = uses.map(({ probe }) => ({ ...probe, interval: probe.interval ?? usualInterval }))
  const [first] = probes.filter(({ interval }) => interval > 0).sort((a, b) => a.interval - b.interval)

  return first ?? { ...(probes[0] ?? noProbe), interval: 0 }
}
