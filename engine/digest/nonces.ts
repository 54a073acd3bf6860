import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** `foreign`: made by another server or for another source, or tampered with. */
export type NonceAge = 'fresh' | 'expired' | 'foreign'

export interface NonceOptions {
  /** Milliseconds of a monotonic clock. */
  now: () => number
  /** How long a nonce is valid, in milliseconds; five minutes when left out. */
  lifetime?: number
  /** How many used nonces are remembered; beyond, the oldest ones expire. */
  maxUsed?: number
}

// How far a nonce count may be behind the highest one: datagrams overtake each other.
const replayWindow = 32

/** The seen counts of a nonce: the highest, and a bit for each of the 32 from there down. */
interface Use {
  highest: number
  seen: number
}

/**
 * The nonces of a server (RFC 7616 3.3): time and serial number, signed together with the challenged address (RFC
 * 7616 5.5), so that nothing is stored before a nonce is answered. No nonce count is accepted twice (3.4.5).
 */
export class Nonces {
  readonly #now: () => number
  readonly #lifetime: number
  readonly #maxUsed: number
  readonly #key = randomBytes(32)
  readonly #used = new Map<number, Use>()
  #serial = 0
  /** Nonces up to this serial number have expired: the uses of some of them have been forgotten. */
  #floor = 0

  constructor({ now, lifetime = 300_000, maxUsed = 50_000 }: NonceOptions) {
    this.#now = now
    this.#lifetime = lifetime
    this.#maxUsed = maxUsed
  }

  /** How many nonces are remembered. */
  get size(): number {
    return this.#used.size
  }

  /** @param source the address that is challenged */
  make(source: string): string {
    this.#serial += 1
    const stamp = `${Math.floor(this.#now()).toString(36)}.${this.#serial.toString(36)}`

    return `${stamp}.${this.#sign(stamp, source)}`
  }

  age(nonce: string, source: string): NonceAge {
    const known = this.#read(nonce, source)
    if (!known) return 'foreign'

    return known.serial > this.#floor && known.expires > this.#now() ? 'fresh' : 'expired'
  }

  /** Uses a count of a fresh nonce; false when the count was, or may have been, used before. */
  take(nonce: string, count: number, source: string): boolean {
    const known = this.#read(nonce, source)
    if (!known || this.age(nonce, source) !== 'fresh' || !(count >= 1)) return false
    const use = this.#used.get(known.serial)
    if (!use) {
      this.#makeRoom()
      this.#used.set(known.serial, { highest: count, seen: 1 })
      return true
    }
    const ahead = count - use.highest
    if (ahead > 0) {
      use.seen = ahead >= replayWindow ? 1 : (use.seen << ahead) | 1
      use.highest = count
      return true
    }
    const bit = -ahead >= replayWindow ? 0 : 1 << -ahead
    if (bit === 0 || (use.seen & bit) !== 0) return false
    use.seen |= bit

    return true
  }

  #read(nonce: string, source: string): { serial: number; expires: number } | undefined {
    const dot = nonce.lastIndexOf('.')
    const stamp = nonce.slice(0, Math.max(0, dot))
    // In constant time, so that the duration does not reveal how much of the signature was right.
    const given = Buffer.from(nonce.slice(dot + 1), 'latin1')
    const right = Buffer.from(this.#sign(stamp, source), 'latin1')
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
    const [made = '', serial = ''] = stamp.split('.')

    return { serial: parseInt(serial, 36), expires: parseInt(made, 36) + this.#lifetime }
  }

  #sign(stamp: string, source: string): string {
    return createHmac('sha256', this.#key).update(`${stamp} ${source}`, 'latin1').digest('base64url')
  }

  #makeRoom(): void {
    for (const serial of this.#used.keys()) {
      if (this.#used.size < this.#maxUsed) return
      this.#used.delete(serial)
      this.#floor = Math.max(this.#floor, serial)
    }
  }
}
