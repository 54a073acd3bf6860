import { Type } from 'typebox'
import { diffText, TableSchema, type Version } from '../../../routes/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import {
  entityTag,
  wantedDigest,
  answers,
  DraftOrNumber,
  draftOrNumber,
  IfMatch,
  OneProject,
  ProjectName,
  VersionNumber,
  Why,
  withoutBody,
  type Api,
} from '../path-parts.ts'
import { DiffAnswer, HistoryAnswer, VersionAnswer } from './project-answers.ts'

const tags = ['versions']
const OneVersion = Type.Object({ project: ProjectName, version: VersionNumber })
const TwoVersions = Type.Object({ project: ProjectName, a: DraftOrNumber, b: DraftOrNumber })

const State = Type.String({
  pattern: '^(draft|[1-9][0-9]{0,8}|[a-z-]+(:(draft|[1-9][0-9]{0,8}))?)$',
  description: '`draft`, a version’s number, `live` (what it runs), `live:3` (a release) or `live:draft`',
  examples: ['live', 'draft'],
})
const TwoStates = Type.Object({ project: ProjectName, from: State, to: State })

/** Publishing, the published versions, and the history. */
export function versionPaths(api: Api, { routing }: ApiParts): void {
  api.post(
    '/v1/projects/:project/versions',
    {
      config: { access: 'publisher' },
      preValidation: withoutBody,
      schema: {
        tags,
        summary: 'Publish the draft as the next version',
        params: OneProject,
        headers: IfMatch,
        body: Why,
        response: answers({ 201: VersionAnswer }, 401, 404, 412, 415, 422),
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
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'Every version',
        params: OneProject,
        response: answers({ 200: Type.Object({ versions: Type.Array(VersionAnswer) }) }, 401, 404),
      },
    },
    async (request) => ({ versions: await routing.versions(request.params.project) }),
  )

  api.get(
    '/v1/projects/:project/versions/:version',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'One version, with its table',
        params: OneVersion,
        response: answers(
          { 200: Type.Unsafe<Version>(Type.Intersect([VersionAnswer, Type.Object({ table: TableSchema })])) },
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

  api.get(
    '/v1/projects/:project/versions/:a/diff/:b',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'What changed from one version to another, or to the draft',
        params: TwoVersions,
        response: answers({ 200: DiffAnswer }, 400, 401, 404),
      },
    },
    async (request) => {
      const { project, a, b } = request.params
      const [from, to] = [draftOrNumber(a), draftOrNumber(b)]
      const changes = await routing.diff(project, from, to)

      return { from, to, changes, text: diffText(changes) }
    },
  )

  api.get(
    '/v1/projects/:project/compare/:from/:to',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'What changes between any two of the project’s drafts, versions and releases',
        params: TwoStates,
        response: answers({ 200: DiffAnswer }, 400, 401, 404),
      },
    },
    async (request) => {
      const { project, from, to } = request.params
      const changes = await routing.environments.compare(project, from, to)

      return { from, to, changes, text: diffText(changes) }
    },
  )

  api.get(
    '/v1/projects/:project/history',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'Who changed what, when, from where and why; newest first',
        params: OneProject,
        querystring: Type.Object(
          { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, examples: [50] })) },
          { additionalProperties: false },
        ),
        response: answers({ 200: Type.Object({ history: Type.Array(HistoryAnswer) }) }, 401, 404),
      },
    },
    async (request) => ({ history: await routing.history(request.params.project, request.query.limit) }),
  )
}
