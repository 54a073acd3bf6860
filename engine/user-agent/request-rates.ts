import { BoundedMap } from '../bounded-map.ts'
import type { Clock } from '../transaction/index.ts'
import { sourceKey, type SourcePolicy } from '../transport/index.ts'

/** Strangers choose their addresses; the sources that were heard of first are forgotten. */
const maxSources = 10_000

interface Bucket {
  tokens: number
  filledAt: number
}

/** Bounds how many requests outside dialogs one source may send in a second; the requests of two seconds may come at once. */
export class RequestRates {
  readonly #policy: SourcePolicy
  readonly #clock: Clock
  readonly #buckets = new BoundedMap<Bucket>(maxSources)

  constructor(policy: SourcePolicy, clock: Clock) {
    this.#policy = policy
    this.#clock = clock
  }

  /** Whether a request from this address is one too many; it is counted when it is not. */
  isExceeded(address: string): boolean {
    const owner = this.#policy.ownerOf(address)
    const { requestRate } = this.#policy.limitsOf(owner)
    if (requestRate === 0) return false
    const now = this.#clock.now()
    const bucket = this.#bucketOf(sourceKey(address, owner), requestRate, now)
    bucket.tokens = Math.min(2 * requestRate, bucket.tokens + (Math.max(0, now - bucket.filledAt) * requestRate) / 1000)
    bucket.filledAt = now
    if (bucket.tokens < 1) return true
    bucket.tokens -= 1

    return false
  }

  #bucketOf(key: string, rate: number, now: number): Bucket {
    const known = this.#buckets.get(key)
    if (known) return known
    const bucket = { tokens: 2 * rate, filledAt: now }
    this.#buckets.set(key, bucket)

    return bucket
  }
}
