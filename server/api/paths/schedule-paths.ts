import { Type } from 'typebox'
import { exampleSchedule, type ScheduleChanges, type ScheduleCommand } from '../../../routes/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { answers, entityTag, IfMatch, OneProject, ProjectName, wantedDigest, type Api } from '../path-parts.ts'

const tags = ['drafts']
const OneSchedule = Type.Object({
  project: ProjectName,
  schedule: Type.String({ minLength: 1, maxLength: 64, examples: ['office-hours'] }),
})
const Edited = Type.Object({ digest: Type.String({ description: 'Of the draft as it is now: its ETag' }) })
// routes/ checks their fields, with the whole table.
const Schedule = Type.Unsafe<Extract<ScheduleCommand, { do: 'create_schedule' }>['schedule']>(
  Type.Object({}, { description: 'A schedule, as in the project file', examples: [exampleSchedule] }),
)
const Changes = Type.Unsafe<ScheduleChanges>(
  Type.Object(
    {},
    {
      description: 'Fields with their new values; null takes one away. A new name is followed everywhere',
      examples: [{ weekly: { mon: ['08:00-18:00'] }, holidays: null }],
    },
  ),
)

/** Commands on the schedules of a draft. */
export function schedulePaths(api: Api, { routing }: ApiParts): void {
  const edit = async (
    request: Parameters<typeof actorOf>[0],
    project: string,
    command: ScheduleCommand,
  ): Promise<{ digest: string }> => {
    const digest = async () => (await routing.getDraft(project)).digest
    const ifMatch = await wantedDigest(request.headers['if-match'], digest)

    return routing.editSchedules(project, command, actorOf(request), ifMatch)
  }
  const refusals = [401, 404, 412, 415, 422]

  api.post(
    '/v1/projects/:project/draft/schedules',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Add a schedule to the draft',
        params: OneProject,
        headers: IfMatch,
        body: Schedule,
        response: answers({ 201: Edited }, ...refusals),
      },
    },
    async (request, reply) => {
      const command = { do: 'create_schedule', schedule: request.body } as const
      const { digest } = await edit(request, request.params.project, command)

      return reply.status(201).header('etag', entityTag(digest)).send({ digest })
    },
  )

  api.patch(
    '/v1/projects/:project/draft/schedules/:schedule',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Change a schedule of the draft',
        params: OneSchedule,
        headers: IfMatch,
        body: Changes,
        response: answers({ 200: Edited }, ...refusals),
      },
    },
    async (request, reply) => {
      const { project, schedule: name } = request.params
      const { digest } = await edit(request, project, { do: 'update_schedule', name, changes: request.body })

      return reply.header('etag', entityTag(digest)).send({ digest })
    },
  )

  api.delete(
    '/v1/projects/:project/draft/schedules/:schedule',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Take a schedule out of the draft; refused while handoffs or rules name it',
        params: OneSchedule,
        headers: IfMatch,
        response: answers({ 200: Edited }, ...refusals),
      },
    },
    async (request, reply) => {
      const { project, schedule: name } = request.params
      const { digest } = await edit(request, project, { do: 'delete_schedule', name })

      return reply.header('etag', entityTag(digest)).send({ digest })
    },
  )
}
