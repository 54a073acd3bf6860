import { BoundedMap, copyText } from '../bounded-map.ts'
import type { Request, Response } from '../message/index.ts'
import { randomToken } from '../random.ts'
import {
  type DigestParams,
  formatDigest,
  parseDigest,
  parseDigestParams,
  digest,
  isSupportedAlgorithm,
} from './digest.ts'

/** Binary strings. */
export interface Credentials {
  username: string
  password: string
  /** When given, challenges for other realms are not answered. */
  realm?: string | undefined
}

/** The next hop of a request. */
export interface NextHop {
  readonly uri: string
  /** The IP address that the request was sent to; IPv6 without brackets. */
  readonly address: string
}

/** The credentials for a next hop; undefined without any. */
export type CredentialsFor = (hop: NextHop) => Credentials | undefined

type DigestHeader = [name: string, value: string]

/** How many responses to one request are answered: a proxy's, a server's, and one for a nonce that went stale meanwhile. */
const maxChallenges = 3

/** How many realms are answered in one dialog: the latest ones, since a peer can invent any number. */
const maxRealms = 8

const headerPairs = [
  { challenge: 'WWW-Authenticate', credentials: 'Authorization', info: 'Authentication-Info' },
  { challenge: 'Proxy-Authenticate', credentials: 'Proxy-Authorization', info: 'Proxy-Authentication-Info' },
] as const

/** An answered challenge, with the count of its nonce. */
interface Answered {
  readonly header: (typeof headerPairs)[number]['credentials']
  readonly realm: string
  readonly username: string
  readonly challenge: DigestParams
  /** One cnonce for all requests with this nonce, so that servers agree on the A1 of a `-sess` algorithm (RFC 7616 3.4.2). */
  readonly cnonce: string
  nonce: string
  count: number
}

/** The digest state of one dialog: the realms that have challenged, their nonces, and the counts of these (RFC 7616 3.4). */
export class DigestSession {
  readonly #credentialsFor: CredentialsFor
  readonly #answered = new BoundedMap<Answered>(maxRealms)

  constructor(credentialsFor: CredentialsFor) {
    this.#credentialsFor = credentialsFor
  }

  credentialsFor(hop: NextHop): Credentials | undefined {
    return this.#credentialsFor(hop)
  }

  get hasAnswered(): boolean {
    return this.#answered.size > 0
  }

  /** Keeps a challenge for the answers; the count of a nonce that is offered again goes on. */
  learn(header: Answered['header'], realm: string, challenge: DigestParams, username: string): void {
    const key = `${header} ${realm}`
    const nonce = copyText(challenge.get('nonce') ?? '')
    const known = this.#answered.get(key)
    const { count, cnonce } = known?.nonce === nonce ? known : { count: 0, cnonce: randomToken() }
    const own = { header, realm: copyText(realm), challenge: ownCopy(challenge), nonce }
    this.#answered.set(key, { ...own, username, cnonce, count })
  }

  /** Forgets a realm that has refused these credentials. */
  forget(header: Answered['header'], realm: string): void {
    this.#answered.delete(`${header} ${realm}`)
  }

  /** The credentials headers for all known realms, each with the next nonce count (RFC 3261 22.3). */
  authorize(request: Pick<Request, 'method' | 'uri'>, credentials: Credentials): DigestHeader[] {
    const headers: DigestHeader[] = []
    for (const answered of this.#answered.values()) {
      if (answered.username !== credentials.username) continue
      const value = answerTo(answered, request, credentials)
      if (value !== undefined) headers.push([answered.header, value])
    }

    return headers
  }

  /** RFC 7616 3.5: a server may name the nonce that it wants next. Its header names no realm, so that it is used only where there is one realm. */
  succeeded(response: Response): void {
    for (const { info, credentials: header } of headerPairs) {
      const value = this.hasAnswered ? response.header(info) : undefined
      const next = value === undefined ? undefined : parseDigestParams(value)?.get('nextnonce')
      const [answered, ...others] = [...this.#answered.values()].filter((each) => each.header === header)
      if (!next || !answered || others.length > 0 || answered.nonce === next) continue
      answered.nonce = copyText(next)
      answered.count = 0
    }
  }
}

/** The authorisation of one request: ahead of a challenge, and in answer to each challenge. */
export class RequestAuthorization {
  readonly session: DigestSession
  readonly #nextHop: string
  /** The realms whose challenge to this request was answered. */
  readonly #answered = new Set<string>()
  #challenges = 0

