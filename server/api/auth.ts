import { isIP } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../base/defined.ts'
import { networkOf } from '../../engine/index.ts'
import type { Actor } from '../../routes/index.ts'
import { isLoopback } from '../../base/address.ts'
import {
  neededRole,
  openIdentity,
  Principal,
  type PrincipalLookup,
  type RequestIdentity,
  type RouteAccess,
} from '../access/index.ts'
import { ApiRefusal } from './problems.ts'
import { WindowedCounts } from './http-limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role that the path needs; a path that declares none needs an admin. */
    access?: RouteAccess
    /**
     * How a path without `:project` treats principals whose role suffices in some projects only: `handler` checks and filters
     * itself, `shared` is for all of them. Left out, such principals are refused.
     */
    scope?: 'handler' | 'shared'
    /** The token may come as the password of HTTP Basic, which browsers ask for. */
    byBasic?: boolean
  }
  interface FastifyInstance {
    /** Every route, with the role that it declares in its `config`. */
    declaredRoutes: RouteOptions[]
  }
  interface FastifyRequest {
    /** Who the request is from, and what that person or program may do. */
    principal: Principal
    /** Why the principal may not use the path, while the body is read for the history. */
    refusal: ApiRefusal | undefined
    /** Whether the proof that came with the request is still good for the same roles and projects; a long answer asks. */
    isStillAdmitted: () => boolean
  }
}

/** After so many wrong tokens of one source in the window, further ones are answered 429. */
const maxWrongTokens = 10
const wrongTokensWindowMs = 60_000

/** Characters of a request's body that the history keeps. */
export const maxKeptBodyLength = 4096

export type SignInResult = 'accepted' | 'missing' | 'wrong' | 'limited'

/** Called for every request that needs a token. */
export type SignInListener = (result: SignInResult, request: FastifyRequest) => void

/**
 * Decides who each request is from (`Authorization: Bearer`, RFC 6750, or a session's cookie), and whether that principal may use the path: 401 when
 * it is not known, 403 when it may not. Pages of other sites are refused always.
 */
export function admitRequests(
  api: FastifyInstance,
  access: PrincipalLookup,
  onSignIn: SignInListener,
  publicUrl?: string,
): void {
  const wrongTokens = new WindowedCounts(wrongTokensWindowMs)
  const declared: FastifyInstance['declaredRoutes'] = []
  api.decorateRequest('principal')
  api.decorateRequest('isStillAdmitted')
  api.decorateRequest('refusal')
  api.decorate('declaredRoutes', declared)
  api.addHook('onRoute', (route) => {
    declared.push(route)
  })

  /** Throws 401, or 429 after too many wrong tokens. */
  const refuse = (request: FastifyRequest, reply: FastifyReply, { token, cookie }: RequestCredentials): never => {
    // A right token is accepted, however many wrong ones came from its address: others may share it (NAT).
    const guesses = token === undefined ? undefined : wrongTokens.count(networkOf(request.ip))
    if (guesses && guesses.count > maxWrongTokens) {
      const waitSeconds = Math.ceil(guesses.leftMs / 1000)
      onSignIn('limited', request)
      void reply.header('retry-after', String(waitSeconds))
      throw new ApiRefusal('too_many_sign_ins', `Too many wrong tokens came from this address; wait ${waitSeconds} s.`)
    }
    onSignIn(token === undefined ? 'missing' : 'wrong', request)
    const bearer = token === undefined ? 'Bearer realm="baton"' : 'Bearer realm="baton", error="invalid_token"'
    const { byBasic = false } = request.routeOptions.config
    void reply.header('www-authenticate', byBasic ? `${bearer}, Basic realm="baton", charset="UTF-8"` : bearer)
    throw new ApiRefusal('unauthorized', unauthorizedDetail(token, cookie))
  }

  api.addHook('onRequest', async (request, reply) => {
    const { isGuarded } = access
    request.principal = new Principal(isGuarded ? noIdentity : openIdentity, request.ip)
    request.isStillAdmitted = () => !access.isGuarded
    refuseOtherSites(request, isGuarded, publicUrl)
    const { access: needed = 'admin' } = request.routeOptions.config
    if (!isGuarded) return

    const proof = proofOf(request)
    if (proof.cookie !== undefined) refuseWithoutOrigin(request)
    const identity = identityOf(access, proof, request.ip)
    if (identity) request.principal = new Principal(identity, request.ip)
    request.isStillAdmitted = () => isDeepStrictEqual(identity, identityOf(access, proof, request.ip))
    if (needed === 'open') return
    if (!identity) refuse(request, reply, proof)
    onSignIn('accepted', request)
    const refusal = request.is404 ? undefined : refusalFor(request, needed)
    if (!refusal) return
    // The history tells what was asked for: a short body is read before the request is refused.
    if (!hasShortBody(request)) throw refusal
    request.refusal = refusal
  })
  api.addHook('preValidation', (request, _reply, done) => {
    done(request.refusal)
  })
}

