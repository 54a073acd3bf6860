import { setImmediate as nextTurn } from 'node:timers/promises'
import { Type, type Static } from 'typebox'
import { defined } from '../../base/defined.ts'
import {
  comparePlaces,
  matchesFilter,
  mayMatch,
  needsSummary,
  summaryOf,
  type CallFilter,
  type CallPlace,
  type CallSummary,
  type HistoryCall,
  noValue,
} from '../history/index.ts'
import { maskedCall, maskedLadder, type Principal } from '../access/index.ts'
import { CallView, type LadderView, AttemptView } from '../legs/views.ts'
import type { CallHandle } from './call-book.ts'
import type { ApiLog, ApiParts } from './parts.ts'
import { turn } from './streamed-answers.ts'
import { ApiRefusal } from './problems.ts'

const Time = (description: string) =>
  Type.Optional(Type.String({ description, examples: ['2026-03-01T09:00:00Z'], maxLength: 40 }))

/** The filters of calls, in the query of an address. */
export const callQuery = {
  state: Type.Optional(
    Type.Enum([...CallView.properties.state.enum, 'live'], {
      description: 'live: every state but ended',
      examples: ['live'],
    }),
  ),
  project: Type.Optional(Type.String({ examples: ['demo'] })),
  environment: Type.Optional(Type.String({ examples: ['live'] })),
  number: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'A part of the caller’s number or URI, or of the called number; blanks and dashes count for nothing',
      examples: ['+1 415 555-0123'],
    }),
  ),
  result: Type.Optional(Type.String({ description: 'Of the call, or of one of its transfers', examples: ['failed'] })),
  reason: Type.Optional(
    Type.String({
      description: 'Of the call, or of the transfer that has the result; `none`: it has no reason',
      examples: ['busy'],
    }),
  ),
  handoff: Type.Optional(
    Type.String({ description: 'One of its transfers was to this handoff, or tried it', examples: ['front-desk'] }),
  ),
  method: Type.Optional(
    Type.Enum([...AttemptView.properties.method.enum, noValue], {
      description: 'Of such a transfer; `none`: nothing was tried',
      examples: ['refer'],
    }),
  ),
  agent: Type.Optional(
    Type.String({ description: 'The agent’s URI; `none`: no agent was found', examples: ['sip:agent@192.0.2.20'] }),
  ),
  trunk: Type.Optional(Type.String({ description: 'The trunk’s name; `none`: no trunk', examples: ['carrier'] })),
  version: Type.Optional(Type.Integer({ minimum: 0, description: 'The version of the routing table', examples: [7] })),
  rehearsals: Type.Optional(
    Type.Boolean({ description: 'false: calls of rehearsals are left out', examples: [false] }),
  ),
  from: Time('Began then or later'),
  to: Time('Began before'),
}
type CallQuery = Static<Type.TObject<typeof callQuery>>

/**
 * The calls that a query asks for, of those that the principal may see.
 * @throws ApiRefusal (400) when a time cannot be read
 */
export function filterOf(query: CallQuery, principal: Principal): CallFilter {
  const {
    from,
    to,
    state,
    project,
    environment,
    number,
    result,
    reason,
    handoff,
    method,
    agent,
    trunk,
    version,
    rehearsals,
  } = query

  return defined({
    isShown: (one: string) => principal.sees(one),
    showsCallersOf: (one: string) => principal.seesNumbersOf(one),
    ...{ state, project, environment, number, result, reason, handoff, method, agent, trunk, version, rehearsals },
    from: readTime('from', from),
    to: readTime('to', to),
  })
}

/** Milliseconds since 1970. @throws ApiRefusal (400) when the text is no time */
export function readTime(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  // A plus that was not percent-encoded in an address has become a blank.
  const time = Date.parse(text.replace(/ (\d\d:\d\d)$/, '+$1'))
  if (Number.isNaN(time)) {
    throw new ApiRefusal(
      'malformed_request',
      `In the querystring: /${field}: "${text}" is no time; write it as 2026-03-01T09:00:00Z.`,
    )
  }

  return time
}

/** A call for the API, be it live, recent or kept on disk. */
export interface FoundCall extends CallPlace {
  readonly project: string
  readonly environment: string
  /** The call as the principal may see it. */
  view(principal: Principal): Promise<CallView>
  ladder(principal: Principal): Promise<LadderView>
  /** Present while the call is in memory. */
  readonly handle?: CallHandle
}

