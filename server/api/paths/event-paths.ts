import { Type } from 'typebox'
import { EventStream, type StreamLimits } from '../event-stream.ts'
import type { ApiParts } from '../parts.ts'
import { ApiRefusal } from '../problems.ts'
import { answers, type Api } from '../path-parts.ts'

const maxStreams = 100
const limits: StreamLimits = {
  keepAliveMs: 15_000,
  admissionMs: 1_000,
  gatherMs: 20,
  stalledMs: 2_000,
  lagBytes: 256 * 1024,
  maxLagBytes: 8 * 1024 * 1024,
}

const Filter = Type.Object(
  {
    type: Type.Optional(
      Type.String({ description: 'Only these, with commas between', examples: ['call.ended,transfer.ended'] }),
    ),
    project: Type.Optional(Type.String({ examples: ['demo'] })),
    callId: Type.Optional(Type.String({ examples: ['3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11'] })),
    lastEventId: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The same as the header Last-Event-ID', examples: [41] }),
    ),
  },
  { additionalProperties: false },
)

const LastSeen = Type.Object({ 'last-event-id': Type.Optional(Type.Integer({ minimum: 0, examples: [41] })) })

/** Server-sent events. */
export function eventPaths(api: Api, { events, access }: ApiParts): void {
  const streams = new Set<EventStream>()
  access?.onChange(() => {
    for (const stream of streams) stream.endIfNotAdmitted()
  })
  api.addHook('preClose', () => {
    for (const stream of streams) stream.end()
  })

  api.get(
    '/v1/events',
    {
      config: { access: 'viewer', scope: 'handler' },
      exposeHeadRoute: false,
      schema: {
        tags: ['events'],
        summary: 'Calls, transfers and promotions as server-sent events',
        description:
          'Each has id:, event: (its type) and data: (JSON). A reader that comes back with Last-Event-ID gets what it missed, as far as it is kept. ' +
          'One that does not read is cut off; one whose session or token ends, or whose role changes, is ended at once.',
        querystring: Filter,
        headers: LastSeen,
        response: answers({ 200: Type.Unknown({ description: 'text/event-stream' }) }, 400, 401, 503),
      },
    },
    (request, reply) => {
      if (streams.size >= maxStreams) {
        throw new ApiRefusal(
          'too_many_streams',
          `${maxStreams} event streams are open, which is as many as there may be.`,
        )
      }
      const { type, project, callId, lastEventId } = request.query
      const types = new Set(
        type
          ?.split(',')
          .map((one) => one.trim())
          .filter(Boolean),
      )
      const stream = new EventStream(
        reply.hijack().raw,
        events,
        { types, project, callId, reader: request.principal, isStillAdmitted: request.isStillAdmitted },
        limits,
      )

      streams.add(stream)
      stream.follow(request.headers['last-event-id'] ?? lastEventId, () => streams.delete(stream))
    },
  )
}
