import { Type } from 'typebox'
import { TransferAnalytics, transferDimensions, type TransferDimension } from '../../history/index.ts'
import { summariesOf, readTime } from '../call-search.ts'
import type { ApiParts } from '../parts.ts'
import { answers, type Api } from '../path-parts.ts'
import { ApiRefusal } from '../problems.ts'

const dayMs = 86_400_000
/** Steps of the default series, and at most. */
const [defaultSteps, maxSteps] = [48, 1000]

const Counts = {
  succeeded: Type.Integer(),
  failed: Type.Integer(),
  abandoned: Type.Integer(),
  unknown: Type.Integer(),
}
const Seconds = Type.Union([Type.Number(), Type.Null()])
const Tally = {
  count: Type.Integer(),
  results: Type.Object(Counts),
  timeToPerson: Type.Object(
    {
      ...{ count: Type.Integer(), p50: Seconds, p90: Seconds, p99: Seconds },
      buckets: Type.Array(Type.Object({ below: Seconds, count: Type.Integer() })),
    },
    { description: 'Seconds from the request to the answer, of transfers that succeeded' },
  ),
  series: Type.Array(Type.Object({ at: Type.String({ format: 'date-time' }), ...Counts })),
}
const Query = Type.Object(
  {
    from: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'A day before `to` when left out',
        examples: ['2026-03-01T00:00:00Z'],
      }),
    ),
    to: Type.Optional(
      Type.String({ maxLength: 40, description: 'Now when left out', examples: ['2026-03-02T00:00:00Z'] }),
    ),
    by: Type.Optional(
      Type.String({
        description: `With commas between: ${transferDimensions.join(',')}`,
        examples: ['handoff,method'],
      }),
    ),
    step: Type.Optional(
      Type.Number({ minimum: 1, description: 'Seconds of one point of the series', examples: [3600] }),
    ),
    project: Type.Optional(Type.String({ examples: ['demo'] })),
    environment: Type.Optional(Type.String({ examples: ['live'] })),
    rehearsals: Type.Optional(
      Type.Boolean({ description: 'Whether those of rehearsals count as well', examples: [true] }),
    ),
  },
  { additionalProperties: false },
)

/** What became of transfers, over the calls in memory and those of the history. */
export function analyticsPaths(api: Api, { calls, history, log }: ApiParts): void {
  api.get(
    '/v1/analytics/transfers',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags: ['calls'],
        summary:
          'Ended transfers by result, over time and by label, and the times to a person; rehearsals are left out',
        querystring: Query,
        response: answers(
          {
            200: Type.Object({
              ...{ from: Type.String(), to: Type.String(), step: Type.Number(), ...Tally },
              groups: Type.Array(
                Type.Object({
                  labels: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
                  ...Tally,
                }),
              ),
            }),
          },
          400,
          401,
        ),
      },
    },
    async ({ query, principal }) => {
      const { project, environment, by = 'handoff', rehearsals = false } = query
      const { from, to, step } = rangeOf(query)
      const analytics = new TransferAnalytics({ from, to, stepMs: step * 1000, by: dimensionsOf(by) })
      const inMemory = calls.all()
      const isCounted = (call: { rehearsal?: true }) => rehearsals || !call.rehearsal
      const isWanted = (call: { project: string; environment: string }) =>
        (project === undefined || project === call.project) &&
        (environment === undefined || environment === call.environment) &&
        principal.sees(call.project)
      for await (const { summary } of summariesOf(inMemory.filter(isWanted), log, 'the analytics')) {
        if (isCounted(summary)) analytics.add(summary)
      }
      // A call with a transfer in the wanted time may have begun at any time before.
      const wanted = { from: from - dayMs, to, except: new Set(inMemory.map(({ id }) => id)) }
      for await (const summaries of history?.summaries(wanted) ?? []) {
        for (const call of summaries) if (isWanted(call) && isCounted(call)) analytics.add(call)
      }

      return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), step, ...analytics.view() }
    },
  )
}

/** Times in milliseconds since 1970, the step in seconds. @throws ApiRefusal (400) for a range that cannot be answered */
function rangeOf(query: { from?: string; to?: string; step?: number }) {
  const to = readTime('to', query.to) ?? Date.now()
  const from = readTime('from', query.from) ?? to - dayMs
  const step = query.step ?? Math.max(1, Math.ceil((to - from) / defaultSteps / 1000))
  if (from >= to || (to - from) / (step * 1000) > maxSteps) {
    throw new ApiRefusal(
      'malformed_request',
      `In the querystring: from must be before to, with at most ${maxSteps} steps between.`,
    )
  }

  return { from, to, step }
}

function dimensionsOf(by: string): TransferDimension[] {
  return by.split(',').map((name) => {
    const known = transferDimensions.find((dimension) => dimension === name.trim())
    if (known) return known
    throw new ApiRefusal(
      'malformed_request',
      `In the querystring: /by: "${name}" is none of ${transferDimensions.join(', ')}.`,
    )
  })
}
