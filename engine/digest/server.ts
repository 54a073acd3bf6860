import { timingSafeEqual, createHmac, randomBytes } from 'node:crypto'
import { isSipUri, parseUri, sameUri } from '../message/index.ts'
import { type DigestParams, formatChallenge, parseDigest, digest } from './digest.ts'

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

/** RFC 8760 2.1: the algorithms of our challenges. */
type ChallengeAlgorithm = 'SHA-256' | 'MD5'

/** A user that may authenticate. Binary strings. */
export interface DigestUser {
  readonly realm: string
  readonly username: string
  readonly password: string
  /** SHA-256 and MD5 when left out. */
  readonly algorithms?: readonly ChallengeAlgorithm[]
}

/** The parts of a request that its credentials are checked against. Binary strings. */
export interface JudgedRequest {
  readonly method: string
  /** The Request-URI. */
  readonly uri: string
  /** The source address. */
  readonly source: string
  /** The values of its Authorization headers. */
  readonly authorizations: readonly string[]
}

/**
 * The result of a check. `none`: no credentials for these realms; `wrong`: wrong user name, password or algorithm; `stale`:
 * right credentials with a nonce that is expired, unknown or made for another source; `replayed`: right credentials whose nonce
 * count was used before; `other_uri` (400): credentials for another resource; `malformed` (400).
 */
export type DigestVerdict<U extends DigestUser> =
  { kind: 'accepted'; user: U } | { kind: 'none' | 'wrong' | 'stale' | 'replayed' | 'other_uri' | 'malformed' }

/** Preferred first (RFC 8760 2.3). */
const challengeAlgorithms: readonly ChallengeAlgorithm[] = ['SHA-256', 'MD5']

/** A stand-in user, so that checking an unknown name takes as long as checking a wrong password. */
const unknownUser = { username: '', password: '' }

/** Judges a request by its Authorization (RFC 3261 22.4, RFC 7616 3.4.6). */
export function judge<U extends DigestUser>(
  request: JudgedRequest,
  users: readonly U[],
  nonces: Nonces,
): DigestVerdict<U> {
  let verdict: DigestVerdict<U> = { kind: 'none' }
  for (const value of request.authorizations) {
    const given = parseDigest(value)
    const realm = given?.get('realm')
    // Another scheme, or credentials for another server or a proxy.
    if (!given || !users.some((user) => user.realm === realm)) continue
    const one = judgeOne(request, given, users, nonces)
    if (one.kind === 'accepted') return one
    verdict = one
  }

  return verdict
}

/**
 * The values of WWW-Authenticate: for each realm one for each algorithm.
 * @param source the address that is challenged
 * @param isStale the credentials were right
 */
export function challenges(users: readonly DigestUser[], nonces: Nonces, source: string, isStale: boolean): string[] {
  const realms = new Map<string, ReadonlySet<ChallengeAlgorithm>>()
  for (const { realm, algorithms = challengeAlgorithms } of users) {
    realms.set(realm, new Set([...(realms.get(realm) ?? []), ...algorithms]))
  }

  return Array.from(realms, ([realm, algorithms]) => {
    const nonce = nonces.make(source)
    const offered = challengeAlgorithms.filter((algorithm) => algorithms.has(algorithm))

    return offered.map((algorithm) => formatChallenge(realm, nonce, algorithm, isStale))
  }).flat()
}

function judgeOne<U extends DigestUser>(
  { method, uri: requestUri, source }: JudgedRequest,
  given: DigestParams,
  users: readonly U[],
  nonces: Nonces,
): DigestVerdict<U> {
  const [realm, username, nonce, uri, response] = ['realm', 'username', 'nonce', 'uri', 'response'].map((name) =>
    given.get(name),
  )
  if (realm === undefined || username === undefined || nonce === undefined) return { kind: 'malformed' }
  if (uri === undefined || response === undefined) return { kind: 'malformed' }
  const auth = readAuth(given)
  if (auth === 'malformed') return { kind: 'malformed' }
  const algorithm = (given.get('algorithm') ?? 'MD5').toUpperCase()
  const named = users.filter((user) => user.realm === realm && user.username === username)
  const right = (named.length > 0 ? named : [unknownUser]).filter(({ password }) => {
    const expected = digest({ algorithm, username, password, realm, nonce, method, uri, auth })

    return expected !== undefined && isSame(expected, response.toLowerCase())
  })
  const user = named.find((each) => right.includes(each) && offers(each, algorithm))
  if (!user) return { kind: 'wrong' }
  if (!designates(uri, requestUri)) return { kind: 'other_uri' }
  if (nonces.age(nonce, source) !== 'fresh') return { kind: 'stale' }

  // Without qop (RFC 2069) there is no nonce count: the nonce is good for one request.
  return nonces.take(nonce, auth ? parseInt(auth.nc, 16) : 1, source)
    ? { kind: 'accepted', user }
    : { kind: 'replayed' }
}

/**
 * Whether the URI of the credentials designates the resource of the Request-URI (RFC 7616 3.4.6). A proxy on the way may have
 * changed port and parameters (RFC 3261 22.4 item 5), and some user agents name the host alone.
 */
function designates(given: string, requested: string): boolean {
  if (given === requested) return true
  const [a, b] = [parseUri(given), parseUri(requested)]
  if (!a || !b) return false
  if (!isSipUri(a) || !isSipUri(b)) return sameUri(a, b)

  return a.host.toLowerCase() === b.host.toLowerCase() && (a.user === undefined || a.user === b.user)
}

function offers({ algorithms = challengeAlgorithms }: DigestUser, algorithm: string): boolean {
  return algorithms.some((each) => each === algorithm)
}

/** The parameters of qop `auth`; undefined without qop. */
function readAuth(given: DigestParams): { cnonce: string; nc: string } | undefined | 'malformed' {
  const qop = given.get('qop')
  if (qop === undefined) return undefined
  const cnonce = given.get('cnonce')
  const nc = given.get('nc')
  if (qop.toLowerCase() !== 'auth' || cnonce === undefined || nc === undefined) return 'malformed'

  return /^[0-9a-f]{8}$/i.test(nc) && parseInt(nc, 16) > 0 ? { cnonce, nc } : 'malformed'
}

function isSame(expected: string, given: string): boolean {
  return (
    expected.length === given.length && timingSafeEqual(Buffer.from(expected, 'latin1'), Buffer.from(given, 'latin1'))
  )
}
