import {
  challenges,
  type DigestUser,
  isSipUri,
  judgeCredentials,
  Nonces,
  parseNameAddr,
  parseUri,
} from '../../engine/index.ts'
import type { Trunk } from '../../config/index.ts'
import type { HeadersToSend, SipRequest } from '../sip/stack.ts'
import { encode } from '../sip/text.ts'
import type { Trunks } from '../legs/trunks.ts'

export type AuthenticationResult =
  'accepted' | 'challenged' | 'wrong' | 'other_user' | 'stale' | 'replayed' | 'other_uri' | 'malformed'

/** What came of a request: the trunk that its credentials are of, or what it is answered with. */
export type Authenticated = { trunk: Trunk } | { status: 400 | 401 | 403; reason: string; headers: HeadersToSend }

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
    const source = request.source.address
    const verdict = judgeCredentials(
      {
        ...{ method: encode(request.method), uri: encode(request.uri), source },
        authorizations: request.headers('Authorization').map(encode),
      },
      users,
      this.#nonces,
    )
    if (verdict.kind === 'accepted') {
      if (claimsAnother(request, verdict.user, users)) {
        this.#count(verdict.user.trunk, 'other_user')
        this.#refused(verdict.user.trunk.name, request)
        return { status: 403, reason: 'Forbidden (From)', headers: [] }
      }
      this.#count(verdict.user.trunk, 'accepted')
      return { trunk: verdict.user.trunk }
    }
    const { kind } = verdict
    this.#count(first, kind === 'none' ? 'challenged' : kind)
    if (kind === 'wrong') this.#refused(first.name, request)
    if (kind === 'other_uri') return { status: 400, reason: 'Bad Request (Authorization uri)', headers: [] }
    if (kind === 'malformed') return { status: 400, reason: 'Bad Request (Authorization)', headers: [] }
    const isStale = kind === 'stale' || kind === 'replayed'

    return {
      status: 401,
      reason: 'Unauthorized',
      headers: challenges(users, this.#nonces, source, isStale).map((value) => ['WWW-Authenticate', value]),
    }
  }

  #count({ name }: Trunk, result: AuthenticationResult): void {
    const key = `${name} ${result}`
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }
}

/**
 * Whether From names another user of the realm than the one who has authenticated (RFC 3261 22.1). A From that names no user,
 * such as the telephone number of whoever calls through a PBX, is the trunk's own affair.
 */
function claimsAnother(request: SipRequest, proven: TrunkUser, users: readonly TrunkUser[]): boolean {
  const from = parseUri(parseNameAddr(request.header('From') ?? '')?.uri ?? '')
  if (!from || !isSipUri(from) || from.user === undefined) return false
  const claimed = encode(from.user)

  return (
    claimed !== proven.username && users.some(({ realm, username }) => realm === proven.realm && username === claimed)
  )
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
