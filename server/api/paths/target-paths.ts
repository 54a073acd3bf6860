import { Type } from 'typebox'
import { limitKey } from '../../limits/index.ts'
import { targetOfProjects, targetView, TargetView, type WatchedTarget } from '../../targets/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { answers, withoutBody, type Api } from '../path-parts.ts'
import { ApiRefusal } from '../problems.ts'

const tags = ['targets']

/** Whatever calls are sent to, and how it is. */
export function targetPaths(api: Api, { targets, limits }: ApiParts): void {
  const view = (target: WatchedTarget): TargetView =>
    targetView(
      target,
      limits && (({ kind, uri, countedAs = uri }) => limits.usedOf({ key: limitKey(kind, countedAs) })),
    )

  api.get(
    '/v1/targets',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'Agents, gateways and handoffs’ hosts: whether each is up, and why',
        description:
          'Of what is running. One target for one address, however many trunks and projects name it. Of a principal with some projects only, those of these and the gateways.',
        response: answers({ 200: Type.Object({ targets: Type.Array(TargetView) }) }, 401),
      },
    },
    ({ principal }) => {
      const all = targets?.list().map(view) ?? []
      if (principal.mayEverywhere('viewer')) return { targets: all }

      return { targets: all.flatMap((target) => targetOfProjects(target, (project) => principal.sees(project)) ?? []) }
    },
  )

  api.post(
    '/v1/targets/:id/:command',
    {
      config: { access: 'operator' },
      preValidation: withoutBody,
      schema: {
        tags,
        summary: 'Ask a target by OPTIONS now, or take it out and in',
        description:
          'probe: answers with the result. disable: no call is sent there. drain: the same; its calls go on. enable: calls are sent there again. All but probe are kept until they are changed, and are in force on every Baton of one Redis within a second.',
        params: Type.Object({
          id: Type.String({ minLength: 1, maxLength: 300, examples: ['udp:192.0.2.10:5060'] }),
          command: Type.Enum(['probe', 'disable', 'enable', 'drain'], { examples: ['drain'] }),
        }),
        body: Type.Object(
          { reason: Type.Optional(Type.String({ maxLength: 200, description: 'Why, for those who look later' })) },
          { additionalProperties: false, examples: [{ reason: 'It gets a new disk' }] },
        ),
        response: answers({ 200: TargetView }, 400, 401, 404, 415, 422, 503),
      },
    },
    async (request) => {
      const { id, command } = request.params
      const { reason } = request.body
      const { who } = actorOf(request)
      const before = targets?.list().find((one) => one.id === id)
      if (before) request.audit.before = healthOf(before)
      const target = await targets?.command(id, command, reason === undefined ? who : `${who}: ${reason}`)
      if (!target) throw new ApiRefusal('unknown_target', `There is no target "${id}"; GET /v1/targets lists them.`)

      Object.assign(request.audit, { after: healthOf(target), why: reason })

      return view(target)
    },
  )
}

/** What a command changes. */
function healthOf({ state, reason }: WatchedTarget) {
  return { state, reason }
}
