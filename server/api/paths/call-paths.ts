import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { defined } from '../../../base/defined.ts'
import { headerNameProblem, headerValueProblem, textMistakes } from '../../../routes/index.ts'
import { maskedCall, maskedLadder, type Principal } from '../../access/index.ts'
import { CallView, LadderView } from '../../legs/views.ts'
import { ladderText } from '../../calls/ladder-text.ts'
import { refuseOtherProjects } from '../auth.ts'
import { jsonList } from '../streamed-answers.ts'
import { IdempotentAnswers, refuseMistakes } from '../bodies.ts'
import { TransferBody, type CallHandle } from '../call-book.ts'
import type { ApiLog, ApiParts } from '../parts.ts'
import { ApiRefusal, pointerTo, type FieldMistake } from '../problems.ts'
import { answers, CallId, type Api } from '../path-parts.ts'

const Filter = Type.Object(
  {
    state: Type.Optional(CallView.properties.state),
    project: Type.Optional(Type.String()),
    environment: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: '100 when left out' })),
  },
  { additionalProperties: false },
)

const Accepted = Type.Object({
  transferId: Type.String(),
  joined: Type.Boolean({ description: 'The same handoff was already under way' }),
})
const Key = Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) })
const OneCall = Type.Object({ call: CallId })
const tags = ['calls']

/** Live and recent calls, and the commands on them. */
export function callPaths(api: Api, { calls, log }: ApiParts): void {
  const transfers = new IdempotentAnswers<{ transferId: string; joined: boolean }>()

  const find = (request: FastifyRequest & { params: { call: string } }): CallHandle => {
    const id = request.params.call
    const call = calls.get(id)
    if (!call) throw new ApiRefusal('unknown_call', `There is no call ${id}, or it ended too long ago to be kept.`)
    request.audit.project = call.project
    refuseOtherProjects(request, call.project)

    return call
  }

  api.get(
    '/v1/calls',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'Live and recent calls, newest first',
        querystring: Filter,
        response: answers({ 200: Type.Object({ calls: Type.Array(CallView) }) }, 400, 401),
      },
    },
    (request, reply) =>
      streamed(
        reply,
        jsonList('calls', () => {
          const { principal } = request
          const found = calls.list({ limit: 100, ...request.query, ...defined({ projects: principal.projects }) })

          return views(found, principal, log)
        }),
      ),
  )

  api.get(
    '/v1/calls/:call',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'One call, with its transfers, attempts and evidence',
        params: OneCall,
        response: answers({ 200: CallView }, 401, 404),
      },
    },
    (request) => shownTo(request.principal, find(request).view()),
  )

  api.get(
    '/v1/calls/:call/ladder',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'Every SIP message of the call, all legs, in order; as a drawing with Accept: text/plain',
        params: OneCall,
        response: answers({ 200: LadderView }, 401, 404),
      },
    },
    (request, reply) => {
      const call = find(request)
      const ladder = request.principal.seesNumbers ? call.ladder() : maskedLadder(call.ladder(), call.view())
      if (!prefersText(request.headers.accept)) {
        const { messages, ...others } = ladder

        return streamed(
          reply,
          jsonList('messages', () => messages, others),
        )
      }

      void reply.type('text/plain; charset=utf-8').serializer(String)
      return ladderText(ladder) as never
    },
  )

  api.post(
    '/v1/calls/:call/transfer',
    {
      config: { access: 'transfer', scope: 'handler', checksTexts: true },
      schema: {
        tags,
        summary: 'Hand the caller off',
        description:
          'Answers as soon as the transfer is under way; its outcome comes as the event transfer.ended and in the call. ' +
          'While one runs, the same handoff joins it, and another is refused with 409.',
        params: OneCall,
        headers: Key,
        body: TransferBody,
        response: answers({ 202: Accepted }, 400, 401, 404, 409, 415, 422),
      },
    },
    (request, reply) => {
      const call = find(request)
      refuseMistakes(transferMistakes(request.body))
      const key = request.headers['idempotency-key']
      const accepted = transfers.once(key && `${request.params.call} ${key}`, request.body, () => {
        const { id, joined } = call.transfer(request.body)

        return { transferId: id, joined }
      })

      void reply.status(202)

      return accepted
    },
  )

  api.post(
    '/v1/calls/:call/transfer/cancel',
    {
      config: { access: 'operator', scope: 'handler' },
      schema: {
        tags,
        summary: 'Call the running transfer off',
        description:
          'A destination that rings is cancelled and the caller stays with the agent: failed, cancelled. A REFER that was ' +
          'accepted cannot be called back: its outcome is unknown.',
        params: OneCall,
        response: answers({ 202: Type.Object({ transferId: Type.String() }) }, 401, 404, 409),
      },
    },
    (request, reply) => {
      const { id } = find(request).cancelTransfer()

      void reply.status(202)

      return { transferId: id }
    },
  )

  api.post(
    '/v1/calls/:call/hangup',
    {
      config: { access: 'operator', scope: 'handler' },
      schema: {
        tags,
        summary: 'End a call',
        params: OneCall,
        response: answers({ 202: Type.Object({ id: Type.String(), state: CallView.properties.state }) }, 401, 404),
      },
    },
    (request, reply) => {
      const call = find(request)
      call.hangup()
      const { id, state } = call.view()

      void reply.status(202)

      return { id, state }
    },
  )
}

/** The views of calls; a call whose view throws is logged and left out. */
function* views(calls: readonly CallHandle[], principal: Principal, log: ApiLog): Generator<CallView> {
  for (const call of calls) {
    let view: CallView
    try {
      view = shownTo(principal, call.view())
    } catch (error) {
      log.error('a call is left out of the list, since it cannot be shown', { error })
      continue
    }
    yield view
  }
}

/** The view of a call as a principal may see it. */
function shownTo(principal: Principal, view: CallView): CallView {
  return principal.seesNumbers ? view : maskedCall(view)
}

/** An answer that is written as its reader takes it. */
function streamed(reply: FastifyReply, text: Readable): never {
  return reply.type('application/json; charset=utf-8').send(text) as never
}

/** A handoff's name and headers become single lines of a SIP message; the other texts may have line breaks. */
function transferMistakes({ handoff, headers = {}, ...texts }: TransferBody): FieldMistake[] {
  const inHandoff = headerValueProblem(handoff)
  const inHeaders = Object.entries(headers).flatMap(([name, value]) => {
    const mistake = headerNameProblem(name) ?? headerValueProblem(value)

    return mistake ? [{ pointer: pointerTo('headers', name), ...mistake }] : []
  })

  return [...(inHandoff ? [{ pointer: pointerTo('handoff'), ...inHandoff }] : []), ...inHeaders, ...textMistakes(texts)]
}

function prefersText(accept = ''): boolean {
  const text = accept.indexOf('text/plain')
  const json = accept.indexOf('application/json')

  return text !== -1 && (json === -1 || text < json)
}
