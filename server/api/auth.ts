import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { networkOf } from '../../engine/index.ts'
import { ApiRefusal } from './problems.ts'
import { WindowedCounts } from './http-limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The path needs no token. */
    open?: boolean
    /** The token may come as the password of HTTP Basic, which browsers ask for. */
    byBasic?: boolean
  }
  interface FastifyRequest {
    /** The name of the request's token; '' without one. */
    tokenName: string
  }
}

/** After so many wrong tokens of one source in the window, further ones are answered 429. */
const maxWrongTokens = 10
const wrongTokensWindowMs = 60_000

export type SignInResult = 'accepted' | 'missing' | 'wrong' | 'limited'

/** Called for every request that needs a token. */
export type SignInListener = (result: SignInResult, request: FastifyRequest) => void

export interface NamedToken {
  name: string
  token: string
}

/** The name of ADMIN_TOKEN. */
export const adminName = 'admin'

/** Requires `Authorization: Bearer <token>` (RFC 6750) unless a path is open. Without tokens, only pages of other sites are refused. */
export function requireToken(api: FastifyInstance, tokens: readonly NamedToken[], onSignIn: SignInListener): void {
  const wanted = tokens.map(({ name, token }) => ({ name, digest: digest(token) }))
  const isGuarded = wanted.length > 0
  const wrongTokens = new WindowedCounts(wrongTokensWindowMs)
  api.decorateRequest('tokenName', '')

  api.addHook('onRequest', async (request, reply) => {
    refuseOtherSites(request, isGuarded)
    const { open, byBasic = false } = request.routeOptions.config
    if (!isGuarded || open) return

    const given = tokenOf(request.headers.authorization, byBasic)
    const known = given === undefined ? undefined : matching(wanted, digest(given))
    if (known !== undefined) {
      request.tokenName = known
      onSignIn('accepted', request)

      return
    }
    // A right token is accepted, however many wrong ones came from its address: others may share it (NAT).
    const guesses = given === undefined ? undefined : wrongTokens.count(networkOf(request.ip))
    if (guesses && guesses.count > maxWrongTokens) {
      const waitSeconds = Math.ceil(guesses.leftMs / 1000)
      onSignIn('limited', request)
      void reply.header('retry-after', String(waitSeconds))
      throw new ApiRefusal('too_many_sign_ins', `Too many wrong tokens came from this address; wait ${waitSeconds} s.`)
    }
    onSignIn(given === undefined ? 'missing' : 'wrong', request)
    const bearer = given === undefined ? 'Bearer realm="baton"' : 'Bearer realm="baton", error="invalid_token"'
    void reply.header('www-authenticate', byBasic ? `${bearer}, Basic realm="baton", charset="UTF-8"` : bearer)
    throw new ApiRefusal(
      'unauthorized',
      given === undefined
        ? 'Send the header "Authorization: Bearer <ADMIN_TOKEN>".'
        : 'The token is none of those that ADMIN_TOKEN and API_TOKENS have set.',
    )
  })
}

/** RFC 6750 2.1; RFC 7617 2 where Basic is accepted, with any user name. */
function tokenOf(authorization = '', byBasic: boolean): string | undefined {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (!byBasic || value === '') return undefined
  const pair = Buffer.from(value, 'base64').toString()

  return pair.slice(pair.indexOf(':') + 1)
}

/** The name of the token with this digest. Every token is compared, so that the time does not depend on which one matches. */
function matching(wanted: readonly { name: string; digest: Buffer }[], given: Buffer): string | undefined {
  let found: string | undefined
  for (const { name, digest: one } of wanted) if (timingSafeEqual(one, given)) found = name

  return found
}

// Both sides are hashed, so that the time of the comparison depends on neither content nor length.
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * Refuses requests of other sites' pages, which an operator's browser would send: across origins and, where no token is
 * needed, under a host name that resolves to this machine (DNS rebinding).
 */
function refuseOtherSites(request: FastifyRequest, guarded: boolean): void {
  const { origin, host } = request.headers
  const changes = request.method !== 'GET' && request.method !== 'HEAD'
  if (changes && origin !== undefined && hostOf(origin) !== host) {
    throw new ApiRefusal('foreign_origin', `Requests from pages of ${origin} are not accepted.`)
  }
  if (!guarded && !namesThisMachine(request.hostname)) {
    throw new ApiRefusal(
      'foreign_origin',
      `Without ADMIN_TOKEN, Baton answers to "localhost" or an IP address, not to the name "${request.hostname}".`,
    )
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function namesThisMachine(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '')

  return name === '' || name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0
}

/**
 * The actor for the history: the name of the token, and the address. With ADMIN_TOKEN, which several users may share, or
 * without a token, `X-Baton-Actor` may name the user, unverified.
 */
export function actorOf(request: FastifyRequest, why?: string): { who: string; from: string; why?: string } {
  const named = request.headers['x-baton-actor']
  const name =
    typeof named === 'string'
      ? named
          .replace(/[^\x20-\x7e]/g, '')
          .trim()
          .slice(0, 100)
      : ''
  const { tokenName } = request
  const who = tokenName !== '' && tokenName !== adminName ? tokenName : name || tokenName || 'anonymous'

  return { who, from: request.ip, ...(why !== undefined && { why }) }
}
