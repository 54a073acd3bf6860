import type { Trunk } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import type { TargetSamples } from '../../metrics/index.ts'
import type { PinnedTable, Routing } from '../../routes/index.ts'
import type { SipStack } from '../sip/stack.ts'
import { Probes } from './probes.ts'
import type { WatchedTarget } from './target.ts'
import { Targets } from './targets.ts'
import { usesOfRelease, usesOfTrunks, type TargetKind } from './target-use.ts'

/** How many targets a check-up asks at once. */
const probesAtOnce = 100

/** What an operator may do with a target. */
type TargetCommand = 'probe' | 'disable' | 'enable' | 'drain'

/** Hears of a target that goes down, or comes up again. */
type TargetObserver = (target: WatchedTarget, change: 'down' | 'up') => void

interface TargetWatchOptions {
  trunks: readonly Trunk[]
  routing: Pick<Routing, 'projects' | 'running' | 'on' | 'off'>
  stack: Pick<SipStack, 'request'>
  clock: Clock
  /** Seconds between two OPTIONS to a target whose probe names no interval; 0: none. */
  probeInterval: number
  observer?: TargetObserver
}

/** Watches the targets of what is running, and follows promotions. */
export class TargetWatch {
  readonly targets: Targets
  readonly #options: TargetWatchOptions
  readonly #probes: Probes
  readonly #follow = (project: string): void => {
    this.targets.setUses(`project ${project}`, this.#options.routing.running(project).flatMap(usesOfRelease))
  }

  constructor(options: TargetWatchOptions) {
    const { stack, clock, observer, probeInterval } = options
    this.#options = options
    this.#probes = new Probes({ stack, clock, usualInterval: probeInterval, random: Math.random })
    this.targets = new Targets({
      clock,
      listener: {
        changed: (target, change) => observer?.(target, change),
        probe: (target) => {
          void this.#probes.probe(target)
        },
        used: (target) => {
          this.#probes.watch(target)
        },
        gone: (target) => {
          this.#probes.forget(target)
        },
      },
    })
  }

  /** Takes in the trunks and the projects, and follows what changes. */
  start(): void {
    const { trunks, routing } = this.#options
    this.targets.setUses('trunks', usesOfTrunks(trunks))
    for (const { project } of routing.projects()) this.#follow(project)
    routing.on('changed', this.#follow)
  }

  /** Gateways first, then agents and handoffs' hosts, each by id. */
  list(): WatchedTarget[] {
    const order = { gateway: 0, agent: 1, handoff: 2 }

    return [...this.targets.all].sort((a, b) => order[a.kind] - order[b.kind] || (a.id < b.id ? -1 : 1))
  }

  /** The agents and the handoffs' hosts of a release that get no call now, and why, in words; each once. */
  closedOf(release: PinnedTable): string[] {
    return [...new Set(usesOfRelease(release).flatMap(({ uri }) => this.targets.closed(uri)?.why ?? []))]
  }

  /** For the metrics. */
  samples(): TargetSamples {
    const { routing } = this.#options
    const targets = [...this.targets.all].map(({ id, kind, state, rtt, calls }) => ({
      ...{ labels: { kind, target: id }, rtt, calls },
      up: state === 'unknown' || state === 'disabled' || state === 'draining' ? undefined : state === 'up',
    }))
    const running = routing.projects().flatMap(({ project }) => routing.running(project))
    const agentsUp = running
      .filter(({ agents }) => agents.length > 0)
      .map(({ project, environment, agents }) => ({
        ...{ project, environment },
        up: agents.filter((uri) => !this.targets.closed(uri)).length,
      }))

    return { targets, agentsUp }
  }

  /** The calls that were not sent to a target because it was down or taken out. */
  refusals(): { kind: TargetKind; target: string; reason: string; count: number }[] {
    return [...this.targets.all].flatMap(({ id, kind, refusals }) =>
      Array.from(refusals, ([reason, count]) => ({ kind, target: id, reason, count })),
    )
  }

  /**
   * Carries out a command; a probe resolves with its result. Undefined when there is no such target.
   * @param by who gives it, and why, for people
   */
  async command(id: string, command: TargetCommand, by: string): Promise<WatchedTarget | undefined> {
    const target = this.targets.get(id)
    if (!target) return undefined
    if (command === 'probe') await this.#probes.probe(target)
    else if (command === 'disable') target.disable(`disabled by ${by}`)
    else if (command === 'drain') target.drain(`drained by ${by}`)
    else target.enable(`enabled by ${by}`)

    return target
  }

  /** Asks every target by OPTIONS, some at a time. Resolves when all have noted their results. */
  async probeAll(): Promise<void> {
    const targets = this.list()
    while (targets.length > 0) {
      await Promise.all(targets.splice(0, probesAtOnce).map((target) => this.#probes.probe(target)))
    }
  }

  /** Idempotent. */
  close(): void {
    this.#options.routing.off('changed', this.#follow)
    this.targets.close()
  }
}
