import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { Type, type Static } from 'typebox'

/** A password as it is stored: its scrypt hash (RFC 7914), with the parameters that made it. */
export const PasswordHash = Type.Object({
  algorithm: Type.Literal('scrypt'),
  /** Cost, block size and parallelisation of RFC 7914 2. */
  n: Type.Integer({ minimum: 2 }),
  r: Type.Integer({ minimum: 1 }),
  p: Type.Integer({ minimum: 1 }),
  /** base64 */
  salt: Type.String(),
  hash: Type.String(),
})
export type PasswordHash = Static<typeof PasswordHash>

/** 32 MiB and about 0.2 s on one core, which is not that of the calls. */
const cost = { n: 32_768, r: 8, p: 3 }
const hashBytes = 32
const saltBytes = 16
/** Hashes that wait for those before them. */
const maxWaiting = 20

export const minPasswordLength = 10
export const maxPasswordLength = 200

/** Too many passwords are being checked at once. */
class TooManyPasswords extends Error {
  readonly status = 503
  readonly slug = 'busy'
  readonly title = 'Too busy'
  readonly detail = 'Too many sign-ins are being checked; try again in a moment.'
}

/** Makes and checks hashes, one at a time: a flood of sign-ins takes no more than one thread and 32 MiB. */
export class Passwords {
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()
  /** Compared with where the name is not known, so that an answer takes the same time. */
  readonly #decoy: PasswordHash = {
    ...{ algorithm: 'scrypt', ...cost },
    salt: randomBytes(saltBytes).toString('base64'),
    hash: randomBytes(hashBytes).toString('base64'),
  }

  async hash(password: string): Promise<PasswordHash> {
    const salt = randomBytes(saltBytes)
    const hash = await this.#derive(password, salt, hashBytes, cost)

    return { algorithm: 'scrypt', ...cost, salt: salt.toString('base64'), hash: hash.toString('base64') }
  }

  /** Takes the same time without a stored hash, and is false then. */
  async matches(password: string, stored: PasswordHash | undefined): Promise<boolean> {
    const { n, r, p, salt, hash } = stored ?? this.#decoy
    const wanted = Buffer.from(hash, 'base64')
    const given = await this.#derive(password, Buffer.from(salt, 'base64'), wanted.length, { n, r, p })

    return timingSafeEqual(given, wanted) && stored !== undefined
  }

  async #derive(
    password: string,
    salt: Buffer,
    length: number,
    { n, r, p }: { n: number; r: number; p: number },
  ): Promise<Buffer> {
    if (this.#waiting >= maxWaiting) throw new TooManyPasswords()
    this.#waiting += 1
    // RFC 7914 2: 128 N r bytes, and 128 r p.
    const options = { N: n, r, p, maxmem: 128 * r * (n + p) + 1_048_576 }
    const derived = this.#last.then(() => derive(password.normalize('NFKC'), salt, length, options))
    this.#last = derived.catch(() => undefined)

    return derived.finally(() => (this.#waiting -= 1))
  }
}

function derive(password: string, salt: Buffer, length: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
