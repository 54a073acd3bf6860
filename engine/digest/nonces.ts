import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** `foreign`: not made here, made for another source, or tampered with. */
export type NonceAge = 'fresh' | 'expired' | 'foreign'

export interface NonceOptions {
  /** Milliseconds of a clock that never goes back. */
  now: () => number
  /** How long a nonce is good for, in milliseconds; five minutes. */
  lifetime?: number
  /** How many used nonces are remembered; beyond, those used first expire. */
  maxUsed?: number
}

// How far behind the highest count of its nonce a request may come: datagrams overtake each other.
const WINDOW = 32

/** Which counts of a nonce have been seen: the highest, and a bit for each of those just below it. */
interface Use {
  highest: number
  seen: number
}

/**
 * The nonces of a server (RFC 7616 3.3): when it was made and a serial number, signed together with the address that it was
 * made for (RFC 7616 5.5), so that nothing is kept of a nonce before it has been answered. No count of a nonce is taken twice (3.4.5), whatever is forgotten.
 */
export class Nonces {
  readonly #now: () => number
  readonly #lifetime: number
  readonly #maxUsed: number
  readonly #key = randomBytes(32)
  readonly #used = new Map<number, Use>()
  #serial = 0
  /** Nonces up to this one are no longer good: what was known of the uses of some has been forgotten. */
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

  /** Takes a count of a fresh nonce; false when it had been taken before, or could have been. */
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
      use.seen = ahead >= WINDOW ? 1 : (use.seen << ahead) | 1
      use.highest = count
      return true
    }
    const bit = -ahead >= WINDOW ? 0 : 1 << -ahead
    if (bit === 0 || (use.seen & bit) !== 0) return false
    use.seen |= bit

    return true
  }

  #read(nonce: string, source: string): { serial: number; expires: number } | undefined {
    const dot = nonce.lastIndexOf('.')
    const stamp = nonce.slice(0, Math.max(0, dot))
    // In constant time: how long it takes must not tell how much of it was right.
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
