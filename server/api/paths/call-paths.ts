import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { defined } from '../../../base/defined.ts'
import { headerNameProblem, headerValueProblem, requestMediaMistakes, textMistakes } from '../../../routes/index.ts'
import type { Principal } from '../../access/index.ts'
import { AgentState, CallView, LadderView, RecordingView } from '../../legs/views.ts'
import { maxContextBytes } from '../../context/context-store.ts'
import { ladderPcap, pcapType } from '../../calls/ladder-pcap.ts'
import { ladderText } from '../../calls/ladder-text.ts'
import { mediaView, MediaView } from '../../calls/media-view.ts'
import { TransferRefused } from '../../transfer/transfer-plan.ts'
import { refuseOtherProjects } from '../auth.ts'
import { byteList, jsonList, streamed } from '../streamed-answers.ts'
import { IdempotentAnswers, refuseMistakes } from '../bodies.ts'
import { TransferBody, type CallHandle } from '../call-book.ts'
import { CallSearch, type FoundCall } from '../call-search.ts'
import type { ApiLog, ApiParts } from '../parts.ts'
import { ApiRefusal, pointerTo, type FieldMistake } from '../problems.ts'
import { answers, CallId, prefers, type Api } from '../path-parts.ts'

const Accepted = Type.Object({
  transferId: Type.String(),
  joined: Type.Boolean({ description: 'The same handoff was already under way' }),
  contextId: Type.Optional(Type.String({ description: 'What was given along is at /v1/context/{contextId}' })),
})
const Key = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255, examples: ['5b0e4f9e-transfer-1'] })),
})
const StateBody = Type.Object(
  {
    state: Type.String({ minLength: 1, maxLength: 100 }),
    detail: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  {
    additionalProperties: false,
    examples: [{ state: 'verified', detail: 'The caller has given the booking’s number' }],
  },
)
const RecordingBody = Type.Object(
  {
    action: Type.Enum(['start', 'pause', 'resume', 'stop'], { description: 'start, pause, resume or stop' }),
  },
  { additionalProperties: false, examples: [{ action: 'pause' }] },
)
const OneCall = Type.Object({ call: CallId })
const tags = ['calls']

type CallRequest = FastifyRequest & { params: { call: string } }

/** One call, and the commands on it. */
export function callPaths(api: Api, parts: ApiParts): void {
  const transfers = new IdempotentAnswers<Static<typeof Accepted>>()
  const search = new CallSearch(parts)

  const find = async (request: CallRequest): Promise<FoundCall> => {
    const id = request.params.call
    const call = await search.find(id)
    if (!call) throw unknownCall(id)
    const { project, environment, handle } = call
    Object.assign(request.audit, { project, environment })
    refuseOtherProjects(request, project)
    if (request.method !== 'GET') request.audit.before = stateOf(handle)

    return call
  }

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
    async (request) => shown(await find(request), request.principal, parts.log),
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
    async (request, reply) => {
      const ladder = await ladderOf(await find(request), request.principal, parts.log)
      if (!prefers('text/plain', request.headers.accept)) {
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

  api.get(
    '/v1/calls/:call/media',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary:
          'Where media went: the session descriptions of each leg, and who was to exchange media with whom, when',
        description:
          'Read from the ladder when it is asked for. What was agreed over SIP: whether packets arrived is not known. ' +
          'After a REFER, the caller’s new call does not pass Baton.',
        params: OneCall,
        response: answers({ 200: MediaView }, 401, 404),
      },
    },
    async (request) => {
      const call = await find(request)
      const { media } = await readable(call, parts.log, () => call.view(request.principal))

      return mediaView(await ladderOf(call, request.principal, parts.log), media?.anchored === 'rtpengine')
    },
  )

  api.get(
    '/v1/calls/:call/pcap',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'The ladder of the call as a capture file, for Wireshark and sngrep',
        description:
          'UDP datagrams and TCP segments in Ethernet frames. Messages of TLS and WebSocket connections are TCP in clear. ' +
          'What is masked in the ladder is masked here.',
        params: OneCall,
        response: answers({ 200: Type.Unknown({ description: `${pcapType}, with times in microseconds` }) }, 401, 404),
      },
    },
    async (request, reply) => {
      const call = await find(request)
      const ladder = await ladderOf(call, request.principal, parts.log)
      const name = `call-${call.id.replace(/[^\w.-]/g, '_')}.pcap`
      void reply.header('content-disposition', `attachment; filename="${name}"`)

      return streamed(reply, byteList(ladderPcap(ladder)), pcapType)
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
    async (request, reply) => {
      const { handle } = await find(request)
      refuseMistakes(transferMistakes(request.body))
      const key = request.headers['idempotency-key']
      const accepted = transfers.once(key && `${request.params.call} ${key}`, request.body, () => {
        if (!handle) throw TransferRefused.notConnected('ended')
        const { id, joined, contextId } = handle.transfer(request.body)

        return { transferId: id, joined, ...defined({ contextId }) }
      })
      request.audit.after = { ...stateOf(handle), ...accepted }

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
    async (request, reply) => {
      const { handle } = await find(request)
      if (!handle) throw TransferRefused.noneRuns()
      const { id } = handle.cancelTransfer()
      request.audit.after = { ...stateOf(handle), transferId: id }

      void reply.status(202)

      return { transferId: id }
    },
  )

  for (const [verb, decision] of [
    ['accept', 'accepted'],
    ['decline', 'declined'],
  ] as const) {
    api.post(
      `/v1/calls/:call/transfer/${verb}`,
      {
        config: { access: 'transfer', scope: 'handler' },
        schema: {
          tags,
          summary:
            decision === 'accepted'
              ? 'Accept the caller in the place of the person who has answered'
              : 'Decline the caller in the place of the person who has answered',
          description: 'While the person hears the announcement, or is to press a digit; 409 before and after that.',
          params: OneCall,
          response: answers({ 202: Type.Object({ transferId: Type.String() }) }, 401, 404, 409),
        },
      },
      async (request, reply) => {
        const { handle } = await find(request)
        if (!handle) throw TransferRefused.noneRuns()
        const { id } = handle.decideTransfer(decision)
        request.audit.after = { ...stateOf(handle), transferId: id, decision }

        void reply.status(202)

        return { transferId: id }
      },
    )
  }

  api.post(
    '/v1/calls/:call/recording',
    {
      config: { access: 'transfer', scope: 'handler' },
      schema: {
        tags,
        summary: 'Start, pause, resume or stop the recording of the call',
        description:
          'What is asked for here holds for the rest of the call, whatever its project and handoffs say. Only where media of the present ' +
          'party goes through an rtpengine: 409 otherwise. A recording that is resumed goes on in a further file. With `recording_notice`, ' +
          'the first recording begins after it: the answer has the state notice then, and the event call.recording tells of each later one.',
        params: OneCall,
        body: RecordingBody,
        response: answers({ 200: RecordingView }, 400, 401, 404, 409, 415, 422, 502),
      },
    },
    async (request) => {
      const { handle } = await find(request)
      if (!handle || handle.state === 'ended') throw TransferRefused.notConnected('ended')
      const recording = await handle.record(request.body.action)
      request.audit.after = { ...stateOf(handle), recording: recording.state }

      return recording
    },
  )

  api.post(
    '/v1/calls/:call/state',
    {
      config: { access: 'transfer', scope: 'handler', checksTexts: true },
      schema: {
        tags,
        summary: 'Note a state of the call in the words of the agent’s platform',
        description:
          'Such as `verified`, or `wants-refund`. The last 20 are in the call, in the event call.state, and in the context of its ' +
          'transfers, for the person who takes the caller over.',
        params: OneCall,
        body: StateBody,
        response: answers({ 200: Type.Object({ states: Type.Array(AgentState) }) }, 400, 401, 404, 409, 415, 422),
      },
    },
    async (request) => {
      const { handle } = await find(request)
      const { state, detail } = request.body
      refuseMistakes(textMistakes(defined({ state, detail })))
      if (!handle || handle.state === 'ended') throw TransferRefused.notConnected('ended')
      handle.setState(state, detail)
      request.audit.after = { ...stateOf(handle), noted: state }

      return { states: handle.view().states ?? [] }
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
    async (request, reply) => {
      const { id, handle } = await find(request)
      handle?.hangup()
      const after = stateOf(handle)
      request.audit.after = after

      void reply.status(202)

      return { id, ...after }
    },
  )
}

/** What a command on a call changes; a call that is no longer in memory has ended. */
function stateOf(handle: CallHandle | undefined): Pick<CallView, 'state'> {
  return { state: handle?.view().state ?? 'ended' }
}

/** A call of the history may be deleted, or prove damaged, at any moment. */
function shown(call: FoundCall, principal: Principal, log: ApiLog): Promise<CallView> {
  return readable(call, log, () => call.view(principal))
}

function ladderOf(call: FoundCall, principal: Principal, log: ApiLog): Promise<LadderView> {
  return readable(call, log, () => call.ladder(principal))
}

async function readable<T>({ id, handle }: FoundCall, log: ApiLog, read: () => Promise<T>): Promise<T> {
  if (handle) return read()
  try {
    return await read()
  } catch (error) {
    log.warn('a call of the history cannot be read', { callId: id, error })
    throw unknownCall(id)
  }
}

function unknownCall(id: string): ApiRefusal {
  return new ApiRefusal('unknown_call', `There is no call ${id}, or it ended too long ago to be kept.`)
}

/** A handoff's name and headers become single lines of a SIP message; the other texts may have line breaks. */
function transferMistakes({
  handoff,
  headers = {},
  context,
  variables,
  reason,
  ...media
}: TransferBody): FieldMistake[] {
  const inHandoff = headerValueProblem(handoff)
  const inHeaders = Object.entries(headers).flatMap(([name, value]) => {
    const mistake = headerNameProblem(name) ?? headerValueProblem(value)

    return mistake ? [{ pointer: pointerTo('headers', name), ...mistake }] : []
  })

  return [
    ...(inHandoff ? [{ pointer: pointerTo('handoff'), ...inHandoff }] : []),
    ...inHeaders,
    ...contextMistakes(context),
    ...requestMediaMistakes(media, (...path) => pointerTo(...path.map(String))),
    ...textMistakes(defined({ variables, reason, announce: media.announce })),
  ]
}

function contextMistakes(context: unknown): FieldMistake[] {
  const bytes = context === undefined ? 0 : Buffer.byteLength(JSON.stringify(context))
  if (bytes <= maxContextBytes) return []
  const problem = `the context has ${bytes} bytes`

  return [
    { pointer: pointerTo('context'), problem, hint: `at most ${maxContextBytes} are kept; give a link to the rest` },
  ]
}
