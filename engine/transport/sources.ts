import type { Socket } from 'node:net'
import { BoundedMap } from '../bounded-map.ts'
import type { Clock } from '../clock/index.ts'
import { networkOf } from '../flow/index.ts'

/** What one owner, or one stranger's address, may ask of us; 0 for as much as it likes. */
export interface SourceLimits {
  /** Requests outside dialogs in a second. */
  readonly requestRate: number
  /** Connections at once. */
  readonly connections: number
  /** Milliseconds for which a connection may be idle. */
  readonly idleTimeout: number
}

/** What is known of the addresses that messages come from. */
export interface SourcePolicy {
  /** The name of whom an address belongs to; undefined for a stranger's. Addresses of one owner share its limits. */
  ownerOf(address: string): string | undefined
  limitsOf(owner: string | undefined): SourceLimits
  /** Whether requests in a dialog, and responses, must come from the peer that they speak for. */
  readonly checksPeers: boolean
}

/**
 * Whether a message from `source` may speak for the peer at `peer`: it is that address, or one of the same owner. A peer
 * without an owner may be a gateway that is known by its name alone, whose owner sends from its other addresses.
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

/** Strangers together hold at most this share of a listener's connections: the rest is for those that we know. */
const strangersShare = 0.5

/** Counts the connections that one listener has taken, by where they come from. */
export class ConnectionLimits {
  readonly #sources: SourcePolicy | undefined
  readonly #maxConnections: number
  readonly #counts = new Map<string, number>()
  #strangers = 0

  constructor(sources: SourcePolicy | undefined, maxConnections: number) {
    this.#sources = sources
    this.#maxConnections = maxConnections
  }

  /** Whether there is room for one more connection from where this one comes; it is counted until it closes. */
  take(socket: Socket): boolean {
    const sources = this.#sources
    const { remoteAddress } = socket
    if (!sources || remoteAddress === undefined) return true
    const owner = sources.ownerOf(remoteAddress)
    const isStranger = owner === undefined
    const key = sourceKey(remoteAddress, owner)
    const count = this.#counts.get(key) ?? 0
    const { connections } = sources.limitsOf(owner)
    if (connections > 0 && count >= connections) return false
    if (isStranger && this.#strangers >= Math.max(1, this.#maxConnections * strangersShare)) return false
    this.#counts.set(key, count + 1)
    if (isStranger) this.#strangers++
    socket.once('close', () => {
      if (isStranger) this.#strangers--
      const left = (this.#counts.get(key) ?? 1) - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    })

    return true
  }
}

/** Strangers choose their addresses; the sources that were heard of first are forgotten. */
const maxSources = 10_000

interface Bucket {
  tokens: number
  filledAt: number
}

/** Bounds how many requests outside dialogs one source may send in a second; the requests of two seconds may come at once. */
export class RequestRateLimiter {
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
