import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'

import { defined } from '../../../base/defined.ts'
import { maskedEvent } from '../../access/index.ts'
import type { DeadLetter } from '../../webhooks/index.ts'
import { refuseOtherProjects } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { ApiRefusal } from '../problems.ts'
import { answers, withoutBody, type Api } from '../path-parts.ts'

const OneLetter = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 100, description: 'Its webhook-id', examples: ['9f2c41d0-17'] }),
})
const Filter = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: '1000 when left out', examples: [50] }),
    ),
  },
  { additionalProperties: false },
)
const EmptyBody = Type.Object({}, { additionalProperties: false, examples: [{}] })
const Replayed = Type.Object({ replayed: Type.Array(Type.String({ description: 'webhook-id' })) })
const Deleted = Type.Object({ deleted: Type.Array(Type.String({ description: 'webhook-id' })) })
const tags = ['webhooks']
/** Dead letters that one entry of the history names. */
const maxNotedLetters = 50

/** The dead letters of the webhook: list, replay, delete. */
export function webhookPaths(api: Api, { webhooks }: ApiParts): void {
  const all = async (): Promise<DeadLetter[]> => {
    await webhooks?.letters.refresh()

    return [...(webhooks?.letters.all ?? [])]
  }

  const find = async (request: FastifyRequest & { params: { id: string } }) => {
    const { id } = request.params
    await webhooks?.letters.refresh()
    const letter = webhooks?.letters.get(id)
    if (!webhooks || !letter) throw new ApiRefusal('unknown_dead_letter', `There is no dead letter ${id}.`)
    const { project, environment } = letter.event
    Object.assign(request.audit, { project, environment })
    refuseOtherProjects(request, project)

    return { letter, ...webhooks }
  }

  /** For the history: the first of them, without their events. */
  const noted = (letters: readonly DeadLetter[]) => ({
    count: letters.length,
    deadLetters: letters.slice(0, maxNotedLetters).map(({ id, event: { type, project } }) => ({
      ...{ id, type, project },
      state: webhooks?.delivery.isReplaying(id) ? 'replaying' : 'dead',
    })),
  })

  const summary = ({ id, event, attempts, problem, failedAt }: DeadLetter): DeadLetterSummary => {
    const { type, at, project, environment, callId } = event
    const state = webhooks?.delivery.isReplaying(id) ? 'replaying' : 'dead'

    return {
      id,
      type,
      at,
      project,
      environment,
      ...defined({ callId }),
      state,
      attempts,
      problem,
      failedAt,
    }
  }

  api.get(
    '/v1/webhooks/dead-letters',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'Events that the webhook has not taken, oldest first',
        querystring: Filter,
        response: answers(
          { 200: Type.Object({ count: Type.Integer(), deadLetters: Type.Array(DeadLetterSummary) }) },
          400,
          401,
        ),
      },
    },
    async (request) => {
      const letters = (await all()).filter(({ event }) => request.principal.sees(event.project))

      return { count: letters.length, deadLetters: letters.slice(0, request.query.limit).map(summary) }
    },
  )

  api.get(
    '/v1/webhooks/dead-letters/:id',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'One of them, with its event',
        params: OneLetter,
        response: answers({ 200: DeadLetterView }, 400, 401, 404),
      },
    },
    async (request) => {
      const { letter } = await find(request)
      const { event } = letter
      const seesNumbers = request.principal.seesNumbersOf(event.project)

      return { ...summary(letter), event: seesNumbers ? event : maskedEvent(event) }
    },
  )

  api.post(
    '/v1/webhooks/dead-letters/replay',
    {
      config: { access: 'operator' },
      preValidation: withoutBody,
      schema: {
        tags,
        summary: 'Send all of them again',
        description: 'Those of one call in order. Each leaves the list when the webhook has taken it.',
        body: EmptyBody,
        response: answers({ 202: Replayed }, 400, 401, 415, 422),
      },
    },
    async (request, reply) => {
      const letters = await all()
      request.audit.before = noted(letters)
      for (const letter of letters) webhooks?.delivery.replay(letter)
      request.audit.after = noted(letters)

      void reply.status(202)

      return { replayed: letters.map(({ id }) => id) }
    },
  )

  api.post(
    '/v1/webhooks/dead-letters/:id/replay',
    {
      config: { access: 'operator', scope: 'handler' },
      preValidation: withoutBody,
      schema: {
        tags,
        summary: 'Send one of them again',
        description: 'With the same webhook-id, so that a receiver that has it after all can tell.',
        params: OneLetter,
        body: EmptyBody,
        response: answers({ 202: DeadLetterSummary }, 400, 401, 404, 415, 422),
      },
    },
    async (request, reply) => {
      const { letter, delivery } = await find(request)
      request.audit.before = summary(letter)
      delivery.replay(letter)
      const after = (request.audit.after = summary(letter))

      void reply.status(202)

      return after
    },
  )

  api.delete(
    '/v1/webhooks/dead-letters',
    {
      config: { access: 'operator' },
      schema: { tags, summary: 'Throw all of them away', response: answers({ 200: Deleted }, 401) },
    },
    async (request) => {
      const letters = await all()
      request.audit.before = noted(letters)
      for (const { id } of letters) webhooks?.letters.delete(id)
      request.audit.after = noted([])

      return { deleted: letters.map(({ id }) => id) }
    },
  )

  api.delete(
    '/v1/webhooks/dead-letters/:id',
    {
      config: { access: 'operator', scope: 'handler' },
      schema: {
        tags,
        summary: 'Throw one of them away',
        params: OneLetter,
        response: answers({ 200: Deleted }, 400, 401, 404),
      },
    },
    async (request) => {
      const { letter, letters } = await find(request)
      request.audit.before = summary(letter)
      letters.delete(letter.id)

      return { deleted: [letter.id] }
    },
  )
}

/** A dead letter without its event. */
export const DeadLetterSummary = Type.Object({
  id: Type.String({ description: 'webhook-id: the same for each attempt and each replay' }),
  type: Type.String({ description: 'The event’s type, such as call.ended' }),
  at: Type.String({ format: 'date-time', description: 'When it happened' }),
  project: Type.String(),
  environment: Type.String(),
  callId: Type.Optional(Type.String()),
  state: Type.Union([Type.Literal('dead'), Type.Literal('replaying')]),
  attempts: Type.Integer({ description: 'How often it was tried, the last time that it was' }),
  problem: Type.String({ description: 'Why the last attempt failed' }),
  failedAt: Type.String({ format: 'date-time', description: 'When it was given up' }),
})
export type DeadLetterSummary = Static<typeof DeadLetterSummary>

export const DeadLetterView = Type.Object({
  ...DeadLetterSummary.properties,
  event: Type.Unknown({ description: 'As GET /v1/events shows it' }),
})
export type DeadLetterView = Static<typeof DeadLetterView>
