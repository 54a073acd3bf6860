import assert from 'node:assert/strict'

import type { AttemptView, CallView, LadderView, TransferView } from '../../server/legs/views.ts'
import { masked } from '../../engine/index.ts'
import { until } from './until.ts'
import type { Trace, TracedMessage } from './sip-trace.ts'
import type { Played } from './story.ts'
import { expectCounts, expectTexts, unheard } from './told.ts'

type Text = string | RegExp

/** One message as a party should have seen it: its line, or that and headers (`body` is the body). */
export type ExpectedMessage = string | [line: string, headers: Record<string, Text | undefined>]

/** All that a story shows. What is left out is as in most stories: see `usual`. */
export interface Expected {
  /** By party: what it sent (`>`) and received (`<`), in order and nothing else. */
  messages: Record<string, ExpectedMessage[]>
  call?: Partial<CallView>
  /** Each transfer, and each of its attempts with its evidence as `who: what`. */
  transfers?: ExpectedTransfer[]
  /** Types of the call's events, in order, progress left out. */
  events?: string[]
  /** What a drachtio server sends and receives by itself in this story, such as the BYE after a late 200. */
  serverSays?: string[]
  /** Every counter of calls, transfers, attempts and look-ups that went up. */
  metrics?: Record<string, number>
}

type ExpectedTransfer = Partial<Omit<TransferView, 'attempts'>> & { attempts: ExpectedAttempt[] }
type ExpectedAttempt = Partial<Omit<AttemptView, 'evidence'>> & { evidence: Text[] }

/** Asserts all of it; one mistake names the party, the message and the header. */
export async function expectStory(played: Played, expected: Expected): Promise<void> {
  const { call, ...rest } = usual(expected)
  const { messages, transfers, events, metrics } = { ...rest, ...expected }
  for (const [party, sequence] of Object.entries(messages)) expectMessages(played, party, sequence)
  expectPart(played.call, call, 'call')
  expectTransfers(played.call.transfers, transfers)
  const types = played.events.map(({ type }) => type).filter((type) => type !== 'transfer.progress')
  assert.deepEqual(types, events, 'events')
  assert.deepEqual(countersOf(played.metrics), metrics, 'metrics')
  await expectTold(played, expected.serverSays)
}

/**
 * The usual call is answered and ends by BYE. Its transfers succeed with the last attempt, which is answered with 200. The
 * metrics count the call, its transfers and their attempts, once each.
 */
function usual({ call = {}, transfers = [] }: Expected) {
  const ended = { result: 'answered', reason: 'hangup', ...call }
  const metrics = new Map<string, number>()
  const count = (key: string) => metrics.set(key, (metrics.get(key) ?? 0) + 1)
  count(`calls{reason=${ended.reason},result=${ended.result}}`)
  for (const { handoff, result = 'succeeded', reason, attempts } of transfers) {
    const last = attempts.at(-1)
    count('route_lookups{result=hit}')
    // A handoff that is passed over is not attempted.
    for (const attempt of attempts.filter((each) => !passedOver.includes(each.reason ?? ''))) {
      count(attemptMetric(attempt, result === 'succeeded' && attempt === last))
    }
    const why = reason ?? (result === 'succeeded' ? 'answered' : last?.reason)
    count(`transfers{handoff=${handoff},method=${last?.method},reason=${why},result=${result}}`)
  }
  const answered = ended.result === 'answered' ? ['call.answered'] : []
  const transferred = transfers.flatMap(() => ['transfer.requested', 'transfer.ended'])
  const events = ['call.started', ...answered, ...transferred, 'call.ended']

  return { call: ended, transfers, metrics: Object.fromEntries(metrics), events }
}

const passedOver = ['closed_by_switch', 'route_incomplete', 'route_denied']

function attemptMetric({ handoff, method, code, result }: ExpectedAttempt, succeeds: boolean): string {
  const labels = [code ?? (succeeds ? 200 : 'none'), handoff, method, result ?? (succeeds ? 'succeeded' : 'failed')]

  return `transfer_attempts{${['code', 'handoff', 'method', 'result'].map((name, at) => `${name}=${labels[at]}`).join()}}`
}

/** What Baton tells of its messages may lag behind them. */
function expectTold(played: Played, serverSays?: string[]): Promise<void> {
  return until('ladder and metrics tell of every message', async () => {
    const { ladder, metrics } = await played.told()
    const traces = { ...played.traces, gone: unheard(played.traces, ladder) }
    expectEveryMessageCounted(traces, ladder, metrics, played.tellsAll, serverSays)
    expectLadder(traces, ladder, played.tellsAll, serverSays)
  })
}

function expectMessages({ traces }: Played, party: string, expected: ExpectedMessage[]): void {
  const trace = traces[party]
  assert.ok(trace, `there is no party ${party}`)
  const lines = expected.map((each) => (typeof each === 'string' ? each : each[0]))
  assert.deepEqual(trace.lines, lines, `what ${party} sent and received`)
  expected.forEach((each, index) => {
    const message = trace.messages[index]
    if (typeof each === 'string' || !message) return
    for (const [name, value] of Object.entries(each[1])) expectHeader(message, name, value, `${party}: ${each[0]}`)
  })
}

