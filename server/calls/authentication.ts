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

/** The trunk that the credentials of a request belong to, or the response to the request. */
export type Authenticated = { trunk: Trunk } | { status: 400 | 401 | 403; reason: string; headers: HeadersToSend }

interface TrunkUser extends DigestUser {
  readonly trunk: Trunk
}

/** Authenticates the requests of trunks that require it (RFC 3261 22.1). */
export class Authentication {
  /** Requests by trunk and result, such as `pbx accepted`, for metrics. */
  readonly counts = new Map<string, number>()
  // A monotonic clock: an expired nonce stays expired when the system's clock is set back.
  readonly #nonces = new Nonces({ now: () => performance.now() })
  readonly #users = new Map<Trunk, TrunkUser[]>()
  readonly #trunks: Trunks
  readonly #refused: (trunk: string, request: SipRequest) => void

  /** @param refused is called for every request with wrong credentials */
  constructor(trunks: Trunks, refused: (trunk: string, request: SipRequest) => void) {
    this.#trunks = trunks
    this.#refused = refused
    for (const trunk of trunks.all) this.#users.set(trunk, usersOf(trunk))
  }

  /** @param first the first trunk that has the request's source among its peers */
  of(request: SipRequest, first: Trunk): Authenticated {
    // Several trunks may have the source among their peers: the credentials tell which one sent the request.
    const users = this.#trunks.authenticating(request.source.address).flatMap((trunk) => this.#users.get(trunk) ?? [])
    const source = request.source.address
    const judgement = judgeCredentials(
      {
        ...{ method: encode(request.method), uri: encode(request.uri), source },
        authorizations: request.headers('Authorization').map(encode),
      },
      users,
      this.#nonces,
    )
    if (judgement.kind === 'accepted') {
      if (claimsAnother(request, judgement.user, users)) {
        this.#count(judgement.user.trunk, 'other_user')
        this.#refused(judgement.user.trunk.name, request)
        return { status: 403, reason: 'Forbidden (From)', headers: [] }
      }
      this.#count(judgement.user.trunk, 'accepted')
      return { trunk: judgement.user.trunk }
    }
    const { kind } = judgement
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
 * Whether From names another user of the realm than the authenticated one (RFC 3261 22.1). A From that names no user of the
 * realm, such as the number of a caller behind a PBX, is allowed.
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
