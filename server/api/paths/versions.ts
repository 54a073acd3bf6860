import { Type } from 'typebox'
import { TableSchema, type Version } from '../../../routes/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { entityTag, wantedDigest } from '../preconditions.ts'
import { Entry, Promotion, Summary } from '../shapes/projects.ts'
import { answers, OneProject, ProjectName, withoutBody, type Api } from '../typed.ts'

const tags = ['versions']
const VersionNumber = Type.Integer({ minimum: 1 })
const Message = Type.Optional(Type.String({ maxLength: 1000, description: 'Why, for the history' }))
const Why = Type.Object({ message: Message }, { additionalProperties: false })
const OneVersion = Type.Object({ project: ProjectName, version: VersionNumber })
const OneEnvironment = Type.Object({ project: ProjectName, environment: Type.String() })
const IfMatch = Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 1000 })) })

/** Publishing, promotion, and what became of it. */
export function versionPaths(api: Api, { routing }: ApiParts): void {
  api.post(
    '/v1/projects/:project/versions',
    {
      preValidation: withoutBody,
      schema: {
        tags,
        summary: 'Publish the draft as the next version',
        params: OneProject,
        headers: IfMatch,
        body: Why,
        response: answers({ 201: Summary }, 401, 404, 412, 415, 422),
      },
    },
    async (request, reply) => {
      const { project } = request.params
      const ifMatch = await wantedDigest(
        request.headers['if-match'],
        async () => (await routing.getDraft(project)).digest,
      )
      const version = await routing.publish(project, actorOf(request, request.body.message), ifMatch)

      return reply.status(201).header('location', `/v1/projects/${project}/versions/${version.version}`).send(version)
    },
  )

  api.get(
    '/v1/projects/:project/versions',
    {
      schema: {
        tags,
        summary: 'Every version',
        params: OneProject,
        response: answers({ 200: Type.Object({ versions: Type.Array(Summary) }) }, 401, 404),
      },
    },
    async (request) => ({ versions: await routing.versions(request.params.project) }),
  )

  api.get(
    '/v1/projects/:project/versions/:version',
    {
      schema: {
        tags,
        summary: 'One version, with its table',
        params: OneVersion,
        response: answers(
          { 200: Type.Unsafe<Version>(Type.Intersect([Summary, Type.Object({ table: TableSchema })])) },
          401,
          404,
        ),
      },
    },
    async (request, reply) => {
      const version = await routing.version(request.params.project, request.params.version)

      return reply.header('etag', entityTag(version.digest)).send(version)
    },
  )

  api.post(
    '/v1/projects/:project/environments/:environment/promote',
    {
      schema: {
        tags,
        summary: 'Let an environment’s new calls run a version',
        description:
          'Calls that are up keep the version they began with. With `expected`, only while that one is current: a lost race is 412.',
        params: OneEnvironment,
        body: Type.Object(
          { version: VersionNumber, message: Message, expected: Type.Optional(VersionNumber) },
          { additionalProperties: false },
        ),
        response: answers({ 200: Promotion }, 401, 404, 409, 412, 415, 422),
      },
    },
    (request) => {
      const { version, message, expected } = request.body

      return routing.promote(
        request.params.project,
        request.params.environment,
        version,
        actorOf(request, message),
        expected,
      )
    },
  )

  api.post(
    '/v1/projects/:project/environments/:environment/rollback',
    {
      preValidation: withoutBody,
      schema: {
        tags,
        summary: 'Go back to the version before',
        params: OneEnvironment,
        body: Why,
        response: answers({ 200: Promotion }, 401, 404, 409, 415, 422),
      },
    },
    (request) =>
      routing.rollback(request.params.project, request.params.environment, actorOf(request, request.body.message)),
  )

  api.get(
    '/v1/projects/:project/history',
    {
      schema: {
        tags,
        summary: 'Who changed what, when, from where and why; newest first',
        params: OneProject,
        querystring: Type.Object(
          { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })) },
          { additionalProperties: false },
        ),
        response: answers({ 200: Type.Object({ history: Type.Array(Entry) }) }, 401, 404),
      },
    },
    async (request) => ({ history: await routing.history(request.params.project, request.query.limit) }),
  )
}
