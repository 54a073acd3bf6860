import { Type, type Static } from 'typebox'
import { defined } from '../../../base/defined.ts'
import { diffText, EnvironmentSchema, readDocumentAside, RoutesError } from '../../../routes/index.ts'
import { actorOf } from '../auth.ts'
import { documentOf, documentTypes, withDocuments } from '../bodies.ts'
import type { ApiParts } from '../parts.ts'
import {
  entityTag,
  wantedDigest,
  answers,
  DraftOrNumber,
  draftOrNumber,
  EnvironmentInPath,
  IfMatch,
  Message,
  ProjectName,
  VersionNumber,
  withoutBody,
  type Api,
} from '../path-parts.ts'
import { ApiRefusal } from '../problems.ts'
import {
  CanaryAnswer,
  DiffAnswer,
  EnvironmentAnswer,
  PromotionAnswer,
  PromotionWarnings,
  ReleaseAnswer,
} from './project-answers.ts'

const tags = ['environments']
const OneEnvironment = Type.Object({ project: ProjectName, environment: EnvironmentInPath })

const OneRelease = Type.Object({ ...OneEnvironment.properties, release: VersionNumber })
const TwoReleases = Type.Object({ ...OneEnvironment.properties, a: DraftOrNumber, b: DraftOrNumber })

const ProposedRelease = Type.Object(
  {
    version: Type.Optional(
      Type.Integer({ minimum: 1, description: 'The version; the one that it runs when left out', examples: [7] }),
    ),
    settings: Type.Optional(
      Type.Enum(['draft', 'keep'], {
        default: 'draft',
        description: 'The draft of the environment’s settings, or those that it runs',
        examples: ['keep'],
      }),
    ),
  },
  { additionalProperties: false },
)
type ProposedRelease = Static<typeof ProposedRelease>

const PromoteBody = Type.Object(
  {
    ...ProposedRelease.properties,
    message: Message,
    force: Type.Optional(
      Type.Union([Type.Boolean(), Type.String({ minLength: 1, maxLength: 1000 })], {
        description:
          'Promotes a version although handoffs of it cannot be called (409, `would_fail`): why, or `true` with a `reason`. History keeps it',
      }),
    ),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: 'Why it is forced' })),
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
  {
    additionalProperties: false,
    examples: [{ version: 7, settings: 'keep', message: 'The night shift has a new number', canary: { percent: 10 } }],
  },
)

const RollbackBody = Type.Object(
  {
    release: Type.Optional(Type.Integer({ minimum: 1, description: 'The release to go back to; the one before' })),
    message: Message,
  },
  { additionalProperties: false, examples: [{ release: 11, message: 'The new number does not answer' }] },
)

/** The release that an environment runs, and the draft of its settings. */
export function environmentPaths(api: Api, { routing, targets }: ApiParts): void {
  /** Warns of the targets of a proposed release that get no call now. */
  const warningsOf = async (project: string, environment: string, request: ProposedRelease) => {
    const proposed = await routing.environments.proposed(project, environment, request)

    return (targets?.closedOf(proposed) ?? []).map((detail) => ({ code: 'target_down', detail }))
  }

  api.get(
    '/v1/projects/:project/environments/:environment',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'One environment: what it runs, and how its canary fares',
        params: OneEnvironment,
        response: answers({ 200: Type.Intersect([EnvironmentAnswer, CanaryAnswer]) }, 401, 404),
      },
    },
    (request) => {
      const { project, environment } = request.params
      const found = Object.entries(routing.project(project).environments).find(([name]) => name === environment)?.[1]
      if (!found) throw new ApiRefusal('unknown_environment', `Project ${project} has no environment "${environment}".`)
      const tallies = found.canary && routing.canaryTallies(project, environment)

      return { ...found, ...defined({ tallies }) }
    },
  )

  api.post(
    '/v1/projects/:project/environments/:environment/promote',
    {
      config: { access: 'publisher' },
      schema: {
        tags,
        summary: 'Make a release of a version and the settings, and let new calls run it, or a share of them',
        description:
          'Calls that are up keep the release they began with. With `expected`, only while that version is current: a lost race is 412.',
        params: OneEnvironment,
        body: PromoteBody,
        response: answers({ 200: PromotionAnswer }, 401, 404, 409, 412, 415, 422),
      },
    },
    async (request) => {
      const { message, force, reason, ...release } = request.body
      const { project, environment } = request.params

      const forced = forcedFor(force, reason)
      const warnings = await warningsOf(project, environment, release)
      const promoted = await routing.promote(
        project,
        environment,
        { ...release, ...defined({ force: forced }) },
        actorOf(request, message),
      )

      return { ...promoted, warnings }
    },
  )

  api.get(
    '/v1/projects/:project/environments/:environment/promote',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'What a promotion would warn of: targets of the release that are down now',
        description: 'Promotes nothing. A warning refuses no promotion.',
        params: OneEnvironment,
        querystring: ProposedRelease,
        response: answers({ 200: PromotionWarnings }, 400, 401, 404, 422),
      },
    },
    async (request) => {
      const { project, environment } = request.params

      return { warnings: await warningsOf(project, environment, request.query) }
    },
  )

  api.post(
    '/v1/projects/:project/environments/:environment/rollback',
    {
      config: { access: 'publisher' },
      preValidation: withoutBody,
      schema: {
        tags,
        summary: 'Go back to a release, whole: without one, end the canary or go back to the release before',
        params: OneEnvironment,
        body: RollbackBody,
        response: answers({ 200: PromotionAnswer }, 401, 404, 409, 412, 415, 422),
      },
    },
    (request) => {
      const { message, release } = request.body
      const { project, environment } = request.params

      return routing.rollback(project, environment, actorOf(request, message), { release })
    },
  )

  settingsPaths(api, routing)
  releasePaths(api, routing)
}

