import type { Request, Response } from '../message/index.ts'
import { randomToken } from '../random.ts'
import { type DigestParams, formatDigest, parseDigest } from './challenge.ts'
import { digest, isSupported } from './hash.ts'

/** Binary strings. */
export interface Credentials {
  username: string
  password: string
  /** Given: a challenge for another realm is not answered. */
  realm?: string | undefined
}

/** How many responses to one request are answered: a proxy's, a server's, and one for a nonce that went stale meanwhile. */
export const mostChallenges = 3

/**
 * The headers that answer the challenges of a 401 or 407 (RFC 3261 22.2, 22.3), for each realm the first challenge whose
 * algorithm we have (RFC 8760 2.4), and those that the request had for other realms, made anew. Undefined when there is no
 * challenge that these credentials answer, or only such as they have answered: unless the nonce was stale, they are wrong.
 */
export function answerChallenge(
  response: Response,
  request: Request,
  credentials: Credentials,
): [name: string, value: string][] | undefined {
  const answers: [string, string][] = []
  let isNew = false
  for (const [from, to] of headerPairs) {
    const before = byRealm(request.headers(to))
    const answered = new Set<string>()
    for (const value of response.headers(from)) {
      const challenge = parseDigest(value)
      const realm = challenge?.get('realm')
      if (!challenge || realm === undefined || answered.has(realm)) continue
      if (credentials.realm !== undefined && credentials.realm !== realm) continue
      if (before.has(realm) && challenge.get('stale')?.toLowerCase() !== 'true') continue
      const answer = answerOne(challenge, realm, request, credentials, 1)
      if (!answer) continue
      answered.add(realm)
      answers.push([to, answer])
      isNew = true
    }
    for (const [realm, given] of before) {
      if (credentials.realm !== undefined && credentials.realm !== realm) continue
      const count = parseInt(given.get('nc') ?? '0', 16) + 1
      const answer = answered.has(realm) ? undefined : answerOne(given, realm, request, credentials, count)
      if (answer) answers.push([to, answer])
    }
  }

  return isNew ? answers : undefined
}

/** Credentials that a request has. */
function byRealm(values: readonly string[]): Map<string, DigestParams> {
  const found = new Map<string, DigestParams>()
  for (const value of values) {
    const given = parseDigest(value)
    const realm = given?.get('realm')
    if (given && realm !== undefined) found.set(realm, given)
  }

  return found
}

const headerPairs = [
  ['WWW-Authenticate', 'Authorization'],
  ['Proxy-Authenticate', 'Proxy-Authorization'],
] as const

function answerOne(
  challenge: DigestParams,
  realm: string,
  request: Request,
  credentials: Credentials,
  count: number,
): string | undefined {
  const nonce = challenge.get('nonce')
  const algorithm = challenge.get('algorithm')
  const qop = challenge.get('qop')
  if (nonce === undefined || !isSupported(algorithm)) return undefined
  const offered = qop?.split(',').map((name) => name.trim().toLowerCase())
  if (offered && !offered.includes('auth')) return undefined
  const auth = offered && { cnonce: randomToken(), nc: count.toString(16).padStart(8, '0') }
  const { username, password } = credentials
  const { method, uri } = request
  const response = digest({ algorithm, username, password, realm, nonce, method, uri, auth })
  if (response === undefined) return undefined

  return formatDigest(answerParams())

  function* answerParams(): Generator<readonly [string, string]> {
    yield ['username', username]
    yield ['realm', realm]
    yield ['nonce', nonce ?? '']
    yield ['uri', uri]
    yield ['response', response ?? '']
    if (algorithm !== undefined) yield ['algorithm', algorithm]
    const opaque = challenge.get('opaque')
    if (opaque !== undefined) yield ['opaque', opaque]
    if (!auth) return
    yield ['cnonce', auth.cnonce]
    yield ['qop', 'auth']
    yield ['nc', auth.nc]
  }
}