/** Views of calls in memory that are made in one turn of the event loop. */
const viewsInOneTurn = 50

/** Searches the calls in memory and those of the history as if they were in one place. */
export class CallSearch {
  readonly #parts: Pick<ApiParts, 'calls' | 'history' | 'log'>

  constructor(parts: Pick<ApiParts, 'calls' | 'history' | 'log'>) {
    this.#parts = parts
  }

  /** The calls after a place; `next` is where the following page begins, undefined on the last. */
  async page(
    filter: CallFilter,
    after: CallPlace | undefined,
    limit: number,
  ): Promise<{ calls: FoundCall[]; next?: CallPlace }> {
    // Many may ask at once: SIP is served between their searches.
    await turn()
    const inMemory = this.#parts.calls.all()
    const found: FoundCall[] = (await this.#matching(inMemory, filter, after)).slice(0, limit + 1).map(this.#ofHandle)
    if (filter.state === undefined || filter.state === 'ended') {
      const kept = await this.#parts.history?.search({
        ...{ filter, after, limit: limit + 1, before: found[limit] },
        except: new Set(inMemory.map(({ id }) => id)),
      })
      found.push(...(kept ?? []).map(this.#ofKept))
      found.sort(comparePlaces)
    }
    const calls = found.slice(0, limit)
    const last = calls.at(-1)

    return { calls, ...(found.length > limit && last && { next: { startedAt: last.startedAt, id: last.id } }) }
  }

  async find(id: string): Promise<FoundCall | undefined> {
    const handle = this.#parts.calls.get(id)
    if (handle) return this.#ofHandle(handle)
    const kept = await this.#parts.history?.find(id)

    return kept && this.#ofKept(kept)
  }

  readonly #ofHandle = (handle: CallHandle): FoundCall => {
    const { id, startedAt, project, environment } = handle

    return { id, startedAt, project, environment, handle, ...this.#shownBy(handle, project) }
  }

  readonly #ofKept = (kept: HistoryCall): FoundCall => {
    const { id, startedAt, project, environment } = kept.summary

    return { id, startedAt, project, environment, ...this.#shownBy(kept, project) }
  }

  /** Masks the caller's number for those who may not see it. */
  #shownBy(call: CallHandle | HistoryCall, project: string): Pick<FoundCall, 'view' | 'ladder'> {
    return {
      view: async (principal) => {
        const view = await call.view()

        return principal.seesNumbersOf(project) ? view : maskedCall(view, await this.#consultedBy(view))
      },
      ladder: async (principal) => {
        const ladder = await call.ladder()
        if (principal.seesNumbersOf(project)) return ladder
        const view = await call.view()

        return maskedLadder(ladder, view, await this.#consultedBy(view))
      },
    }
  }

  /** The call that a consultation is about, as it is. */
  async #consultedBy({ consults }: CallView): Promise<CallView | undefined> {
    if (consults === undefined) return undefined

    return (this.#parts.calls.get(consults) ?? (await this.#parts.history?.find(consults)))?.view()
  }

  async #matching(calls: readonly CallHandle[], filter: CallFilter, after?: CallPlace): Promise<CallHandle[]> {
    const possible = calls
      .filter((call) => mayMatch(call, filter) && (after === undefined || comparePlaces(call, after) > 0))
      .sort(comparePlaces)
    if (!needsSummary(filter)) return possible

    const matching: CallHandle[] = []
    for await (const { call, summary } of summariesOf(possible, this.#parts.log, 'a search')) {
      if (matchesFilter(summary, filter)) matching.push(call)
    }

    return matching
  }
}

/** The facts of calls in memory, some in each turn of the event loop. A call that cannot be shown is logged and left out. */
export async function* summariesOf(
  calls: Iterable<CallHandle>,
  log: ApiLog,
  leftOutOf: 'a search' | 'the analytics',
): AsyncGenerator<{ call: CallHandle; summary: CallSummary }> {
  let count = 0
  for (const call of calls) {
    if (++count % viewsInOneTurn === 0) await nextTurn()
    let summary: CallSummary
    try {
      summary = summaryOf(call.view())
    } catch (error) {
      log.error(`a call is left out of ${leftOutOf}, since it cannot be shown`, { error })
      continue
    }
    yield { call, summary }
  }
}