function settingsPaths(api: Api, { environments }: ApiParts['routing']): void {
  api.get(
    '/v1/projects/:project/environments/:environment/draft',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'The draft of an environment’s settings, with its ETag',
        params: OneEnvironment,
        response: answers({ 200: EnvironmentSchema }, 401, 404),
      },
    },
    async (request, reply) => {
      const { settings, digest } = await environments.draft(request.params.project, request.params.environment)

      return reply.header('etag', entityTag(digest)).send(settings)
    },
  )

  withDocuments(api, (documents) => {
    documents.put(
      '/v1/projects/:project/environments/:environment/draft',
      {
        config: { access: 'operator' },
        schema: {
          tags,
          summary: 'Replace the draft of an environment’s settings',
          description: 'What runs stays as it is until a promotion. With If-Match, a lost race is 412.',
          consumes: documentTypes,
          params: OneEnvironment,
          headers: IfMatch,
          body: EnvironmentSchema,
          response: answers({ 200: Type.Object({ digest: Type.String() }) }, 401, 404, 412, 413, 415, 422),
        },
      },
      async (request, reply) => {
        const { project, environment } = request.params
        const ifMatch = await wantedDigest(
          request.headers['if-match'],
          async () => (await environments.draft(project, environment)).digest,
        )
        const { value } = await readDocumentAside(documentOf(request))
        const { digest } = await environments.putDraft(project, environment, value, actorOf(request), ifMatch)

        return reply.header('etag', entityTag(digest)).send({ digest })
      },
    )
  })
}

function releasePaths(api: Api, { environments }: ApiParts['routing']): void {
  api.get(
    '/v1/projects/:project/environments/:environment/releases',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'Every release of an environment, newest first',
        params: OneEnvironment,
        response: answers({ 200: Type.Object({ releases: Type.Array(ReleaseAnswer) }) }, 401, 404),
      },
    },
    async (request) => ({
      releases: await environments.releases(request.params.project, request.params.environment),
    }),
  )

  api.get(
    '/v1/projects/:project/environments/:environment/releases/:release',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'One release: its version and its settings',
        params: OneRelease,
        response: answers({ 200: ReleaseAnswer }, 400, 401, 404),
      },
    },
    (request) => environments.release(request.params.project, request.params.environment, request.params.release),
  )

  api.get(
    '/v1/projects/:project/environments/:environment/releases/:a/diff/:b',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'What changed from one release to another, or to the drafts: settings and table, field by field',
        params: TwoReleases,
        response: answers({ 200: DiffAnswer }, 400, 401, 404),
      },
    },
    async (request) => {
      const { project, environment, a, b } = request.params
      const [from, to] = [draftOrNumber(a), draftOrNumber(b)]
      const changes = await environments.diff(project, environment, from, to)

      return { from, to, changes, text: diffText(changes) }
    },
  )
}

/** The reason of a forced promotion; undefined for another. Throws 422 for a forced one without a reason. */
function forcedFor(force: boolean | string | undefined, reason: string | undefined): string | undefined {
  if (force === undefined || force === false) return undefined
  const why = force === true ? reason : force
  if (why === undefined) {
    throw new RoutesError('invalid_command', 'a promotion is forced with a reason, which history keeps: give `reason`')
  }

  return why
}
