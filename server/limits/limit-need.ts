import type { Choice, Limit } from '../../base/choice.ts'
import type { Trunk } from '../../config/index.ts'
import type { PinnedTable, Step } from '../../routes/index.ts'

import { capOf, type Cap } from './daily-caps.ts'

export type LimitedKind = 'cap' | 'gateway' | 'agent' | 'trunk' | 'handoff' | 'environment' | 'project'

/** Room that a call needs in something that has a limit. */
export interface LimitNeed {
  /** Names it on every Baton: its kind and its name. */
  readonly key: string
  readonly kind: LimitedKind
  readonly name: string
  readonly limit: Limit
  /** For kind `cap`: the name is that of its trunk. */
  readonly cap?: Cap
}

const noNeeds: readonly LimitNeed[] = []
const noLimit: Limit = {}

/** Names what has a limit on every Baton. */
export function limitKey(kind: LimitedKind, name: string): string {
  return `${kind} ${name}`
}

function need(kind: LimitedKind, name: string, limit: Limit): LimitNeed {
  return { key: limitKey(kind, name), kind, name, limit }
}

/** What a call by a trunk to a number needs: room under the cap of the longest prefix. */
export function needsOfNumber(trunk: Trunk, number: string | undefined): readonly LimitNeed[] {
  const cap = capOf(trunk, number)

  return cap ? [{ key: `cap ${cap.key}`, kind: 'cap', name: trunk.name, limit: noLimit, cap }] : noNeeds
}

/** What an INVITE to a gateway needs; `gateway` is undefined for a destination that is no gateway. */
export function needsOfTrunk({ name, limit }: Trunk, gateway: Choice | undefined): readonly LimitNeed[] {
  if (!limit && !gateway?.limit) return noNeeds

  return [
    ...(limit ? [need('trunk', name, limit)] : []),
    ...(gateway?.limit ? [need('gateway', gateway.uri, gateway.limit)] : []),
  ]
}

export function needsOfStep(
  { handoff, limit }: Pick<Step, 'handoff' | 'limit'>,
  { project, environment }: Pick<PinnedTable, 'project' | 'environment'>,
): readonly LimitNeed[] {
  return limit ? [need('handoff', `${project}/${environment}/${handoff}`, limit)] : noNeeds
}

/** What an INVITE to an agent needs: room in its environment, and in the agent. */
export function needsOfAgent({ uri, limit }: Choice, pinned: PinnedTable): readonly LimitNeed[] {
  const { limit: ofEnvironment } = pinned.settings
  if (!limit && !ofEnvironment) return noNeeds

  return [
    ...(ofEnvironment ? [need('environment', `${pinned.project}/${pinned.environment}`, ofEnvironment)] : []),
    ...(limit ? [need('agent', uri, limit)] : []),
  ]
}

export function needsOfProject({ project, settings: { projectLimit } }: PinnedTable): readonly LimitNeed[] {
  return projectLimit ? [need('project', project, projectLimit)] : noNeeds
}
