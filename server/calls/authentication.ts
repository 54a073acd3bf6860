import { challenges, type DigestUser, judgeCredentials, Nonces } from '../../engine/index.ts'
import type { Trunk } from '../../config/index.ts'
import type { HeadersToSend, SipRequest } from '../sip/stack.ts'
import { encode } from '../sip/text.ts'
import type { Trunks } from './trunks.ts'

export type AuthenticationResult = 'accepted' | 'challenged' | 'wrong' | 'stale' | 'replayed' | 'malformed'

/** What came of a request: the trunk that its credentials are of, or what it is answered with. */
export type Authenticated = { trunk: Trunk } | { status: 400 | 401; reason: string; headers: HeadersToSend }

interface TrunkUser extends DigestUser {
  readonly trunk: Trunk
}

/** Makes the requests of trunks that authenticate prove who they come from (RFC 3261 22.1). */
export class Authentication {
  /** By trunk and result, such as `pbx accepted`, for metrics to read. */
  readonly counts = new Map<string, number>()
  // A clock that nobody can set back: an expired nonce stays expired.
  readonly #nonces = new Nonces({ now: () => performance.now() })
  readonly #users = new Map<Trunk, TrunkUser[]>()
  readonly #trunks: Trunks
  readonly #refused: (trunk: string, request: SipRequest) => void

  /** `refused` is told of credentials that were wrong. */
  constructor(trunks: Trunks, refused: (trunk: string, request: SipRequest) => void) {
    this.#trunks = trunks
    this.#refused = refused
    for (const trunk of trunks.all) this.#users.set(trunk, usersOf(trunk))
  }

  /** @param first the trunk that the request's address says */
  of(request: SipRequest, first: Trunk): Authenticated {
    // Where several trunks share a wide range, the credentials say which one it is.
    const users = this.#trunks.authenticating(request.source.address).flatMap((trunk) => this.#users.get(trunk) ?? [])
    const verdict = judgeCredentials(
      encode(request.method),
      request.headers('Authorization').map(encode),
      users,
      this.#nonces,
    )
    if (verdict.kind === 'accepted') {
      this.#count(verdict.user.trunk, 'accepted')
      return { trunk: verdict.user.trunk }
    }
    const { kind } = verdict
    this.#count(first, kind === 'none' ? 'challenged' : kind)
    if (kind === 'wrong') this.#refused(first.name, request)
    if (kind === 'malformed') return { status: 400, reason: 'Bad Request (Authorization)', headers: [] }
    const isStale = kind === 'stale' || kind === 'replayed'

    return {
      status: 401,
      reason: 'Unauthorized',
      headers: challenges(users, this.#nonces, isStale).map((value) => ['WWW-Authenticate', value]),
    }
  }

  #count({ name }: Trunk, result: AuthenticationResult): void {
    const key = `${name} ${result}`
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }
}

function usersOf(trunk: Trunk): TrunkUser[] {
  const { realm, users, algorithms } = trunk.authenticate ?? { realm: '', users: [], algorithms: [] }

  return users.map(({ username, password }) => ({
    trunk,
    realm: encode(realm),
    username: encode(username),
    password: encode(password),
    algorithms,
  }))
}
