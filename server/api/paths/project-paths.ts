import { Type } from 'typebox'

import { ProjectSchema, TableSchema, readDocumentAside, projectJsonSchema } from '../../../routes/index.ts'
import { actorOf } from '../auth.ts'
import { documentOf, documentTypes, withDocuments } from '../bodies.ts'
import type { ApiParts } from '../parts.ts'
import { entityTag, wantedDigest, answers, IfMatch, OneProject, type Api } from '../path-parts.ts'
import { ProjectAnswer, StoredAnswer } from './project-answers.ts'

const tags = ['projects']
const DraftSaved = Type.Object({ digest: Type.String() })

/** Project files and drafts. */
export function projectPaths(api: Api, { routing }: ApiParts): void {
  api.get(
    '/v1/projects',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'Every project',
        response: answers({ 200: Type.Object({ projects: Type.Array(ProjectAnswer) }) }, 401),
      },
    },
    ({ principal }) => ({ projects: routing.projects().filter(({ project }) => principal.sees(project)) }),
  )

  api.get(
    '/v1/projects/:project',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'One project: its environments and what they run',
        params: OneProject,
        response: answers({ 200: ProjectAnswer }, 401, 404),
      },
    },
    async (request, reply) => {
      const { project } = request.params

      return reply.header('etag', entityTag(await routing.projectDigest(project))).send(routing.project(project))
    },
  )

  api.get(
    '/v1/projects/:project/file',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'The project file, byte for byte as it was stored',
        params: OneProject,
        response: answers({ 200: ProjectSchema }, 401, 404),
      },
    },
    async (request, reply) => {
      const { project } = request.params
      const [{ text, type }, digest] = await Promise.all([
        routing.exportProject(project),
        routing.projectDigest(project),
      ])

      return reply
        .header('etag', entityTag(digest))
        .type(`application/${type}`)
        .serializer(String)
        .send(text as never)
    },
  )

  api.get(
    '/v1/projects/:project/draft',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'The draft, with its ETag',
        params: OneProject,
        response: answers({ 200: TableSchema }, 401, 404),
      },
    },
    async (request, reply) => {
      const { table, digest } = await routing.getDraft(request.params.project)

      return reply.header('etag', entityTag(digest)).send(table)
    },
  )

  withDocuments(api, (documents) => {
    documents.put(
      '/v1/projects/:project',
      {
        config: { access: 'operator' },
        schema: {
          tags,
          summary: 'Store a project file',
          description:
            'Its table becomes the draft; its environments become the drafts of their settings. Nothing that runs changes: `changes` says what a promotion would change in each environment. With If-Match (the ETag of the file), a lost race is 412.',
          consumes: documentTypes,
          params: OneProject,
          headers: IfMatch,
          body: ProjectSchema,
          response: answers({ 200: StoredAnswer, 201: StoredAnswer }, 401, 412, 413, 415, 422),
        },
      },
      async (request, reply) => {
        const { project } = request.params
        const isNew = !routing.projects().some((one) => one.project === project)
        const ifMatch = await wantedDigest(request.headers['if-match'], () => routing.projectDigest(project))
        const stored = await routing.putProject(project, documentOf(request), actorOf(request), ifMatch)

        return reply
          .status(isNew ? 201 : 200)
          .header('etag', entityTag(stored.digest))
          .send(stored)
      },
    )

    documents.put(
      '/v1/projects/:project/draft',
      {
        config: { access: 'operator' },
        schema: {
          tags,
          summary: 'Replace the draft',
          description: 'With If-Match, only when it has not been changed since: a lost race is 412.',
          consumes: documentTypes,
          params: OneProject,
          headers: IfMatch,
          body: TableSchema,
          response: answers({ 200: DraftSaved }, 401, 404, 412, 413, 415, 422),
        },
      },
      async (request, reply) => {
        const { project } = request.params
        const ifMatch = await wantedDigest(
          request.headers['if-match'],
          async () => (await routing.getDraft(project)).digest,
        )
        const { value } = await readDocumentAside(documentOf(request))
        const { digest } = await routing.putDraft(project, value, actorOf(request), ifMatch)

        return reply.header('etag', entityTag(digest)).send({ digest })
      },
    )
  })
}

/** The JSON Schema of the project file, for editors, without a token. */
export function schemaPaths(api: Api): void {
  const schema = Buffer.from(JSON.stringify(projectJsonSchema()))

  api.get(
    '/v1/schema',
    {
      config: { access: 'open' },
      schema: {
        tags: ['projects'],
        security: [],
        summary: 'JSON Schema of the project file',
        response: { 200: Type.Unknown() },
      },
    },
    (_request, reply) => reply.type('application/schema+json').serializer(String).send(schema),
  )
}
