import { Type } from 'typebox'
import { openingsAt, SwitchSchema, switchActions, type NewSwitch, type Openings } from '../../../routes/index.ts'
import type { SwitchView } from '../../../routes/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import {
  answers,
  DraftOrNumber,
  draftOrNumber,
  EnvironmentInPath,
  OneProject,
  ProjectName,
  type Api,
} from '../path-parts.ts'

const tags = ['switches']
const OneEnvironment = Type.Object({ project: ProjectName, environment: EnvironmentInPath })
const OneSwitch = Type.Object({
  ...OneEnvironment.properties,
  switch: Type.String({ minLength: 1, maxLength: 64, examples: ['3fb2c1'] }),
})
const Name = Type.String({ minLength: 1, maxLength: 64 })

const SwitchBody = Type.Object(
  {
    handoff: Type.Optional(Type.String({ ...Name, description: 'The handoff that it is for; this or `schedule`' })),
    schedule: Type.Optional(Type.String({ ...Name, description: 'The schedule: it is for all handoffs that have it' })),
    action: Type.Enum(switchActions, {
      description:
        '`close`: callers go where those of a closed handoff go; `open`: also outside its hours; `divert`: callers go to `to`',
    }),
    to: Type.Optional(Type.String({ ...Name, description: 'Of a divert: the handoff that callers get' })),
    until: Type.Optional(
      Type.Union([Type.String({ format: 'date-time' }), Type.Literal('next_opening')], {
        description: 'When it expires, or at the next opening of the schedule; until it is removed when left out',
        examples: ['2026-12-24T18:00:00Z', 'next_opening'],
      }),
    ),
    reason: Type.String({ maxLength: 1000, description: 'Why, for colleagues and the history' }),
  },
  {
    additionalProperties: false,
    examples: [
      { handoff: 'front-desk', action: 'close', until: 'next_opening', reason: 'The desk is at a fire drill' },
    ],
  },
)

const view = {
  ...SwitchSchema.properties,
  handoffs: Type.Array(Type.String(), { description: 'The handoffs that it decides about now' }),
  overriddenBy: Type.Optional(
    Type.String({ description: 'The newer switch for the same handoff or schedule, which decides in its place' }),
  ),
}
const SwitchAnswer = Type.Unsafe<SwitchView>(Type.Object(view, { title: 'Switch' }))
const NewSwitchAnswer = Type.Unsafe<NewSwitch>(
  Type.Object({
    ...view,
    overrides: Type.Array(Type.String(), { description: 'Older ones for the same, which decide again when it ends' }),
    notes: Type.Array(Type.String(), { description: 'What an operator should know, in words' }),
  }),
)

/** What an operator changes at once, outside versions, for a time. */
export function switchPaths(api: Api, { routing }: ApiParts): void {
  api.get(
    '/v1/projects/:project/switches',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'The switches in force of every environment, newest first',
        params: OneProject,
        response: answers(
          {
            200: Type.Object({
              switches: Type.Array(
                Type.Unsafe<SwitchView & { environment: string }>(
                  Type.Object({ environment: Type.String(), ...view }, { title: 'SwitchOfEnvironment' }),
                ),
              ),
            }),
          },
          401,
          404,
        ),
      },
    },
    ({ params: { project } }) => ({
      switches: Object.keys(routing.project(project).environments)
        .flatMap((environment) => routing.switches.list(project, environment).map((one) => ({ environment, ...one })))
        .sort((a, b) => (a.at < b.at ? 1 : -1)),
    }),
  )

  api.get(
    '/v1/projects/:project/environments/:environment/switches',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'The switches in force of an environment, newest first',
        params: OneEnvironment,
        response: answers({ 200: Type.Object({ switches: Type.Array(SwitchAnswer) }) }, 401, 404),
      },
    },
    ({ params: { project, environment } }) => ({ switches: routing.switches.list(project, environment) }),
  )

  api.post(
    '/v1/projects/:project/environments/:environment/switches',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Close, open or divert a handoff or a schedule, at once and for a time',
        description:
          'In force on every Baton of one Redis within a second, for transfers that begin from then on, also of calls that are up. Of two for the same handoff or schedule the newer one decides; that of a handoff decides before that of its schedule.',
        params: OneEnvironment,
        body: SwitchBody,
        response: answers({ 201: NewSwitchAnswer }, 401, 404, 409, 415, 422),
      },
    },
    async (request, reply) => {
      const { project, environment } = request.params
      const set = await routing.switches.set(project, environment, request.body, actorOf(request, request.body.reason))

      return reply.status(201).send(set)
    },
  )

  api.delete(
    '/v1/projects/:project/environments/:environment/switches/:switch',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Remove a switch before it expires',
        params: OneSwitch,
        response: answers({ 200: SwitchSchema }, 401, 404),
      },
    },
    (request) => {
      const { project, environment, switch: id } = request.params

      return routing.switches.remove(project, environment, id, actorOf(request))
    },
  )

  openingPaths(api, routing)
}

const State = {
  open: Type.Boolean(),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'When that changes; absent for never' })),
  switch: Type.Optional(Type.String({ description: 'The id of the switch that decides' })),
}

const OpeningsAnswer = Type.Unsafe<Openings & { environment: string; version: number; at: string }>(
  Type.Object(
    {
      environment: Type.String(),
      version: Type.Integer(),
      at: Type.String({ format: 'date-time' }),
      schedules: Type.Array(
        Type.Object({
          name: Type.String(),
          timeZone: Type.String(),
          ...State,
          handoffs: Type.Array(Type.String(), { description: 'The handoffs that name it' }),
          rules: Type.Array(Type.String(), { description: 'The rules that name it' }),
          week: Type.Array(
            Type.Object({
              date: Type.String(),
              hours: Type.Array(Type.String()),
              holiday: Type.Optional(Type.String({ description: 'The name of the holiday whose hours these are' })),
            }),
            { description: 'The days of the week of that moment, from Monday on, without exceptions' },
          ),
        }),
      ),
      handoffs: Type.Array(
        Type.Object({
          name: Type.String(),
          ...State,
          schedule: Type.Optional(Type.String()),
          goesTo: Type.Array(Type.String(), { description: 'The handoffs that a caller is offered to, in order' }),
        }),
      ),
    },
    { title: 'Openings' },
  ),
)

/** What is open at a moment. */
function openingPaths(api: Api, routing: ApiParts['routing']): void {
  api.get(
    '/v1/projects/:project/environments/:environment/openings',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'Which schedules and handoffs are open at a moment, until when, and where callers go',
        params: OneEnvironment,
        querystring: Type.Object(
          {
            at: Type.Optional(
              Type.String({
                format: 'date-time',
                description: 'The moment; now when left out',
                examples: ['2026-12-24T18:00:00Z'],
              }),
            ),
            version: Type.Optional(
              Type.String({ ...DraftOrNumber, description: 'A version, or draft; what runs when left out' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: answers({ 200: OpeningsAnswer }, 400, 401, 404, 409),
      },
    },
    async (request) => {
      const { project, environment } = request.params
      const { at: given, version } = request.query
      const at = given === undefined ? Date.now() : Date.parse(given)
      const pinned =
        version === undefined
          ? routing.environments.running(project, environment)
          : await routing.environments.candidate(project, environment, draftOrNumber(version))
      const switches = routing.switches.of(project, pinned.environment)

      return {
        environment,
        version: pinned.version,
        at: new Date(at).toISOString(),
        ...openingsAt(pinned, switches, at),
      }
    },
  )
}
