import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AccessRefused, callbackPath, type OidcChecks } from '../../access/index.ts'
import { type SignInListener, isSecure, setSession } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { answers, type Api } from '../path-parts.ts'
import { ApiRefusal, pathOf } from '../problems.ts'

const tags = ['access']
const flowSeconds = 600
/** Return addresses are resolved against it; it is not sent. */
const pagesOrigin = 'http://pages'
const Redirect = { 302: Type.Unknown({ description: 'To the provider, or back to the pages' }) }

type PendingSignIn = OidcChecks & { to: string }

/** Sign-in by OpenID Connect: to the provider and back. What the answer is checked with is in a cookie, so that any Baton takes it. */
export function oidcPaths(api: Api, { accounts, publicUrl, log }: ApiParts, onSignIn: SignInListener): void {
  const opened = () => {
    if (!accounts?.oidc) throw new ApiRefusal('not_available', 'OpenID Connect is not set up: see OIDC_ISSUER.')

    return { ...accounts, oidc: accounts.oidc }
  }
  const redirectUri = (request: FastifyRequest): string => {
    const origin = publicUrl ?? `${isSecure(request) ? 'https' : 'http'}://${request.host}`

    return new URL(callbackPath, origin).href
  }
  /** The pages show why there is no session. */
  const fail = (request: FastifyRequest, reply: FastifyReply, error: unknown, to = '/') => {
    if (!(error instanceof AccessRefused)) throw error
    const isUnavailable = error.slug === 'provider_unavailable'
    if (!isUnavailable) onSignIn('wrong', request)
    Object.assign(request.audit, {
      ...{ result: isUnavailable ? 'failed' : 'refused', problem: { detail: error.detail } },
    })
    log.warn('sign-in by OpenID Connect failed', { problem: error.detail, from: request.ip, path: pathOf(request) })
    const page = new URL(to, pagesOrigin)
    page.searchParams.set('sign-in', isUnavailable ? 'unavailable' : 'refused')

    return reply.redirect(page.pathname + page.search)
  }

  api.get(
    '/v1/sign-in/oidc',
    {
      config: { access: 'open' },
      schema: {
        tags,
        summary: 'Sign in with the OpenID provider, by a browser',
        security: [],
        querystring: Type.Object(
          {
            to: Type.Optional(
              Type.String({ maxLength: 1000, description: 'The page to come back to', examples: ['/p/demo/handoffs'] }),
            ),
          },
          { additionalProperties: false },
        ),
        response: answers(Redirect, 400, 501),
      },
    },
    async (request, reply) => {
      const { oidc } = opened()
      const to = localPath(request.query.to)
      try {
        const { url, checks } = await oidc.begin(redirectUri(request))
        const flow: PendingSignIn = { ...checks, to }
        void reply.setCookie(flowCookie(request), JSON.stringify(flow), { ...optionsOf(request), maxAge: flowSeconds })

        return await reply.redirect(url)
      } catch (error) {
        return fail(request, reply, error, to)
      }
    },
  )

  api.get(
    callbackPath,
    {
      config: { access: 'open', audited: true, action: 'Sign in with the OpenID provider' },
      schema: {
        tags,
        summary: 'Where the OpenID provider sends the browser back to',
        security: [],
        response: answers(Redirect, 400, 501),
      },
    },
    async (request, reply) => {
      const { oidc, people, sessions } = opened()
      const flow = flowOf(request.cookies[flowCookie(request)])
      void reply.clearCookie(flowCookie(request), optionsOf(request))
      try {
        if (!flow) {
          throw new AccessRefused('sign_in_refused', 'The sign-in was not begun in this browser, or took too long.')
        }
        const answer = new URL(redirectUri(request))
        answer.search = new URL(request.url, answer).search
        const name = await people.adopt(await oidc.finish(answer, flow))
        const sessionsNow = () => people.get(name)?.sessions ?? 0
        Object.assign(request.audit, { who: name, before: { sessions: sessionsNow() } })
        const { secret, expiresAt } = await sessions.begin(name)
        request.audit.after = { sessions: sessionsNow(), expiresAt }
        onSignIn('accepted', request)
        setSession(request, reply, secret, expiresAt)

        return await reply.redirect(flow.to)
      } catch (error) {
        return fail(request, reply, error, flow?.to)
      }
    },
  )
}

function flowCookie(request: FastifyRequest): string {
  return isSecure(request) ? '__Host-baton_oidc' : 'baton_oidc'
}

function optionsOf(request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request) } as const
}

/**
 * Only a page of this site: another one would make Baton an open redirector. Segments such as `/.//` are resolved first, since
 * a path that begins with two slashes names a host (RFC 3986 4.2).
 */
function localPath(to = '/'): string {
  if (!/^\/[\x21-\x7e]*$/.test(to) || !URL.canParse(to, pagesOrigin)) return '/'
  const { origin, pathname, search, hash } = new URL(to, pagesOrigin)

  return origin === pagesOrigin && !pathname.startsWith('//') ? pathname + search + hash : '/'
}

function flowOf(cookie = ''): PendingSignIn | undefined {
  try {
    const flow = JSON.parse(cookie) as Partial<Record<keyof PendingSignIn, unknown>> | null
    const { state, nonce, verifier, to } = flow ?? {}
    const isWhole = [state, nonce, verifier, to].every((part) => typeof part === 'string')

    return isWhole ? { ...(flow as PendingSignIn), to: localPath(to as string) } : undefined
  } catch {
    return undefined
  }
}
