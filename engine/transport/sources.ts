import type { Socket } from 'node:net'
import { BoundedMap } from '../bounded-map.ts'
import type { Clock } from '../clock/index.ts'
import { networkOf } from '../flow/index.ts'

/** Limits of one owner, or of one unknown address; 0 for no limit. */
export interface SourceLimits {
  /** Requests outside dialogs in a second. */
  readonly requestRate: number
  /** Connections at once. */
  readonly connections: number
  /** Milliseconds without traffic after which a connection is closed. */
  readonly idleTimeout: number
}

/** The owners of source addresses, and their limits. */
export interface SourcePolicy {
  /** The owner of an address, whose addresses share its limits; undefined for an unknown source. */
  ownerOf(address: string): string | undefined
  limitsOf(owner: string | undefined): SourceLimits
  /** Whether requests in a dialog, and responses, must come from the peer that they speak for. */
  readonly checksPeers: boolean
}

/**
 * Whether a message from `source` may speak for the peer at `peer`: the same address, or one of the same owner. A peer
 * without an owner may be a gateway that is known only by its name, and any known owner may speak for it.
 */
export function speaksFor(source: string, peer: string, policy: SourcePolicy): boolean {
  if (source === peer) return true
  const owner = policy.ownerOf(source)
  const owned = policy.ownerOf(peer)

  return owner !== undefined && (owned === undefined || owned === owner)
}

/** The key that an address's limits are counted by: its owner, or the address itself, and of IPv6 the /64. */
function sourceKey(address: string, owner: string | undefined): string {
  return owner === undefined ? networkOf(address) : `of ${owner}`
}

/** Unknown sources together hold at most this share of a listener's connections: the rest is for owners. */
const unknownShare = 0.5

/** Counts the connections that one listener has accepted, by source. */
export class ConnectionLimits {
  readonly #sources: SourcePolicy | undefined
  readonly #maxConnections: number
  readonly #counts = new Map<string, number>()
  #unknown = 0

  constructor(sources: SourcePolicy | undefined, maxConnections: number) {
    this.#sources = sources
    this.#maxConnections = maxConnections
  }

  /** Whether the source of this connection may have one more; the connection is counted until it closes. */
  take(socket: Socket): boolean {
    const sources = this.#sources
    const { remoteAddress } = socket
    if (!sources || remoteAddress === undefined) return true
    const owner = sources.ownerOf(remoteAddress)
    const isUnknown = owner === undefined
    const key = sourceKey(remoteAddress, owner)
    const count = this.#counts.get(key) ?? 0
    const { connections } = sources.limitsOf(owner)
    if (connections > 0 && count >= connections) return false
    if (isUnknown && this.#unknown >= Math.max(1, this.#maxConnections * unknownShare)) return false
    this.#counts.set(key, count + 1)
    if (isUnknown) this.#unknown++
    socket.once('close', () => {
      if (isUnknown) this.#unknown--
      const left = (this.#counts.get(key) ?? 1) - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    })

    return true
  }
}

/** Unknown sources can forge addresses: the oldest sources are forgotten. */
const maxSources = 10_000

interface Bucket {
  tokens: number
  filledAt: number
}

/** Bounds the requests outside dialogs of each source per second; a burst may hold those of two seconds. */
export class RequestRateLimiter {
  readonly #policy: SourcePolicy
  readonly #clock: Clock
  readonly #buckets = new BoundedMap<Bucket>(maxSources)

  constructor(policy: SourcePolicy, clock: Clock) {
    this.#policy = policy
    this.#clock = clock
  }

  /** Whether a request from this address exceeds the rate; one that does not is counted. */
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
