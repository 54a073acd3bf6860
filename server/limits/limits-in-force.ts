import type { Choices } from '../../base/choice.ts'
import type { Trunk } from '../../config/index.ts'
import type { PinnedTable, Routing } from '../../routes/index.ts'

/** What of the routing is followed. */
export type FollowedRouting = Pick<Routing, 'projects' | 'running' | 'on' | 'off'>

/** Follows whether a call may need room anywhere: in the trunks, or in what runs of a project. */
export class LimitsInForce {
  readonly #routing: FollowedRouting
  readonly #ofTrunks: boolean
  readonly #projects = new Set<string>()
  #changed: (areThere: boolean) => void = () => undefined
  readonly #follow = (project: string): void => {
    this.#read(project)
    this.#changed(this.areThere)
  }

  constructor(trunks: readonly Trunk[], routing: FollowedRouting) {
    this.#routing = routing
    this.#ofTrunks = trunks.some(
      ({ limit, choices, caps = [] }) => limit !== undefined || hasLimit(choices) || caps.length > 0,
    )
    for (const { project } of routing.projects()) this.#read(project)
    routing.on('changed', this.#follow)
  }

  get areThere(): boolean {
    return this.#ofTrunks || this.#projects.size > 0
  }

  /** @param changed is told after each change of a project */
  follow(changed: (areThere: boolean) => void): void {
    this.#changed = changed
  }

  /** Idempotent. */
  close(): void {
    this.#routing.off('changed', this.#follow)
  }

  #read(project: string): void {
    if (this.#routing.running(project).some(releaseHasLimit)) this.#projects.add(project)
    else this.#projects.delete(project)
  }
}

function releaseHasLimit({ settings, agentChoices, handoffs }: PinnedTable): boolean {
  return (
    settings.limit !== undefined ||
    settings.projectLimit !== undefined ||
    hasLimit(agentChoices) ||
    handoffs.some(({ limit }) => limit !== undefined)
  )
}

function hasLimit(choices: Choices | undefined): boolean {
  return choices?.all.some(({ limit }) => limit !== undefined) ?? false
}
