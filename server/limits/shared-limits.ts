import { randomUUID } from 'node:crypto'
import type { Settings, Trunk } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import type { Limits } from './limits.ts'
import { LimitPeerBook, type PeerCounts } from './peer-book.ts'
import { FieldExchange, RedisHash, type SharedHash } from './field-exchange.ts'
import type { Choices } from '../../base/choice.ts'
import type { PinnedTable, Routing } from '../../routes/index.ts'

/** The parts of the routing whose limits are counted. */
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

/** How often counts are exchanged while calls may need room. */
const intervalMs = 250
/** How often a Baton shows that it is there while nothing has a limit. */
const quietIntervalMs = 5000

/** Exchanges the counts of limits with the other Batons of one Redis. Calls never wait for it. */
export class SharedLimits {
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #peers: LimitPeerBook
  readonly #exchange: FieldExchange
  /** Whether calls may need room: without limits, the exchange is for the others to know of this Baton. */
  #isNeeded = false
  #inForce: LimitsInForce | undefined
  #turn = 0
  #everyMs = intervalMs

  /** Undefined without Redis. Resolves after the first exchange, whether or not Redis has answered. */
  static async open(
    limits: Limits,
    { redisUrl, trunks }: Pick<Settings, 'redisUrl' | 'trunks'>,
    routing: FollowedRouting,
    clock: Clock,
  ): Promise<SharedLimits | undefined> {
    if (redisUrl === undefined) return undefined
    const shared = new SharedLimits(limits, await RedisHash.open(redisUrl, 'baton:limits'), clock)
    const inForce = new LimitsInForce(trunks, routing)
    shared.#inForce = inForce
    inForce.follow((areThere) => {
      shared.setNeeded(areThere)
    })
    await shared.start(inForce.areThere)

    return shared
  }

  constructor(limits: Limits, hash: SharedHash, clock: Clock) {
    const field = randomUUID()
    this.#limits = limits
    this.#clock = clock
    this.#peers = new LimitPeerBook(field)
    this.#exchange = new FieldExchange(
      { hash, field, clock },
      {
        text: () => this.#text(),
        take: (fields, isNew) => this.#take(fields, isNew && this.#turn > 1),
        noteUnreachable: () => {
          this.#peers.noteUnreachable()
          this.#limits.noteUnreachable()
        },
        pauseMs: () => (this.#isNeeded ? intervalMs : this.#everyMs),
      },
    )
  }

  /** Resolves after the first exchange, whether or not Redis has answered. */
  async start(isNeeded: boolean): Promise<void> {
    this.#isNeeded = isNeeded
    await this.#exchange.run()
  }

  /** A promotion may have brought the first limit, or have removed the last one. */
  setNeeded(isNeeded: boolean): void {
    const isFirst = isNeeded && !this.#isNeeded
    this.#isNeeded = isNeeded
    if (!isFirst) return
    this.#limits.noteUnheard()
    this.#exchange.hurry()
  }

  /** Idempotent. The other Batons count this one's calls no more. */
  async close(): Promise<void> {
    this.#inForce?.close()
    await this.#exchange.close()
  }

  #text(): string {
    const own = this.#limits.tell()
    // Calls of an earlier release count until they end.
    const everyMs = this.#isNeeded || own.size > 0 ? intervalMs : quietIntervalMs
    const counts = Object.fromEntries(Array.from(own, ([key, { calls, starts }]) => [key, [calls, starts] as const]))
    this.#everyMs = everyMs

    return JSON.stringify({ turn: this.#turn++, everyMs, counts } satisfies PeerCounts)
  }

  #take(fields: Readonly<Record<string, string>>, wasEmptied: boolean): void {
    const gone = this.#peers.read(fields, this.#clock.now(), wasEmptied)
    const { counts, batons, areAllHeard } = this.#peers.sums()
    this.#limits.noteOthers(counts, batons, areAllHeard ? 'fresh' : 'stale')
    this.#exchange.remove(gone)
  }
}
