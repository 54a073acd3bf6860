import { Type } from 'typebox'
import { exampleHandoff, type HandoffCommand, type HandoffChanges } from '../../../routes/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import {
  entityTag,
  wantedDigest,
  answers,
  HandoffName,
  IfMatch,
  OneProject,
  ProjectName,
  type Api,
} from '../path-parts.ts'
import { FindingsAnswer } from './project-answers.ts'

const tags = ['drafts']
const OneHandoff = Type.Object({ project: ProjectName, handoff: HandoffName })
const Edited = Type.Object({ digest: Type.String({ description: 'Of the draft as it is now: its ETag' }) })
type NewHandoff = Extract<HandoffCommand, { do: 'create' }>['handoff']
// routes/ checks their fields, with the whole table.
const Handoff = Type.Unsafe<NewHandoff>(
  Type.Object({}, { description: 'A handoff, as in the project file', examples: [exampleHandoff] }),
)
const Changes = Type.Unsafe<HandoffChanges>(
  Type.Object(
    {},
    {
      description: 'Fields with their new values; null takes one away. A new name is followed everywhere',
      examples: [{ route: '+14155550111', ring_timeout: null }],
    },
  ),
)

/** Commands on the handoffs of a draft, and its lint findings. */
export function handoffPaths(api: Api, { routing }: ApiParts): void {
  const edit = async (
    request: Parameters<typeof actorOf>[0],
    project: string,
    command: HandoffCommand,
  ): Promise<{ digest: string }> => {
    const digest = async () => (await routing.getDraft(project)).digest
    const ifMatch = await wantedDigest(request.headers['if-match'], digest)

    return routing.editDraft(project, command, actorOf(request), ifMatch)
  }
  const response = { 200: Edited }
  const refusals = [401, 404, 412, 415, 422]

  api.get(
    '/v1/projects/:project/draft/lint',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'What is to be said of the draft before it is published, worst first; errors stop a publication',
        params: OneProject,
        response: answers({ 200: FindingsAnswer }, 401, 404),
      },
    },
    async (request) => ({ findings: await routing.lint(request.params.project) }),
  )

  api.post(
    '/v1/projects/:project/draft/handoffs',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Add a handoff to the draft',
        params: OneProject,
        headers: IfMatch,
        body: Handoff,
        response: answers({ 201: Edited }, ...refusals),
      },
    },
    async (request, reply) => {
      const { digest } = await edit(request, request.params.project, { do: 'create', handoff: request.body })

      return reply.status(201).header('etag', entityTag(digest)).send({ digest })
    },
  )

  api.patch(
    '/v1/projects/:project/draft/handoffs/:handoff',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Change a handoff of the draft',
        params: OneHandoff,
        headers: IfMatch,
        body: Changes,
        response: answers(response, ...refusals),
      },
    },
    async (request, reply) => {
      const { project, handoff: name } = request.params
      const { digest } = await edit(request, project, { do: 'update', name, changes: request.body })

      return reply.header('etag', entityTag(digest)).send({ digest })
    },
  )

  api.delete(
    '/v1/projects/:project/draft/handoffs/:handoff',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Take a handoff out of the draft; refused while others name it',
        params: OneHandoff,
        headers: IfMatch,
        response: answers(response, ...refusals),
      },
    },
    async (request, reply) => {
      const { project, handoff: name } = request.params
      const { digest } = await edit(request, project, { do: 'delete', name })

      return reply.header('etag', entityTag(digest)).send({ digest })
    },
  )

  api.post(
    '/v1/projects/:project/draft/handoffs/:handoff/duplicate',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Copy a handoff of the draft under another name',
        params: OneHandoff,
        headers: IfMatch,
        body: Type.Object({ as: HandoffName }, { additionalProperties: false, examples: [{ as: 'front-desk-night' }] }),
        response: answers({ 201: Edited }, ...refusals),
      },
    },
    async (request, reply) => {
      const { project, handoff: name } = request.params
      const { digest } = await edit(request, project, { do: 'duplicate', name, as: request.body.as })

      return reply.status(201).header('etag', entityTag(digest)).send({ digest })
    },
  )

  api.post(
    '/v1/projects/:project/draft/handoffs/:handoff/default',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Make a handoff of the draft the default',
        params: OneHandoff,
        headers: IfMatch,
        response: answers(response, ...refusals),
      },
    },
    async (request, reply) => {
      const { project, handoff: name } = request.params
      const { digest } = await edit(request, project, { do: 'set_default', name })

      return reply.header('etag', entityTag(digest)).send({ digest })
    },
  )
}
