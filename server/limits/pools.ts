import { randomUUID } from 'node:crypto'
import type { Clock } from '../../engine/index.ts'
import type { Routing } from '../../routes/index.ts'
import { NumberPools, lostAfterMs, type PoolNews } from './number-pools.ts'
import { RedisHash, FieldExchange, type SharedHash } from './field-exchange.ts'

const hashKey = 'baton:pools'

/** The pools of the tables that are served: their numbers, shared with the other Batons of one Redis while there are any. */
export class Pools {
  readonly numbers: NumberPools
  readonly #id = randomUUID()
  readonly #clock: Clock
  readonly #redisUrl: string | undefined
  readonly #routing: Pick<Routing, 'projects' | 'running' | 'on' | 'off'>
  /** The projects whose running tables have a pool. */
  readonly #projects = new Set<string>()
  #shared: SharedPools | undefined

  constructor(
    clock: Clock,
    redisUrl: string | undefined,
    routing: Pick<Routing, 'projects' | 'running' | 'on' | 'off'>,
  ) {
    this.#clock = clock
    this.#redisUrl = redisUrl
    this.#routing = routing
    this.numbers = new NumberPools(clock, this.#id, redisUrl !== undefined)
  }

  /** Resolves after the first exchange with the other Batons, whether or not Redis has answered. */
  async open(): Promise<void> {
    const routing = this.#routing
    for (const { project } of routing.projects()) this.#follow(project)
    routing.on('changed', this.#follow)
    if (this.#redisUrl === undefined) return
    const hash = await RedisHash.open(this.#redisUrl, hashKey)
    const isNeeded = (): boolean => this.#projects.size > 0
    this.#shared = new SharedPools(this.numbers, { id: this.#id, hash, clock: this.#clock, isNeeded })
    await this.#shared.exchange()
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#routing.off('changed', this.#follow)
    await this.#shared?.close()
  }

  readonly #follow = (project: string): void => {
    const hasPool = this.#routing.running(project).some(({ handoffs }) => handoffs.some(({ pool }) => pool))
    if (hasPool) this.#projects.add(project)
    else this.#projects.delete(project)
  }
}

/** How often reservations are exchanged; well below the time in which the others get to know of a Baton. */
const intervalMs = 250
/** The field of a Baton that has stopped. */
const hasLeft = 'left'

/** Exchanges the reserved numbers of pools with the other Batons of one Redis. Transfers never wait for it. */
export class SharedPools {
  readonly #pools: NumberPools
  readonly #clock: Clock
  readonly #id: string
  readonly #exchange: FieldExchange
  /** By Baton: its field, and when that changed last by this Baton's clock. */
  readonly #seen = new Map<string, { text: string; news: PoolNews; changedAt: number }>()
  #turn = 0

  /** @param parts `isNeeded`: whether a table that is served has a pool; Redis is not asked otherwise */
  constructor(pools: NumberPools, parts: { id: string; hash: SharedHash; clock: Clock; isNeeded: () => boolean }) {
    const { id, hash, clock, isNeeded } = parts
    this.#pools = pools
    this.#id = id
    this.#clock = clock
    this.#exchange = new FieldExchange(
      { hash, field: id, clock },
      {
        text: () => (isNeeded() ? JSON.stringify({ turn: this.#turn++, ...pools.news() }) : undefined),
        take: (fields) => this.#take(fields),
        noteUnreachable: () => this.#noteUnreachable(),
        pauseMs: () => intervalMs,
      },
    )
  }

  /** While Redis does not answer, what was known last holds: no Baton takes over the numbers of another. */
  async exchange(): Promise<void> {
    await this.#exchange.run()
  }

  /** Idempotent. The other Batons take over this one's numbers, once they have been free for long enough. */
  async close(): Promise<void> {
    // A field that is gone may be one of a Redis that was emptied.
    await this.#exchange.close(hasLeft)
  }

  /** A Baton is lost when it is silent while Redis answers. */
  #noteUnreachable(): void {
    const now = this.#clock.now()
    for (const seen of this.#seen.values()) seen.changedAt = Math.max(seen.changedAt, now - intervalMs)
  }

  #take(fields: Readonly<Record<string, string>>): void {
    const now = this.#clock.now()
    for (const [baton, text] of Object.entries(fields)) {
      if (baton === this.#id || this.#seen.get(baton)?.text === text) continue
      this.#seen.set(baton, { text, news: newsIn(text), changedAt: now })
    }
    const lost = [...this.#seen].flatMap(([baton, { text, changedAt }]) =>
      text === hasLeft || now - changedAt > lostAfterMs ? [baton] : [],
    )
    for (const baton of lost) this.#seen.delete(baton)
    this.#exchange.remove(lost)
    this.#pools.noteOthers(new Map(Array.from(this.#seen, ([baton, { news }]) => [baton, news])))
  }
}

/** A field that cannot be read reserves nothing, and knows of no other Baton. */
function newsIn(text: string): PoolNews {
  try {
    const { numbers, knows } = JSON.parse(text) as { numbers?: unknown; knows?: unknown }

    return { numbers: textsIn(numbers), knows: textsIn(knows) }
  } catch {
    return { numbers: [], knows: [] }
  }
}

function textsIn(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(String) : []
}
