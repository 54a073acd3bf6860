import { timingSafeEqual } from 'node:crypto'
import { formatChallenge, parseDigest, type DigestParams } from './challenge.ts'
import { digest } from './hash.ts'
import type { Nonces } from './nonces.ts'

/** RFC 8760 2.1: what we challenge with. */
export type ChallengeAlgorithm = 'SHA-256' | 'MD5'

/** Somebody who may prove to be who he says. Binary strings. */
export interface DigestUser {
  readonly realm: string
  readonly username: string
  readonly password: string
  /** SHA-256 and MD5 unless it says otherwise. */
  readonly algorithms?: readonly ChallengeAlgorithm[]
}

/**
 * What becomes of a request: `none` it has no credentials for us, `wrong` they are not right, `stale` they are, with a nonce
 * that is too old or was not ours, `replayed` they are, and have been used before, `malformed` it gets 400.
 */
export type DigestVerdict<U extends DigestUser> =
  { kind: 'accepted'; user: U } | { kind: 'none' | 'wrong' | 'stale' | 'replayed' | 'malformed' }

/** Preferred first (RFC 8760 2.4). */
export const challengeAlgorithms: readonly ChallengeAlgorithm[] = ['SHA-256', 'MD5']

/** A password that nobody has: an unknown name takes as long as a wrong password. */
const nobody = { username: '', password: '' }

/**
 * Judges a request by its Authorization (RFC 3261 22.4, RFC 7616 3.4.6). The digest is made of the URI in the
 * credentials, which a proxy on the way may have made differ from the Request-URI (RFC 3261 22.4 item 5).
 * @param authorizations the values of its Authorization headers
 */
export function judge<U extends DigestUser>(
  method: string,
  authorizations: readonly string[],
  users: readonly U[],
  nonces: Nonces,
): DigestVerdict<U> {
  let verdict: DigestVerdict<U> = { kind: 'none' }
  for (const value of authorizations) {
    const given = parseDigest(value)
    const realm = given?.get('realm')
    // Another scheme, or what a proxy on the way or another server wanted.
    if (!given || !users.some((user) => user.realm === realm)) continue
    const one = judgeOne(method, given, users, nonces)
    if (one.kind === 'accepted') return one
    verdict = one
  }

  return verdict
}

/** The values of WWW-Authenticate: for each realm one for each algorithm. `isStale`: the credentials were right. */
export function challenges(users: readonly DigestUser[], nonces: Nonces, isStale: boolean): string[] {
  const realms = new Map<string, ReadonlySet<ChallengeAlgorithm>>()
  for (const { realm, algorithms = challengeAlgorithms } of users) {
    realms.set(realm, new Set([...(realms.get(realm) ?? []), ...algorithms]))
  }

  return Array.from(realms, ([realm, algorithms]) => {
    const nonce = nonces.make()
    const offered = challengeAlgorithms.filter((algorithm) => algorithms.has(algorithm))

    return offered.map((algorithm) => formatChallenge(realm, nonce, algorithm, isStale))
  }).flat()
}

function judgeOne<U extends DigestUser>(
  method: string,
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
  const right = (named.length > 0 ? named : [nobody]).filter(({ password }) => {
    const expected = digest({ algorithm, username, password, realm, nonce, method, uri, auth })

    return expected !== undefined && isSame(expected, response.toLowerCase())
  })
  const user = named.find((each) => right.includes(each) && offers(each, algorithm))
  if (!user) return { kind: 'wrong' }
  if (nonces.age(nonce) !== 'fresh') return { kind: 'stale' }

  // Without qop (RFC 2069) nothing counts the uses of a nonce, so that it has one.
  return nonces.take(nonce, auth ? parseInt(auth.nc, 16) : 1) ? { kind: 'accepted', user } : { kind: 'replayed' }
}

function offers({ algorithms = challengeAlgorithms }: DigestUser, algorithm: string): boolean {
  return algorithms.some((each) => each === algorithm)
}

/** What qop `auth` brings; undefined without qop. */
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
