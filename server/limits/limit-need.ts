import type { Choice, Limit } from '../../base/choice.ts'
import type { Trunk } from '../../config/index.ts'
import type { PinnedTable, Step } from '../../routes/index.ts'

type LimitedKind = 'gateway' | 'agent' | 'trunk' | 'handoff' | 'environment' | 'project'

/** Room that a call needs in something that has a limit. */
export interface LimitNeed {
  /** Names it on every Baton: its kind and its name. */
  readonly key: string
  readonly kind: LimitedKind
  readonly name: string
  readonly limit: Limit
}

const noNeeds: readonly LimitNeed[] = []

function need(kind: LimitedKind, name: string, limit: Limit): LimitNeed {
  return { key: `${kind} ${name}`, kind, name, limit }
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

/** The longest wait among the limits of these needs, in seconds. */
export function queueOf(needs: readonly LimitNeed[]): number {
  return needs.reduce((longest, { limit: { queue = 0 } }) => Math.max(longest, queue), 0)
}
