import type { Trunk } from '../../config/index.ts'
import { isoTime, type Clock } from '../../engine/index.ts'
import type { TargetSamples } from '../../metrics/index.ts'
import type { PinnedTable, Routing } from '../../routes/index.ts'
import type { SipStack } from '../sip/stack.ts'
import { type TargetStores, withTakenOut, type TakenOut, type TakenOutTarget } from './target-peers.ts'
import { Probes } from './probes.ts'
import { SharedTargets } from './shared-targets.ts'
import type { TargetState } from './address-machine.ts'
import type { TargetChange, WatchedTarget } from './target.ts'
import { Targets } from './targets.ts'
import { usesOfRelease, usesOfTrunks, type TargetKind } from './target-use.ts'

/** How many targets a check-up asks at once. */
const probesAtOnce = 100

/** What an operator may do with a target. */
type TargetCommand = 'probe' | 'disable' | 'enable' | 'drain'

type TargetObserver = (target: WatchedTarget, change: TargetChange) => void

interface TargetWatchOptions {
  trunks: readonly Trunk[]
  routing: Pick<Routing, 'projects' | 'running' | 'on' | 'off'>
  stack: Pick<SipStack, 'request' | 'resolve' | 'peerExpiry'>
  clock: Clock
  /** Seconds between two OPTIONS to a target whose probe names no interval; 0: none. */
  probeInterval: number
  /** Without them, what operators take out is forgotten with the process. */
  stores?: Pick<TargetStores, 'takenOut' | 'peers'>
  observer?: TargetObserver
}

/** Watches the targets of what is running, and follows promotions. */
export class TargetWatch {
  readonly targets: Targets
  readonly #options: TargetWatchOptions
  readonly #probes: Probes
  /** Undefined without Redis. */
  readonly #shared: SharedTargets | undefined
  readonly #follow = (project: string): void => {
    this.targets.setUses(`project ${project}`, this.#options.routing.running(project).flatMap(usesOfRelease))
  }

  constructor(options: TargetWatchOptions) {
    const { stack, clock, observer, probeInterval, stores } = options
    this.#options = options
    this.#probes = new Probes({
      ...{ stack, clock, usualInterval: probeInterval, random: Math.random },
      mayAsk: async (target, leaseMs) => this.#shared?.mayProbe(target, leaseMs) ?? true,
      asked: (target, results, intervalMs) => this.#shared?.tellProbe(target, results, intervalMs),
    })
    this.targets = new Targets({
      clock,
      listener: {
        changed: (target, change) => observer?.(target, change),
        learned: (target, address, lesson) => this.#shared?.tell(target, address, lesson),
        added: (target) => {
          this.#applyTakenOut(target)
          this.#shared?.added(target)
        },
        used: (target) => {
          this.#probes.watch(target)
        },
        gone: (target) => {
          this.#probes.forget(target)
        },
      },
    })
    this.#shared =
      stores?.peers &&
      new SharedTargets({
        peers: stores.peers,
        find: (id) => this.targets.get(id),
        all: () => this.targets.all,
        probed: (target) => {
          this.#probes.postpone(target)
        },
      })
  }

  /** Takes in the trunks and the projects, and follows what changes. */
  start(): void {
    const { trunks, routing, stores } = this.#options
    this.targets.setUses('trunks', usesOfTrunks(trunks))
    for (const { project } of routing.projects()) this.#follow(project)
    routing.on('changed', this.#follow)
    stores?.takenOut.onChange(() => {
      for (const target of this.targets.all) this.#applyTakenOut(target)
    })
    this.#shared?.start()
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
    const targets = [...this.targets.all].map(({ id, kind, state, rtt, calls, certificateExpiry }) => ({
      ...{ labels: { kind, target: id }, rtt, calls, certificateExpiry },
      // A half-open target is not up again before a call or OPTIONS has shown it.
      up: state === 'unknown' || state === 'disabled' || state === 'draining' ? undefined : state === 'up',
    }))
    const running = routing.projects().flatMap(({ project }) => routing.running(project))
    const agentsUp = running
      .filter(({ agents }) => agents.length > 0)
      .map(({ project, environment, agents }) => ({
        ...{ project, environment },
        up: agents.filter((uri) => isUp(this.targets.of(uri)?.state ?? 'unknown')).length,
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
   * Carries out a command; a probe resolves with its result, the others when the store has them: they are in force on every
   * Baton of one store. Undefined when there is no such target. Rejects when the store does not answer.
   * @param by who gives it, and why, for people
   */
  async command(id: string, command: TargetCommand, by: string): Promise<WatchedTarget | undefined> {
    const target = this.targets.get(id)
    if (!target) return undefined
    if (command === 'probe') await this.#probes.probe(target)
    else {
      const { clock, stores } = this.#options
      const at = isoTime(clock.now())
      const taken = {
        enable: undefined,
        disable: { state: 'disabled', reason: `disabled by ${by}`, at },
        drain: { state: 'draining', reason: `drained by ${by}`, at },
      } as const
      const isNamed = (each: string) => this.targets.get(each) !== undefined
      const decide = (stored: TakenOut) => withTakenOut(stored, id, taken[command], isNamed)
      if (stores) await stores.takenOut.change(decide)
      else this.#apply(target, taken[command])
      if (command === 'enable') void this.#probes.probe(target)
    }

    return target
  }

  #applyTakenOut(target: WatchedTarget): void {
    this.#apply(target, this.#options.stores?.takenOut.now?.targets[target.id])
  }

  #apply(target: WatchedTarget, taken: TakenOutTarget | undefined): void {
    if (!taken) {
      if (target.isTakenOut) target.enable('enabled by an operator')
    } else if (taken.state !== target.state || taken.reason !== target.reason) {
      target.takeOut(taken.state, taken.reason, Date.parse(taken.at))
    }
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

/** A target of unknown state is called: nothing is known against it. */
function isUp(state: TargetState): boolean {
  return state === 'up' || state === 'unknown'
}