function hasShortBody({ headers }: FastifyRequest): boolean {
  const length = Number(headers['content-length'])

  return length > 0 && length <= maxKeptBodyLength
}

type RequiredAccess = Exclude<RouteAccess, 'open'>

/** The credentials of a request: the token, or the session's cookie. */
interface RequestCredentials {
  token?: string | undefined
  cookie?: string | undefined
}

function proofOf(request: FastifyRequest): RequestCredentials {
  const { byBasic = false } = request.routeOptions.config
  const token = tokenOf(request.headers.authorization, byBasic)

  return token === undefined ? { cookie: sessionOf(request) } : { token }
}

function identityOf(
  access: PrincipalLookup,
  { token, cookie }: RequestCredentials,
  from: string,
): RequestIdentity | undefined {
  if (token !== undefined) return access.byToken(token, from)

  return cookie === undefined ? undefined : access.bySession(cookie)
}

function unauthorizedDetail(token: string | undefined, cookie: string | undefined): string {
  if (token !== undefined) return 'The token is not known: it was mistyped or revoked, or it has expired.'
  const ended = cookie === undefined ? '' : 'The session has ended. '

  return `${ended}Sign in, or send the header "Authorization: Bearer <token>".`
}

/** The identity of a request to an open path that says nothing of itself. */
const noIdentity: RequestIdentity = { kind: 'open', name: '', role: 'agent', projects: [] }

/** 403 when the principal's roles or its projects do not suffice. */
function refusalFor(request: FastifyRequest, needed: RequiredAccess): ApiRefusal | undefined {
  const { principal, params } = request
  const { name, grants } = principal
  const { project } = params as { project?: string }
  if (project !== undefined) return refusalIn(principal, project, needed)
  if (!principal.mayAnywhere(needed)) return lesserRole(needed, `${name} is ${grants.role}`)
  if (request.routeOptions.config.scope !== undefined || principal.mayEverywhere(needed)) return undefined
  if (!grants.projects) return lesserRole(needed, `${name} has another role in some`, ' in all projects')

  return new ApiRefusal('forbidden', `This concerns all projects; ${name} has only ${listed(grants.projects)}.`)
}

/** Throws 403 when the principal may not use the path for this project. For paths that do not name it, with `scope: 'handler'`. */
export function refuseOtherProjects({ principal, routeOptions }: FastifyRequest, project: string): void {
  const { access = 'admin' } = routeOptions.config
  const refusal = access === 'open' ? undefined : refusalIn(principal, project, access)
  if (refusal) throw refusal
}

function refusalIn(principal: Principal, project: string, needed: RequiredAccess): ApiRefusal | undefined {
  if (principal.mayIn(project, needed)) return undefined
  const { name, grants } = principal
  const role = principal.roleIn(project)
  if (role !== undefined) return lesserRole(needed, `${name} is ${role}${role === grants.role ? '' : ` in ${project}`}`)
  const has = listed(grants.projects ?? [])

  return new ApiRefusal('forbidden', `${name} has no access to the project ${project}, only to ${has}.`)
}

function lesserRole(needed: RequiredAccess, has: string, where = ''): ApiRefusal {
  const needs = neededRole(needed)

  return new ApiRefusal('forbidden', `This needs the role ${needs}${where}; ${has}.`, undefined, needs)
}

