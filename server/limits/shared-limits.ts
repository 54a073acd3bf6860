import { randomUUID } from 'node:crypto'
import type { Clock, Timer } from '../../engine/index.ts'
import type { SharedCount } from './limit-counter.ts'
import type { Limits } from './limits.ts'
import { RedisHash, type SharedHash } from './redis-hash.ts'

/** How often counts are exchanged. */
const intervalMs = 250
/** A Baton whose field has not changed for so long is lost, and its calls are counted no more. */
const lostAfterMs = 2000
/** The field of a lost Baton is removed after so long. */
const removedAfterMs = 30_000

/** The field of one Baton: its number grows with each exchange, so that no two clocks are compared. */
interface PeerCounts {
  readonly turn: number
  /** Calls, and those of the last second, by key. */
  readonly counts: Readonly<Record<string, readonly [calls: number, starts: number]>>
}

interface SeenPeer {
  text: string
  /** When the field changed last, by this Baton's clock. */
  changedAt: number
}

/** Exchanges the counts of limits with the other Batons of one Redis. Calls never wait for it. */
export class SharedLimits {
  readonly #limits: Limits
  readonly #hash: SharedHash
  readonly #clock: Clock
  readonly #field = randomUUID()
  readonly #peers = new Map<string, SeenPeer>()
  #turn = 0
  #timer: Timer | undefined
  #isClosed = false

  /** Undefined without a URL. Resolves after the first exchange, whether or not Redis has answered. */
  static async open(limits: Limits, url: string | undefined, clock: Clock): Promise<SharedLimits | undefined> {
    if (url === undefined) return undefined
    const shared = new SharedLimits(limits, await RedisHash.open(url), clock)
    await shared.start()

    return shared
  }

  constructor(limits: Limits, hash: SharedHash, clock: Clock) {
    this.#limits = limits
    this.#hash = hash
    this.#clock = clock
  }

  /** Resolves after the first exchange, whether or not Redis has answered. */
  async start(): Promise<void> {
    await this.#exchange()
  }

  /** Idempotent. The other Batons count this one's calls no more. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#hash.remove([this.#field]).catch(() => undefined)
    this.#hash.close()
  }

  async #exchange(): Promise<void> {
    const counts = Object.fromEntries(
      Array.from(this.#limits.counts(), ([key, { calls, starts }]) => [key, [calls, starts]]),
    )
    try {
      const fields = await this.#hash.exchange(this.#field, JSON.stringify({ turn: this.#turn++, counts }))
      if (!this.#isClosed) this.#take(fields)
    } catch {
      this.#limits.noteUnreachable()
    }
    if (this.#isClosed) return
    this.#timer = this.#clock.after(intervalMs, () => {
      void this.#exchange()
    })
  }

  #take(fields: Readonly<Record<string, string>>): void {
    const now = this.#clock.now()
    const sums = new Map<string, SharedCount>()
    let batons = 1
    for (const [field, text] of Object.entries(fields)) {
      if (field === this.#field || !this.#isAlive(field, text, now)) continue
      batons += 1
      for (const [key, [calls, starts]] of Object.entries(countsIn(text))) {
        const sum = sums.get(key)
        sums.set(key, { calls: calls + (sum?.calls ?? 0), starts: starts + (sum?.starts ?? 0) })
      }
    }
    this.#forget(fields, now)
    this.#limits.noteOthers(sums, batons)
  }

  #isAlive(field: string, text: string, now: number): boolean {
    const seen = this.#peers.get(field)
    if (seen?.text === text) return now - seen.changedAt < lostAfterMs
    this.#peers.set(field, { text, changedAt: now })

    return true
  }

  #forget(fields: Readonly<Record<string, string>>, now: number): void {
    const gone: string[] = []
    for (const [field, { changedAt }] of this.#peers) {
      if (!(field in fields)) this.#peers.delete(field)
      else if (now - changedAt > removedAfterMs) gone.push(field)
    }
    if (gone.length > 0) this.#hash.remove(gone).catch(() => undefined)
  }
}

/** A field that cannot be read counts nothing: another version of Baton may have written it. */
function countsIn(text: string): PeerCounts['counts'] {
  try {
    const { counts } = JSON.parse(text) as Partial<PeerCounts>

    return typeof counts === 'object' ? counts : {}
  } catch {
    return {}
  }
}
