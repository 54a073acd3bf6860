import { randomUUID } from 'node:crypto'
import type { Settings } from '../../config/index.ts'
import type { Clock, Timer } from '../../engine/index.ts'
import { LimitsInForce, type FollowedRouting } from './limits-in-force.ts'
import type { Limits } from './limits.ts'
import { LimitPeerBook, type PeerCounts } from './peer-book.ts'
import { RedisHash, type SharedHash } from './redis-hash.ts'

/** How often counts are exchanged while calls may need room. */
const intervalMs = 250
/** How often a Baton shows that it is there while nothing has a limit. */
const quietIntervalMs = 5000

/** Exchanges the counts of limits with the other Batons of one Redis. Calls never wait for it. */
export class SharedLimits {
  readonly #limits: Limits
  readonly #hash: SharedHash
  readonly #clock: Clock
  readonly #field = randomUUID()
  readonly #peers: LimitPeerBook
  /** Whether calls may need room: without limits, the exchange is for the others to know of this Baton. */
  #isNeeded = false
  #inForce: LimitsInForce | undefined
  #turn = 0
  #timer: Timer | undefined
  #isRunning = false
  #isClosed = false

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
    this.#limits = limits
    this.#hash = hash
    this.#clock = clock
    this.#peers = new LimitPeerBook(this.#field)
  }

  /** Resolves after the first exchange, whether or not Redis has answered. */
  async start(isNeeded: boolean): Promise<void> {
    this.#isNeeded = isNeeded
    await this.#exchange()
  }

  /** A promotion may have brought the first limit, or have removed the last one. */
  setNeeded(isNeeded: boolean): void {
    const isFirst = isNeeded && !this.#isNeeded
    this.#isNeeded = isNeeded
    if (!isFirst || this.#isClosed) return
    this.#limits.noteUnheard()
    // An exchange that is under way is as good.
    if (this.#isRunning) return
    this.#timer?.cancel()
    void this.#exchange()
  }

  /** Idempotent. The other Batons count this one's calls no more. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.cancel()
    this.#inForce?.close()
    await this.#hash.remove([this.#field]).catch(() => undefined)
    this.#hash.close()
  }

  async #exchange(): Promise<void> {
    this.#isRunning = true
    const own = this.#limits.tell()
    // Calls of an earlier release count until they end.
    const everyMs = this.#isNeeded || own.size > 0 ? intervalMs : quietIntervalMs
    const counts = Object.fromEntries(Array.from(own, ([key, { calls, starts }]) => [key, [calls, starts] as const]))
    const text = JSON.stringify({ turn: this.#turn++, everyMs, counts } satisfies PeerCounts)
    try {
      const { fields, isNew } = await this.#hash.exchange(this.#field, text)
      if (!this.#isClosed) this.#take(fields, isNew && this.#turn > 1)
    } catch {
      this.#peers.noteUnreachable()
      this.#limits.noteUnreachable()
    }
    this.#isRunning = false
    if (this.#isClosed) return
    this.#timer = this.#clock.after(this.#isNeeded ? intervalMs : everyMs, () => {
      void this.#exchange()
    })
  }

  #take(fields: Readonly<Record<string, string>>, wasEmptied: boolean): void {
    const gone = this.#peers.read(fields, this.#clock.now(), wasEmptied)
    const { counts, batons, areAllHeard } = this.#peers.sums()
    this.#limits.noteOthers(counts, batons, areAllHeard ? 'fresh' : 'stale')
    if (gone.length > 0) this.#hash.remove(gone).catch(() => undefined)
  }
}
