import { Type } from 'typebox'
import { stringify } from 'csv-stringify/sync'
import type { Principal } from '../../access/index.ts'
import { cursorAt, readCursor, type CallFilter, type CallPlace } from '../../history/index.ts'
import { CallView } from '../../legs/views.ts'
import { CallSearch, type FoundCall, callQuery, filterOf } from '../call-search.ts'
import type { ApiLog, ApiParts } from '../parts.ts'
import { answers, prefers, type Api } from '../path-parts.ts'
import { ApiRefusal } from '../problems.ts'
import { jsonList, streamed, textList } from '../streamed-answers.ts'

const defaultLimit = 100
/** Rows of a CSV without a limit of its own. */
const maxRows = 100_000
/** Calls that a CSV searches for at a time. */
const rowsPerPage = 1000

const cursor = Type.Optional(
  Type.String({
    maxLength: 120,
    description: 'nextCursor of the page before; the other filters stay the same',
    examples: ['1772355600000.3f0c2a52'],
  }),
)
const Filter = Type.Object(
  {
    ...callQuery,
    cursor,
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: `${defaultLimit} when left out`, examples: [50] }),
    ),
  },
  { additionalProperties: false },
)
const RowFilter = Type.Object(
  {
    ...callQuery,
    cursor,
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: maxRows, description: `${maxRows} when left out`, examples: [1000] }),
    ),
  },
  { additionalProperties: false },
)
const Page = Type.Object({
  calls: Type.Array(CallView),
  nextCursor: Type.Optional(Type.String({ description: 'Asks for the calls after these; left out on the last page' })),
})
const tags = ['calls']

/** Lists of calls: those in memory and those of the history, newest first. */
export function callListPaths(api: Api, parts: ApiParts): void {
  const search = new CallSearch(parts)

  api.get(
    '/v1/calls',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'Live and ended calls, newest first; as CSV with Accept: text/csv',
        description:
          'Calls of before a restart are found, too, as far as HISTORY_DAYS and HISTORY_SIZE keep them. Pages by cursor stay the same while calls come and go.',
        querystring: Filter,
        response: answers({ 200: Page }, 400, 401),
      },
    },
    async (request, reply) => {
      const { cursor: text, limit = defaultLimit, ...query } = request.query
      const { principal, headers } = request
      const [filter, after] = [filterOf(query, principal), placeOf(text)]
      const list = new CallList(search, principal, parts.log)
      if (prefers('text/csv', headers.accept)) {
        return streamed(reply, textList(list.rows(filter, after, limit)), csvType)
      }
      const { calls, next } = await search.page(filter, after, limit)
      const others = next ? { nextCursor: cursorAt(next) } : {}

      return streamed(
        reply,
        jsonList('calls', () => list.views(calls), others),
      )
    },
  )

  api.get(
    '/v1/calls.csv',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags,
        summary: 'Live and ended calls as CSV, newest first',
        querystring: RowFilter,
        response: answers({ 200: Type.Unknown({ description: 'text/csv (RFC 4180), with a header line' }) }, 400, 401),
      },
    },
    (request, reply) => {
      const { cursor: text, limit = maxRows, ...query } = request.query
      const { principal } = request
      const list = new CallList(search, principal, parts.log)
      const csv = list.rows(filterOf(query, principal), placeOf(text), limit)
      void reply.header('content-disposition', 'attachment; filename="calls.csv"')

      return streamed(reply, textList(csv), csvType)
    },
  )
}

const csvType = 'text/csv; charset=utf-8; header=present'

/** The calls of a list as its reader may see them. */
class CallList {
  readonly #search: CallSearch
  readonly #principal: Principal
  readonly #log: ApiLog

  constructor(search: CallSearch, principal: Principal, log: ApiLog) {
    this.#search = search
    this.#principal = principal
    this.#log = log
  }

  /** A call whose view cannot be made or read is logged and left out. */
  async *views(calls: readonly FoundCall[]): AsyncGenerator<CallView> {
    for (const call of calls) {
      let view: CallView
      try {
        view = await call.view(this.#principal)
      } catch (error) {
        this.#log.error('a call is left out of the list, since it cannot be shown', { error })
        continue
      }
      yield view
    }
  }

  /** The lines of a CSV; the calls are searched for as its reader takes them. */
  async *rows(filter: CallFilter, after: CallPlace | undefined, limit: number): AsyncGenerator<string> {
    yield csvHead
    let place = after
    for (let left = limit; left > 0; left -= rowsPerPage) {
      const { calls, next } = await this.#search.page(filter, place, Math.min(left, rowsPerPage))
      for await (const view of this.views(calls)) yield csvRow(view)
      if (!next) return
      place = next
    }
  }
}

function placeOf(text: string | undefined): CallPlace | undefined {
  const place = text === undefined ? undefined : readCursor(text)
  if (text !== undefined && !place) {
    throw new ApiRefusal(
      'malformed_request',
      'In the querystring: /cursor: is not the nextCursor of a page; leave it out to begin at the newest call.',
    )
  }

  return place
}

const plainNumber = /^\+?\d+$/
const formula = /^[=+\-@\t\r]/

/** The columns of calls as CSV, and where their values come from. */
const columns: Readonly<Record<string, (call: CallView) => string | number | undefined>> = {
  id: ({ id }) => id,
  started_at: ({ startedAt }) => startedAt,
  answered_at: ({ answeredAt }) => answeredAt,
  ended_at: ({ endedAt }) => endedAt,
  duration_seconds: ({ durationSeconds }) => durationSeconds,
  project: ({ project }) => project,
  environment: ({ environment }) => environment,
  version: ({ version }) => version,
  trunk: ({ trunk }) => trunk,
  caller: ({ caller }) => caller.number,
  caller_uri: ({ caller }) => caller.uri,
  called: ({ called }) => called,
  agent: ({ agent }) => agent.uri,
  destination: ({ destination }) => destination?.uri,
  state: ({ state }) => state,
  result: ({ result }) => result,
  reason: ({ reason }) => reason,
  sip_status: ({ sipStatus }) => sipStatus,
  ended_by: ({ endedBy }) => endedBy,
  transfers: ({ transfers }) => transfers.length,
  transfer_handoffs: ({ transfers }) => transfers.map(({ handoff }) => handoff).join('; '),
  transfer_results: ({ transfers }) => transfers.map(({ result, state }) => result ?? state).join('; '),
  transfer_reasons: ({ transfers }) => transfers.map(({ reason }) => reason ?? '').join('; '),
}

/** The first line (RFC 4180 2). */
export const csvHead = line(Object.keys(columns))

export function csvRow(call: CallView): string {
  return line(Object.values(columns).map((read) => read(call)))
}

function line(values: readonly (string | number | undefined)[]): string {
  return stringify([values], { record_delimiter: 'windows', cast: { string: withoutFormula } })
}

/** A spreadsheet runs a text that begins like a formula: an apostrophe makes it a text again. A number such as +14155550100 is none. */
function withoutFormula(text: string): string {
  return formula.test(text) && !plainNumber.test(text) ? `'${text}` : text
}