  /** @param nextHop the URI that the request is routed by */
  constructor(session: DigestSession, nextHop: string) {
    this.session = session
    this.#nextHop = nextHop
  }

  /** Headers for a request that was not challenged yet, for realms that have challenged in this dialog. */
  preemptive(request: Pick<Request, 'method' | 'uri'>, address: string): DigestHeader[] {
    if (!this.session.hasAnswered) return []
    const credentials = this.session.credentialsFor({ uri: this.#nextHop, address })

    return credentials ? this.session.authorize(request, credentials) : []
  }

  /**
   * The headers that answer the challenges of a 401 or 407 (RFC 3261 22.2, 22.3), for each realm the first challenge whose
   * algorithm is supported (RFC 8760 2.4). Undefined when no challenge can be answered with the credentials for this hop, or
   * when this request has answered all of them: unless the nonce was stale, the credentials are wrong.
   */
  answer(response: Response, request: Pick<Request, 'method' | 'uri'>, address: string): DigestHeader[] | undefined {
    const { session } = this
    const credentials =
      this.#challenges < maxChallenges ? session.credentialsFor({ uri: this.#nextHop, address }) : undefined
    if (!credentials) return undefined
    let isNew = false
    for (const { challenge: from, credentials: header } of headerPairs) {
      const seen = new Set<string>()
      for (const value of response.headers(from)) {
        const challenge = answerableChallenge(value)
        const realm = challenge?.get('realm')
        if (!challenge || realm === undefined || seen.has(realm)) continue
        if (credentials.realm !== undefined && credentials.realm !== realm) continue
        seen.add(realm)
        const key = `${header} ${realm}`
        if (this.#answered.has(key) && challenge.get('stale')?.toLowerCase() !== 'true') {
          session.forget(header, realm)
          continue
        }
        this.#answered.add(key)
        session.learn(header, realm, challenge, credentials.username)
        isNew = true
      }
    }
    if (!isNew) return undefined
    this.#challenges += 1

    return session.authorize(request, credentials)
  }
}

// The parameters that answers need, copied: slices would keep the whole response in memory for the dialog's life.
function ownCopy(challenge: DigestParams): DigestParams {
  const used = ['algorithm', 'opaque', 'qop'].flatMap((name): DigestHeader[] => {
    const value = challenge.get(name)

    return value === undefined ? [] : [[name, copyText(value)]]
  })

  return new Map(used)
}

/** A challenge whose algorithm and qop we have. */
function answerableChallenge(value: string): DigestParams | undefined {
  const challenge = parseDigest(value)
  if (!challenge?.has('nonce') || !isSupportedAlgorithm(challenge.get('algorithm'))) return undefined
  const qops = qopsOf(challenge)

  return !qops || qops.includes('auth') ? challenge : undefined
}

function qopsOf(challenge: DigestParams): string[] | undefined {
  return challenge
    .get('qop')
    ?.split(',')
    .map((name) => name.trim().toLowerCase())
}

function answerTo(
  answered: Answered,
  { method, uri }: Pick<Request, 'method' | 'uri'>,
  { username, password }: Credentials,
): string | undefined {
  const { challenge, realm, nonce, cnonce } = answered
  answered.count += 1
  const algorithm = challenge.get('algorithm')
  const opaque = challenge.get('opaque')
  const auth = qopsOf(challenge) && { cnonce, nc: answered.count.toString(16).padStart(8, '0') }
  const response = digest({ algorithm, username, password, realm, nonce, method, uri, auth })
  if (response === undefined) return undefined
  const params: DigestHeader[] = [
    ['username', username],
    ['realm', realm],
    ['nonce', nonce],
    ['uri', uri],
    ['response', response],
  ]
  if (algorithm !== undefined) params.push(['algorithm', algorithm])
  if (opaque !== undefined) params.push(['opaque', opaque])
  if (auth) params.push(['cnonce', auth.cnonce], ['qop', 'auth'], ['nc', auth.nc])

  return formatDigest(params)
}
