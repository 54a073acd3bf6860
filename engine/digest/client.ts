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

/**
 * The headers that answer the challenges of a 401 or 407 (RFC 3261 22.2, 22.3), for each realm the first challenge whose
 * algorithm we have (RFC 8760 2.4). Undefined when there is none that these credentials answer.
 */
export function answerChallenge(
  response: Response,
  request: Request,
  credentials: Credentials,
): [name: string, value: string][] | undefined {
  const answers: [string, string][] = []
  for (const [from, to] of headerPairs) {
    const answered = new Set<string>()
    for (const value of response.headers(from)) {
      const challenge = parseDigest(value)
      const realm = challenge?.get('realm')
      if (!challenge || realm === undefined || answered.has(realm)) continue
      if (credentials.realm !== undefined && credentials.realm !== realm) continue
      const answer = answerOne(challenge, realm, request, credentials)
      if (!answer) continue
      answered.add(realm)
      answers.push([to, answer])
    }
  }

  return answers.length > 0 ? answers : undefined
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
): string | undefined {
  const nonce = challenge.get('nonce')
  const algorithm = challenge.get('algorithm')
  const qop = challenge.get('qop')
  if (nonce === undefined || !isSupported(algorithm)) return undefined
  const offered = qop?.split(',').map((name) => name.trim().toLowerCase())
  if (offered && !offered.includes('auth')) return undefined
  const auth = offered && { cnonce: randomToken(), nc: '00000001' }
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