function expectHeader(message: TracedMessage, name: string, expected: Text | undefined, where: string): void {
  const parts: Record<string, string> = { body: message.body, uri: message.startLine }
  const actual = parts[name] ?? message.headers(name).join(', ')
  if (expected instanceof RegExp) {
    assert.ok(expected.test(actual), `${where}: ${name}: ${actual}, not ${String(expected)}`)
  } else assert.equal(actual, expected ?? '', `${where}: ${name}`)
}

function expectTransfers(actual: TransferView[], expected: NonNullable<Expected['transfers']>): void {
  assert.equal(actual.length, expected.length, 'number of transfers')
  expected.forEach(({ attempts, ...fields }, index) => {
    const transfer = actual[index]
    expectPart(transfer, { state: 'ended', ...fields }, `transfer ${index + 1}`)
    const methods = transfer?.attempts.map(({ handoff, method }) => `${handoff} ${method}`)
    assert.deepEqual(
      methods,
      attempts.map(({ handoff, method }) => `${handoff} ${method}`),
      'attempts',
    )
    attempts.forEach(({ evidence, ...rest }, at) => {
      const attempt = transfer?.attempts[at]
      const where = `transfer ${index + 1}, attempt ${at + 1}`
      expectPart(attempt, rest, where)
      expectEvidence(attempt?.evidence.map(({ from, what }) => `${from}: ${what}`) ?? [], evidence, where)
    })
  })
}

function expectEvidence(actual: string[], expected: Text[], where: string): void {
  const matches =
    actual.length === expected.length &&
    expected.every((each, index) => (each instanceof RegExp ? each.test(actual[index] ?? '') : each === actual[index]))
  if (!matches) assert.deepEqual(actual, expected.map(String), `${where}: evidence`)
}

/** Asserts that the named fields are as they should be, and nothing of the others. */
export function expectPart(actual: object | undefined, expected: object, where = ''): void {
  const part = Object.fromEntries(Object.keys(expected).map((key) => [key, actual?.[key as keyof typeof actual]]))
  assert.deepEqual(part, expected, where || undefined)
}

const counted = [
  'baton_calls_total',
  'baton_transfers_total',
  'baton_transfer_attempts_total',
  'baton_route_lookups_total',
]

function countersOf(metrics: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries(
    [...metrics]
      .filter(([key]) => counted.some((name) => key.startsWith(name)))
      .map(([key, value]) => [key.replace('baton_', '').replace('_total', '').replaceAll('"', ''), value] as const)
      .sort(([a], [b]) => a.localeCompare(b)),
  )
}

/** Baton's counters of SIP messages are what the parties sent it and received from it, retransmissions included. */
function expectEveryMessageCounted(
  traces: Record<string, Trace>,
  ladder: LadderView,
  metrics: ReadonlyMap<string, number>,
  tellsAll: boolean,
  serverSays?: string[],
): void {
  const seen: Record<string, number> = {}
  for (const { direction, name } of Object.values(traces).flatMap(({ all }) => all)) {
    const key = `${direction === 'sent' ? 'in' : 'out'} ${name}`
    seen[key] = (seen[key] ?? 0) + 1
  }
  const reported: Record<string, number> = {}
  for (const [key, value] of metrics) {
    const label = (name: string): string => new RegExp(`[{,]${name}="([^"]*)"`).exec(key)?.[1] ?? ''
    const direction = label('direction')
    if (key.startsWith('baton_sip_requests_total')) reported[`${direction} ${label('method')}`] = value
    if (key.startsWith('baton_sip_responses_total')) {
      reported[`${direction} ${label('code')} ${label('method')}`] = value
    }
  }
  // An INVITE to a party that is not there is repeated until timer B ends it (RFC 3261 17.1.1.2).
  const isUncounted = ladder.messages.some(isToMissing)
  if (isUncounted) for (const counts of [reported, seen]) delete counts['out INVITE']
  if (tellsAll) {
    assert.deepEqual(sorted(reported), sorted(seen), 'baton_sip_requests_total and baton_sip_responses_total')
  } else expectCounts(reported, traces, ladder, isUncounted ? ['out INVITE'] : [], serverSays)
}

const sorted = (counts: Record<string, number>) => Object.fromEntries(Object.entries(counts).sort())

/** The ladder holds every message, as the parties had it. */
function expectLadder(
  traces: Record<string, Trace>,
  ladder: LadderView,
  tellsAll: boolean,
  serverSays?: string[],
): void {
  const shown = ladder.messages.filter((message) => !isToMissing(message))
  if (!tellsAll) {
    expectTexts({ messages: shown }, traces, serverSays)
    return
  }
  const texts = (list: { text: string }[]) =>
    list.map(({ text }) => masked(text).trim().split('\r\n').join('\n')).sort()
  const seen = Object.values(traces).flatMap(({ all }) => all.map(({ text }) => ({ text })))
  assert.deepEqual(texts(shown), texts(seen), 'the ladder')
}

/** Parties that are not there are at the discard port. */
const isToMissing = ({ remote }: { remote: string }) => remote.endsWith(':9')
