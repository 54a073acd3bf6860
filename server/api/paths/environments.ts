import { Type } from 'typebox'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { ApiRefusal } from '../problems.ts'
import { CanaryProgress, EnvironmentView, Promotion } from '../shapes/projects.ts'
import { answers, Message, ProjectName, VersionNumber, Why, withoutBody, type Api } from '../typed.ts'

const tags = ['environments']
const OneEnvironment = Type.Object({ project: ProjectName, environment: Type.String() })

const PromoteBody = Type.Object(
  {
    version: VersionNumber,
    message: Message,
    expected: Type.Optional(
      Type.Union([VersionNumber, Type.Null()], {
        description: 'Only while the environment runs this version (null: none)',
      }),
    ),
    canary: Type.Optional(
      Type.Object(
        {
          percent: Type.Number({
            exclusiveMinimum: 0,
            maximum: 100,
            description: 'Share of the calls; 100 promotes whole',
          }),
          tolerance: Type.Optional(
            Type.Number({ minimum: 0, maximum: 100, description: 'Points of success it may be worse; 10' }),
          ),
          sample: Type.Optional(
            Type.Integer({ minimum: 1, description: 'Transfers of each version before a verdict; 20' }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

/** What an environment runs. */
export function environmentPaths(api: Api, { routing }: ApiParts): void {
  api.get(
    '/v1/projects/:project/environments/:environment',
    {
      schema: {
        tags,
        summary: 'One environment: what it runs, and how its canary fares',
        params: OneEnvironment,
        response: answers({ 200: Type.Intersect([EnvironmentView, CanaryProgress]) }, 401, 404),
      },
    },
    (request) => {
      const { project, environment } = request.params
      const found = Object.entries(routing.project(project).environments).find(([name]) => name === environment)?.[1]
      if (!found) throw new ApiRefusal('unknown_environment', `Project ${project} has no environment "${environment}".`)
      const tallies = found.canary && routing.canaryTallies(project, environment)

      return { ...found, ...(tallies && { tallies }) }
    },
  )

  api.post(
    '/v1/projects/:project/environments/:environment/promote',
    {
      schema: {
        tags,
        summary: 'Let an environment’s new calls run a version, or a share of them',
        description:
          'Calls that are up keep the version they began with. With `expected`, only while that one is current: a lost race is 412.',
        params: OneEnvironment,
        body: PromoteBody,
        response: answers({ 200: Promotion }, 401, 404, 409, 412, 415, 422),
      },
    },
    (request) => {
      const { version, message, expected, canary } = request.body

      const { project, environment } = request.params

      return routing.promote(project, environment, version, actorOf(request, message), expected, canary)
    },
  )

  api.post(
    '/v1/projects/:project/environments/:environment/rollback',
    {
      preValidation: withoutBody,
      schema: {
        tags,
        summary: 'End the canary, or go back to the version before',
        params: OneEnvironment,
        body: Why,
        response: answers({ 200: Promotion }, 401, 404, 409, 415, 422),
      },
    },
    (request) =>
      routing.rollback(request.params.project, request.params.environment, actorOf(request, request.body.message)),
  )
}
