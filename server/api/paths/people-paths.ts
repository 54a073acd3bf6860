import { Type } from 'typebox'
import { maxPasswordLength, minPasswordLength, roles, tokenRoles, type Accounts } from '../../access/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { answers, ProjectName, type Api } from '../path-parts.ts'
import { ApiRefusal } from '../problems.ts'

const tags = ['access']
const Time = Type.String({ format: 'date-time' })
const Name = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.@+-]*$',
  maxLength: 100,
  description: 'Such as ann or ann@example.com',
})
const Password = Type.String({ minLength: minPasswordLength, maxLength: maxPasswordLength })
const Projects = Type.Array(ProjectName, { maxItems: 100, description: 'Left out: all projects' })
/** Another role in some projects. */
const rolesInProjects = <R extends string>(allowed: readonly R[]) =>
  Type.Record(ProjectName, Type.Enum([...allowed]), {
    ...{ additionalProperties: false, maxProperties: 100 },
    description: 'The role in each of these projects, in the place of `role`; of `projects`, where that is given',
  })
const PersonProjectRoles = rolesInProjects(roles)
const OnePerson = Type.Object({ name: Type.String({ minLength: 1, maxLength: 200, examples: ['ann@example.com'] }) })
const OneToken = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100, examples: ['4c1d9f'] }) })

const PersonView = Type.Object(
  {
    name: Type.String(),
    role: Type.Enum([...roles]),
    projects: Type.Optional(Projects),
    projectRoles: Type.Optional(PersonProjectRoles),
    signsIn: Type.Enum(['password', 'oidc']),
    createdAt: Time,
    lastSignInAt: Type.Optional(Time),
    sessions: Type.Integer({ description: 'Those that have not ended' }),
  },
  { title: 'Person' },
)

const token = {
  id: Type.String(),
  name: Type.String(),
  role: Type.Enum([...tokenRoles], {
    description: 'agent: it may transfer calls, and nothing else; context: it may read contexts, and nothing else',
  }),
  projects: Type.Optional(Projects),
  projectRoles: Type.Optional(rolesInProjects(tokenRoles)),
  createdAt: Time,
  createdBy: Type.String(),
  expiresAt: Type.Optional(Time),
  lastUsedAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'Uses on another Baton are known within a minute' }),
  ),
  lastUsedFrom: Type.Optional(Type.String()),
}
const TokenView = Type.Object(token, { title: 'Token' })

/** People and API tokens. */
export function peoplePaths(api: Api, { accounts }: ApiParts): void {
  const opened = (): Accounts => {
    if (!accounts) throw new ApiRefusal('not_available', 'This Baton has no accounts.')

    return accounts
  }

  api.get(
    '/v1/people',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'The people who may sign in',
        response: answers({ 200: Type.Object({ people: Type.Array(PersonView) }) }),
      },
    },
    () => ({ people: accounts?.people.list() ?? [] }),
  )

  api.post(
    '/v1/people',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Add a person',
        description: 'Once there is a person, a sign-in is needed; the first one must be an admin for all projects.',
        body: Type.Object(
          {
            ...{ name: Name, password: Password, role: Type.Enum([...roles]) },
            ...{ projects: Type.Optional(Projects), projectRoles: Type.Optional(PersonProjectRoles) },
          },
          {
            additionalProperties: false,
            examples: [
              { name: 'ann@example.com', password: 'correct horse battery', role: 'operator', projects: ['demo'] },
            ],
          },
        ),
        response: answers({ 201: PersonView }, 409, 415, 422, 501),
      },
    },
    async (request, reply) => {
      const { name, password, ...grants } = request.body
      const added = await opened().people.add(name, password, grants)
      request.audit.after = added

      return reply.status(201).send(added)
    },
  )

  api.patch(
    '/v1/people/:name',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Change a person’s role or projects',
        description:
          'In force at once, also for sessions that have begun. A project that is taken away takes its role along.',
        params: OnePerson,
        body: Type.Object(
          {
            role: Type.Optional(Type.Enum([...roles])),
            projects: Type.Optional(Type.Union([Projects, Type.Null()], { description: 'null: all projects' })),
            projectRoles: Type.Optional(
              Type.Union([PersonProjectRoles, Type.Null()], { description: 'null: `role` counts in all projects' }),
            ),
          },
          {
            additionalProperties: false,
            examples: [{ role: 'viewer', projects: null, projectRoles: { demo: 'operator' } }],
          },
        ),
        response: answers({ 200: PersonView }, 404, 409, 415, 422, 501),
      },
    },
    async (request) => {
      const { before, after } = await opened().people.change(request.params.name, request.body)
      Object.assign(request.audit, { before, after })

      return after
    },
  )

  api.put(
    '/v1/people/:name/password',
    {
      config: { access: 'admin', checksTexts: true },
      schema: {
        tags,
        summary: 'Set a person’s password',
        description: 'Ends the person’s sessions.',
        params: OnePerson,
        body: Type.Object(
          { password: Password },
          { additionalProperties: false, examples: [{ password: 'correct horse battery' }] },
        ),
        response: answers({ 204: Type.Null() }, 404, 409, 415, 422, 501),
      },
    },
    async (request, reply) => {
      const { before, after } = await opened().people.setPassword(request.params.name, request.body.password)
      Object.assign(request.audit, { before, after })

      return reply.status(204).send(null)
    },
  )

  api.delete(
    '/v1/people/:name',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Remove a person',
        description: 'Ends the person’s sessions.',
        params: OnePerson,
        response: answers({ 204: Type.Null() }, 404, 409, 501),
      },
    },
    async (request, reply) => {
      request.audit.before = await opened().people.remove(request.params.name)

      return reply.status(204).send(null)
    },
  )

  api.get(
    '/v1/tokens',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'API tokens, newest first',
        response: answers({ 200: Type.Object({ tokens: Type.Array(TokenView) }) }),
      },
    },
    () => ({ tokens: accounts?.tokens.list() ?? [] }),
  )

  api.post(
    '/v1/tokens',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Make an API token',
        description: 'The answer has the token, which is shown this once; only its hash is stored.',
        body: Type.Object(
          {
            name: Name,
            role: token.role,
            ...{ projects: token.projects, projectRoles: token.projectRoles },
            expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'Left out: it does not expire' })),
          },
          { additionalProperties: false, examples: [{ name: 'agent-platform', role: 'agent', projects: ['demo'] }] },
        ),
        response: answers(
          { 201: Type.Object({ ...token, token: Type.String() }, { title: 'NewToken' }) },
          409,
          415,
          422,
          501,
        ),
      },
    },
    async (request, reply) => {
      const { expiresAt } = request.body
      if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) {
        throw new ApiRefusal('invalid', '/expiresAt: is past', [{ pointer: '/expiresAt', problem: 'is past' }])
      }
      const { view, secret } = await opened().tokens.create(request.body, actorOf(request).who)
      request.audit.after = view

      return reply
        .status(201)
        .header('cache-control', 'no-store')
        .send({ ...view, token: secret })
    },
  )

  api.delete(
    '/v1/tokens/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Revoke an API token',
        params: OneToken,
        response: answers({ 204: Type.Null() }, 404, 501),
      },
    },
    async (request, reply) => {
      request.audit.before = await opened().tokens.revoke(request.params.id)

      return reply.status(204).send(null)
    },
  )
}
