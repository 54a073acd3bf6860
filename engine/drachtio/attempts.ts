import { createHash, timingSafeEqual } from 'node:crypto'
import { BoundedMap } from '../bounded-map.ts'
import type { Clock } from '../transaction/index.ts'

/** After so many wrong secrets from one address within a minute, the next are not even answered. */
const mostFailures = 20
const memory = 60_000
const maxAddresses = 1000

/** Compares secrets, and slows down those who guess them. */
export class Attempts {
  readonly #secret: Buffer
  readonly #clock: Clock
  readonly #failures = new BoundedMap<{ count: number; since: number }>(maxAddresses)

  constructor(secret: string, clock: Clock) {
    // What clients send is a binary string; so is this.
    this.#secret = digest(Buffer.from(secret, 'utf8').toString('latin1'))
    this.#clock = clock
  }

  /** `silence`: wrong once too often. A right secret is never held against its address. */
  judge(address: string, secret: string): 'right' | 'wrong' | 'silence' {
    if (timingSafeEqual(digest(secret), this.#secret)) return 'right'

    return this.#fail(address) > mostFailures ? 'silence' : 'wrong'
  }

  #fail(address: string): number {
    const now = this.#clock.now()
    const known = this.#failures.get(address)
    if (known && now - known.since < memory) return (known.count += 1)
    this.#failures.set(address, { count: 1, since: now })

    return 1
  }
}

/** Digests are of one length, which is what comparing in constant time asks for. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'latin1').digest()
}
