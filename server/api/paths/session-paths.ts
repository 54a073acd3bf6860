import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { defined } from '../../../base/defined.ts'
import { AccessRefused, maxPasswordLength, permits, roles, tokenRoles } from '../../access/index.ts'
import { type SignInListener, clearSession, sessionOf, setSession } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { answers, withoutBody, type Api } from '../path-parts.ts'
import { ApiRefusal } from '../problems.ts'
import { SignInLimits } from '../sign-in-limits.ts'

const tags = ['access']

/** Without a pattern: what is typed wrongly is answered as a wrong name is. */
const Name = Type.String({ minLength: 1, maxLength: 200 })
const Password = Type.String({ minLength: 1, maxLength: maxPasswordLength })

const SessionView = Type.Object(
  {
    needsSignIn: Type.Boolean({ description: 'Whether the API asks who a request is from' }),
    ways: Type.Array(Type.Enum(['password', 'oidc']), { description: 'How a person can sign in' }),
    principal: Type.Optional(
      Type.Object(
        {
          kind: Type.Enum(['account', 'token', 'admin_token', 'open']),
          name: Type.String({ description: 'Empty where all is open' }),
          role: Type.Enum([...tokenRoles]),
          projects: Type.Optional(Type.Array(Type.String(), { description: 'Left out: all' })),
          projectRoles: Type.Optional(
            Type.Record(Type.String(), Type.Enum([...tokenRoles]), {
              description: 'The roles in projects where `role` does not count',
            }),
          ),
          seesNumbers: Type.Boolean({
            description: 'Whether the numbers of callers are shown, not masked, where `role` counts',
          }),
        },
        { title: 'Principal', description: 'Who this request is from; left out when it does not say' },
      ),
    ),
    roles: Type.Array(Type.Enum([...roles]), {
      description: 'The roles of people, each with what those before it may do',
    }),
  },
  { title: 'Session' },
)
type SessionView = Static<typeof SessionView>

/** Sign-in, sign-out, and who a request is from. */
export function sessionPaths(api: Api, { accounts, access }: ApiParts, onSignIn: SignInListener): void {
  const limits = new SignInLimits()
  const view = ({ principal }: FastifyRequest): SessionView => {
    const { kind, name, grants } = principal
    const { role, projects, projectRoles } = grants
    const needsSignIn = access?.isGuarded ?? false
    const isKnown = !needsSignIn || kind !== 'open'

    return {
      needsSignIn,
      ways: [...(accounts ? ['password' as const] : []), ...(accounts?.oidc ? ['oidc' as const] : [])],
      ...(isKnown && {
        principal: {
          ...{ kind, name, role },
          ...defined({ projects: projects && [...projects], projectRoles: projectRoles && { ...projectRoles } }),
          seesNumbers: permits(role, 'operator'),
        },
      }),
      roles: [...roles],
    }
  }
  /** For the history. */
  const sessionsOf = (name: string): { sessions: number } => ({ sessions: accounts?.people.get(name)?.sessions ?? 0 })
  const begin = async (request: FastifyRequest, reply: FastifyReply, name: string, password: string) => {
    if (!accounts) throw new ApiRefusal('not_available', 'This Baton has no accounts.')
    const limited = limits.attempt(name, request.ip)
    if (limited) {
      onSignIn('limited', request)
      void reply.header('retry-after', String(limited.waitSeconds))
      throw limited.refusal
    }
    if (accounts.people.get(name)) Object.assign(request.audit, { who: name, before: sessionsOf(name) })
    try {
      const { secret, expiresAt } = await accounts.sessions.signIn(name, password)
      limits.succeeded(name, request.ip)
      onSignIn('accepted', request)
      setSession(request, reply, secret, expiresAt)
      request.audit.after = { ...sessionsOf(name), expiresAt }
    } catch (error) {
      if (error instanceof AccessRefused) onSignIn('wrong', request)
      throw error
    }
  }

  api.get(
    '/v1/session',
    {
      config: { access: 'open' },
      schema: {
        tags,
        summary: 'Who this request is from, and how to sign in',
        security: [],
        response: answers({ 200: SessionView }),
      },
    },
    view,
  )

  api.post(
    '/v1/sign-in',
    {
      config: { access: 'open', checksTexts: true, hidesBody: true },
      schema: {
        tags,
        summary: 'Sign in with a name and a password',
        description:
          'The answer sets the cookie of a session (HttpOnly, SameSite=Lax, Secure beyond the loopback), which a request may have in the place of a token. ' +
          'A wrong name and a wrong password are not told apart.',
        security: [],
        body: Type.Object(
          { name: Name, password: Password },
          { additionalProperties: false, examples: [{ name: 'ann@example.com', password: 'correct horse battery' }] },
        ),
        response: answers({ 204: Type.Null() }, 401, 415, 422, 429, 501),
      },
    },
    async (request, reply) => {
      const { name, password } = request.body
      await begin(request, reply, name, password)

      return reply.status(204).send(null)
    },
  )

  api.post(
    '/v1/sign-out',
    {
      config: { access: 'open', action: 'Sign out' },
      preValidation: withoutBody,
      schema: {
        tags,
        summary: 'End this session, or all of the person',
        security: [],
        body: Type.Object(
          { everywhere: Type.Optional(Type.Boolean({ description: 'All sessions of the person, on every Baton' })) },
          { additionalProperties: false, examples: [{ everywhere: true }] },
        ),
        response: answers({ 204: Type.Null() }, 415, 422),
      },
    },
    async (request, reply) => {
      const secret = sessionOf(request)
      const { principal } = request
      const { kind, name } = principal
      if (kind === 'account') request.audit.before = sessionsOf(name)
      if (request.body.everywhere && kind === 'account') await accounts?.sessions.endAll(name)
      else if (secret !== undefined) await accounts?.sessions.end(secret)
      if (kind === 'account') request.audit.after = sessionsOf(name)
      clearSession(request, reply)

      return reply.status(204).send(null)
    },
  )

  api.put(
    '/v1/session/password',
    {
      config: { access: 'viewer', scope: 'shared', checksTexts: true },
      schema: {
        tags,
        summary: 'Change one’s own password',
        description:
          'All other sessions of the person end at once; this one is begun anew, and its old cookie ends in 5 seconds.',
        body: Type.Object(
          { current: Password, password: Password },
          {
            additionalProperties: false,
            examples: [{ current: 'correct horse battery', password: 'a longer staple of words' }],
          },
        ),
        response: answers({ 204: Type.Null() }, 401, 409, 415, 422),
      },
    },
    async (request, reply) => {
      const { principal, body } = request
      if (!accounts || principal.kind !== 'account') {
        throw new AccessRefused('no_password', 'Only a person who has signed in has a password to change.')
      }
      const limited = limits.attempt(principal.name, request.ip)
      if (limited) throw limited.refusal
      if (!(await accounts.sessions.matches(principal.name, body.current))) {
        throw new AccessRefused('weak_password', 'The current password is wrong.')
      }
      limits.succeeded(principal.name, request.ip)
      request.audit.before = sessionsOf(principal.name)
      await accounts.people.setPassword(principal.name, body.password, sessionOf(request))
      const { secret, expiresAt } = await accounts.sessions.begin(principal.name)
      setSession(request, reply, secret, expiresAt)
      request.audit.after = { sessions: 1, expiresAt }

      return reply.status(204).send(null)
    },
  )
}
