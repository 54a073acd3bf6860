import { join } from 'node:path'
import type { Settings } from '../../config/index.ts'
import type { Clock, Timer } from '../../engine/index.ts'
import { FileCapStore, RedisCapStore, type CapStore } from './cap-store.ts'
import type { DailyCaps } from './daily-caps.ts'

/** How often counts are written, and those of other Batons are read. */
const intervalMs = 500

/** Writes the counts of caps behind, and reads those of the other Batons of one Redis. Calls never wait for it. */
export class KeptCaps {
  readonly #caps: DailyCaps
  readonly #store: CapStore
  readonly #clock: Clock
  /** Exchanges and resets, one after the other. */
  #last: Promise<unknown> = Promise.resolve()
  #timer: Timer | undefined
  #isClosed = false

  /** Undefined where no trunk has a cap. Resolves once the counts of the day are known, or cannot be read. */
  static async open(
    caps: DailyCaps,
    { redisUrl, dataDir }: Pick<Settings, 'redisUrl' | 'dataDir'>,
    clock: Clock,
  ): Promise<KeptCaps | undefined> {
    if (caps.size === 0) return undefined
    const store =
      redisUrl === undefined ? new FileCapStore(join(dataDir, 'caps.json')) : await RedisCapStore.open(redisUrl)
    const kept = new KeptCaps(caps, store, clock)
    await kept.start()

    return kept
  }

  constructor(caps: DailyCaps, store: CapStore, clock: Clock) {
    this.#caps = caps
    this.#store = store
    this.#clock = clock
  }

  async start(): Promise<void> {
    await this.#exchange()
    this.#next()
  }

  /** Starts the day of a trunk at none again, on every Baton. Rejects when the store cannot be written. */
  async reset(trunk: string): Promise<void> {
    await this.#inTurn(async () => {
      await this.#store.reset(this.#caps.day, this.#caps.keysOf(trunk))
      this.#caps.reset(trunk)
    })
  }

  /** Idempotent. Writes what is not written yet. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#exchange()
    this.#store.close()
  }

  #next(): void {
    if (this.#isClosed) return
    this.#timer = this.#clock.after(intervalMs, () => {
      const hasNews = this.#store.isShared || this.#caps.unsaved().size > 0
      void (hasNews ? this.#exchange() : Promise.resolve()).then(() => {
        this.#next()
      })
    })
  }

  /** Counts that cannot be written now are written with the next exchange. */
  async #exchange(): Promise<void> {
    await this.#inTurn(async () => {
      const { day } = this.#caps
      const calls = this.#caps.unsaved()
      this.#caps.saved(day, calls, await this.#store.add(day, calls))
    }).catch(() => undefined)
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)

    return done
  }
}