function listed(projects: readonly string[]): string {
  return projects.length === 0 ? 'none' : projects.join(', ')
}

/** RFC 6750 2.1; RFC 7617 2 where Basic is accepted, with any user name. */
function tokenOf(authorization = '', byBasic: boolean): string | undefined {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (!byBasic || value === '') return undefined
  const pair = Buffer.from(value, 'base64').toString()

  return pair.slice(pair.indexOf(':') + 1)
}

/**
 * The actor for the history: the name of the principal, and the address. With ADMIN_TOKEN, which several users may share, or
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
  const { principal } = request
  const isProved = principal.name !== '' && principal.kind !== 'admin_token'
  const who = isProved ? principal.name : name || principal.name || 'anonymous'

  const actor = { who, from: principal.from, ...defined({ why }) }
  requests.set(actor, request)

  return actor
}

const requests = new WeakMap<object, FastifyRequest>()

/** The request that an actor was made for; undefined for Baton itself. */
export function requestOf(actor: Actor): FastifyRequest | undefined {
  return requests.get(actor)
}

/**
 * Refuses requests of other sites' pages, which an operator's browser would send: across origins and, where no token is
 * needed, under a host name that resolves to this machine (DNS rebinding).
 */
function refuseOtherSites(request: FastifyRequest, guarded: boolean, publicUrl?: string): void {
  const { origin } = request.headers
  const changes = request.method !== 'GET' && request.method !== 'HEAD'
  if (changes && origin !== undefined && !isOwnOrigin(origin, request.host, publicUrl)) {
    throw new ApiRefusal('foreign_origin', `Requests from pages of ${origin} are not accepted.`)
  }
  if (!guarded && !namesThisMachine(request.hostname)) {
    throw new ApiRefusal(
      'foreign_origin',
      `Without ADMIN_TOKEN, Baton answers to "localhost" or an IP address, not to the name "${request.hostname}".`,
    )
  }
}

/**
 * Refuses a change that came with a cookie and without Origin: browsers add the cookie by themselves (CSRF), and every one
 * sends Origin with a change (Fetch standard, 3.2).
 */
function refuseWithoutOrigin({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD' || headers.origin !== undefined) return
  throw new ApiRefusal(
    'foreign_origin',
    'A change that is signed in by cookie needs the header Origin; programs use a token.',
  )
}

/** A proxy in front of Baton may name another host to it than browsers do: that of PUBLIC_URL is Baton's, too. */
function isOwnOrigin(origin: string, host: string, publicUrl: string | undefined): boolean {
  const from = hostOf(origin)

  return from !== undefined && (from === host || (publicUrl !== undefined && from === hostOf(publicUrl)))
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function namesThisMachine(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '')

  return name === '' || name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0
}

/** With the prefix, browsers take the cookie over TLS only, and from no other host (RFC 6265bis 4.1.3.2). */
const names = { secure: '__Host-baton_session', plain: 'baton_session' }

/** The session that the browser's cookie names. */
export function sessionOf({ cookies }: FastifyRequest): string | undefined {
  return cookies[names.secure] ?? cookies[names.plain]
}

export function setSession(request: FastifyRequest, reply: FastifyReply, secret: string, expiresAt: string): void {
  const secure = isSecure(request)
  void reply.setCookie(secure ? names.secure : names.plain, secret, {
    ...cookieOf(secure),
    expires: new Date(expiresAt),
  })
}

export function clearSession(request: FastifyRequest, reply: FastifyReply): void {
  const secure = isSecure(request)
  void reply.clearCookie(secure ? names.secure : names.plain, cookieOf(secure))
}

/** Scripts cannot read the cookie, and requests from pages of other sites do not carry it, except for links (RFC 6265bis 5.6.7). */
function cookieOf(secure: boolean) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const
}

/** All but plain HTTP on the loopback: beyond it, a proxy speaks TLS. */
export function isSecure({ hostname, headers, protocol }: FastifyRequest): boolean {
  const isByTls = protocol === 'https' || headers.origin?.startsWith('https:') === true

  return isByTls || !isLoopback(hostname.replace(/^\[|\]$/g, ''))
}
