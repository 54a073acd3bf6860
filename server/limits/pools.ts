import { randomUUID } from 'node:crypto'
import type { Clock } from '../../engine/index.ts'
import type { Routing } from '../../routes/index.ts'
import { NumberPools } from './number-pools.ts'
import { RedisHash } from './field-exchange.ts'
import { SharedPools } from './shared-pools.ts'

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
