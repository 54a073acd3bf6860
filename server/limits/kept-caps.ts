import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import type { Settings } from '../../config/index.ts'
import type { Clock, Timer } from '../../engine/index.ts'
import { openRedis, replaceFile, type RedisClient } from '../../routes/index.ts'
import type { DailyCaps } from './daily-caps.ts'

/** Keeps the calls of a day by cap, over a restart. */
export interface CapStore {
  /** Whether other Batons add to the counts. */
  readonly isShared: boolean
  /** Adds calls of a day, and resolves with all of that day. */
  add(day: string, calls: ReadonlyMap<string, number>): Promise<Readonly<Record<string, number>>>
  /** Takes these caps of a day back to none. */
  reset(day: string, keys: readonly string[]): Promise<unknown>
  close(): void
}

/** The counts of a day are gone from Redis so long after its last call. */
const keptSeconds = 2 * 86_400

/** One hash for each day, which all Batons of one Redis add to. */
class RedisCapStore implements CapStore {
  readonly isShared = true
  readonly #client: RedisClient
  readonly #disconnect: () => void

  private constructor(client: RedisClient, disconnect: () => void) {
    this.#client = client
    this.#disconnect = disconnect
  }

  static async open(url: string): Promise<RedisCapStore> {
    const { client, close } = await openRedis(url)

    return new RedisCapStore(client, close)
  }

  async add(day: string, calls: ReadonlyMap<string, number>): Promise<Record<string, number>> {
    const client = this.#client
    const key = keyOf(day)
    const added = Array.from(calls, ([cap, count]) => client.hincrby(key, cap, count))
    if (added.length > 0) await Promise.all([...added, client.expire(key, keptSeconds)])
    const fields = await client.hgetall(key)

    return Object.fromEntries(Object.entries(fields).map(([cap, count]) => [cap, Number(count)]))
  }

  reset(day: string, keys: readonly string[]): Promise<unknown> {
    return this.#client.hdel(keyOf(day), ...keys)
  }

  close(): void {
    this.#disconnect()
  }
}

function keyOf(day: string): string {
  return `baton:caps:${day}`
}

interface DayCounts {
  day: string
  calls: Record<string, number>
}

/** One file with the counts of the last day. */
export class FileCapStore implements CapStore {
  readonly isShared = false
  readonly #path: string
  #kept: DayCounts | undefined

  constructor(path: string) {
    this.#path = path
  }

  async add(day: string, calls: ReadonlyMap<string, number>): Promise<Record<string, number>> {
    const kept = (this.#kept ??= await readCounts(this.#path))
    const counts = kept.day === day ? { ...kept.calls } : {}
    for (const [key, count] of calls) counts[key] = (counts[key] ?? 0) + count
    if (calls.size > 0) await this.#write({ day, calls: counts })

    return counts
  }

  async reset(day: string, keys: readonly string[]): Promise<void> {
    const kept = (this.#kept ??= await readCounts(this.#path))
    const left = Object.entries(kept.day === day ? kept.calls : {}).filter(([key]) => !keys.includes(key))
    await this.#write({ day, calls: Object.fromEntries(left) })
  }

  close(): void {
    // Each write is complete when it resolves: there is nothing to close.
  }

  async #write(counts: DayCounts): Promise<void> {
    await replaceFile(this.#path, JSON.stringify(counts))
    this.#kept = counts
  }
}

/** A file that is not there, or cannot be read, counts nothing. */
async function readCounts(path: string): Promise<DayCounts> {
  try {
    const { day, calls } = JSON.parse(await readFile(path, 'utf8')) as Partial<DayCounts>

    return { day: day ?? '', calls: calls ?? {} }
  } catch {
    return { day: '', calls: {} }
  }
}

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
