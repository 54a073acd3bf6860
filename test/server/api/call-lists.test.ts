import assert from 'node:assert/strict'
import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CallHistory } from '../../../server/history/index.ts'
import type { CallView } from '../../../server/legs/views.ts'
import { endedCall, keep, ladderOf, quietLog } from '../history/records.ts'
import { FakeCall, startApi, type TestApi } from './baton.ts'

interface Page {
  calls: CallView[]
  nextCursor?: string
}

/** Up to three filters at once, with values that some calls have and others that none has. */
const anyFilter: fc.Arbitrary<Record<string, string>> = fc
  .record(
    {
      state: fc.constantFrom('live', 'ended', 'connected', 'setup'),
      project: fc.constantFrom('hotel', 'other'),
      environment: fc.constantFrom('live', 'sandbox'),
      number: fc.constantFrom('+1415555000003', '(415) 555-0001', '1000', '0100', '192.0.2.1'),
      result: fc.constantFrom('answered', 'succeeded', 'failed', 'abandoned'),
      handoff: fc.constantFrom('front-desk', 'duty-manager', 'none'),
      method: fc.constantFrom('invite', 'refer', 'none'),
      agent: fc.constantFrom('sip:agent@192.0.2.2', 'none'),
      trunk: fc.constantFrom('carrier', 'none'),
      version: fc.constantFrom('1', '2', '3', '4'),
      from: fc.constantFrom('2026-03-01T00:00:18Z', '2026-03-01T01:00:31+01:00'),
      to: fc.constantFrom('2026-03-01T00:00:22Z', '2026-03-01T00:00:35Z'),
    },
    { requiredKeys: [] },
  )
  .chain((filter) => fc.subarray(Object.entries(filter), { maxLength: 3 }))
  .map((some) => Object.fromEntries(some) as Record<string, string>)

/** What each filter means. A result is the call's, or that of a transfer; each call here has one transfer, with one attempt. */
const fits: Record<string, (call: CallView, value: string) => boolean> = {
  state: ({ state }, value) => state === value || (value === 'live' && state !== 'ended'),
  project: ({ project }, value) => project === value,
  environment: ({ environment }, value) => environment === value,
  number: ({ caller, called }, value) => {
    const plain = value.replace(/[() -]/g, '')

    return [caller.number, called].some((known) => known.includes(plain)) || caller.uri.includes(plain)
  },
  result: ({ result, transfers }, value) => [result, transfers[0]?.result].includes(value as never),
  handoff: ({ transfers }, value) => transfers.some(({ handoff }) => handoff === value),
  method: ({ transfers }, value) => transfers.some(({ attempts }) => attempts.some(({ method }) => method === value)),
  agent: ({ agent }, value) => agent.uri === value,
  trunk: ({ trunk }, value) => trunk === value,
  version: ({ version }, value) => version === Number(value),
  from: ({ startedAt }, value) => Date.parse(startedAt) >= Date.parse(value),
  to: ({ startedAt }, value) => Date.parse(startedAt) < Date.parse(value),
}

describe('lists of calls', () => {
  let folder: string
  let history: CallHistory
  let baton: TestApi

  /** Calls 0 to 29 are kept, 20 to 39 in memory; 30 and later are live. */
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'baton-history-'))
    history = new CallHistory(folder, { days: 30, bytes: 1e9 }, quietLog)
    await keep(
      history,
      Array.from({ length: 30 }, (_, number) => endedCall(number)),
    )
  })
  beforeEach(async () => {
    baton = await startApi({ history })
    for (let number = 20; number < 40; number++) {
      const live = number < 30 ? {} : { state: 'connected' as const }
      baton.calls.set(`call-${number}`, new FakeCall(endedCall(number, live)))
    }
  })
  afterEach(() => baton.close())
  after(async () => {
    await history.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const page = async (query: string): Promise<Page> => (await baton.api.inject(`/v1/calls?${query}`)).json<Page>()
  const numbers = ({ calls }: Page) => calls.map(({ id }) => Number(id.slice(5)))
  const from = (first: number, last: number) => Array.from({ length: first - last + 1 }, (_, at) => first - at)

  it('have each call once, live, recent and kept ones, newest first', async () => {
    assert.deepEqual(numbers(await page('')), from(39, 0))
    assert.deepEqual(numbers(await page('state=live')), from(39, 30))
    assert.deepEqual(numbers(await page('state=ended')), from(29, 0))
    assert.equal((await page('')).nextCursor, undefined)
  })

  it('go on by cursor, and stay the same while calls come, end and leave the memory', async () => {
    const seen: number[] = []
    let cursor = ''
    for (let round = 0; ; round++) {
      const next = await page(`limit=7${cursor}`)
      seen.push(...numbers(next))
      if (next.nextCursor === undefined) break
      cursor = `&cursor=${encodeURIComponent(next.nextCursor)}`
      baton.calls.set(`call-${100 + round}`, new FakeCall(endedCall(100 + round)))
      baton.calls.set(`call-${30 + round}`, new FakeCall(endedCall(30 + round)))
      baton.calls.delete(`call-${20 + round}`)
    }
    assert.deepEqual(seen, from(39, 0))
  })

  it('are searched by number, result, reason, handoff, trunk, version and time, in memory and on disk alike', async () => {
    assert.deepEqual(numbers(await page('number=1415555000003')), [3])
    assert.deepEqual(numbers(await page('result=failed')), [30, 20, 10, 0])
    assert.deepEqual(numbers(await page('reason=busy&limit=2')), [30, 20])
    assert.deepEqual(numbers(await page('handoff=duty-manager&version=2&trunk=carrier')), [37, 31, 25, 19, 13, 7, 1])
    const times = 'from=2026-03-01T00:00:18Z&to=2026-03-01T00:00:22Z'
    assert.deepEqual(numbers(await page(times)), [21, 20, 19, 18])
    assert.deepEqual(numbers(await page('project=other')), [])
    assert.deepEqual(numbers(await page('environment=sandbox')), [])
  })

  it('are those that a plain look at every call’s view finds, whatever is asked for, page by page', async () => {
    const all = (await page('limit=1000')).calls
    await fc.assert(
      fc.asyncProperty(anyFilter, fc.integer({ min: 1, max: 15 }), async (filter, limit) => {
        const wanted = all.filter((call) => Object.entries(filter).every(([name, value]) => fits[name]?.(call, value)))
        const found: string[] = []
        for (let cursor: string | undefined = ''; cursor !== undefined;) {
          const query = new URLSearchParams({ ...filter, limit: String(limit), ...(cursor && { cursor }) })
          const { calls, nextCursor } = await page(query.toString())
          found.push(...calls.map(({ id }) => id))
          cursor = nextCursor
        }

        assert.deepEqual(
          found,
          wanted.map(({ id }) => id),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('refuse times and cursors that cannot be read, with the field', async () => {
    for (const query of ['from=yesterday', 'to=', 'cursor=12', 'version=x', 'method=fax']) {
      const { statusCode, json } = await baton.api.inject(`/v1/calls?${query}`)
      assert.equal(statusCode, 400, query)
      assert.match(json<{ detail: string }>().detail, new RegExp(`/${query.split('=')[0] ?? ''}`))
    }
  })

  it('are found by every label of the analytics, also where a fact is not there', async () => {
    const [transfer] = endedCall(60).transfers
    assert.ok(transfer)
    const lost = endedCall(60, { agent: { uri: '', callId: '' }, transfers: [{ ...transfer, attempts: [] }] })
    baton.calls.set('call-60', new FakeCall(lost))
    for (const dimension of ['handoff', 'method', 'reason', 'trunk', 'agent', 'version']) {
      const range = 'from=2026-03-01T00:00:00Z&to=2026-03-01T00:10:00Z&step=60'
      const { json } = await baton.api.inject(`/v1/analytics/transfers?${range}&by=${dimension}`)
      for (const { labels, count } of json<{ groups: { labels: Record<string, string>; count: number }[] }>().groups) {
        const label = encodeURIComponent(labels[dimension] ?? '')
        assert.equal((await page(`${dimension}=${label}`)).calls.length, count, `${dimension} ${label}`)
      }
    }
    assert.deepEqual(numbers(await page('agent=none')), [60])
    assert.deepEqual(numbers(await page('method=none')), [60])
  })

  it('are CSV by address and by Accept, in which no text becomes a formula', async () => {
    const evil = endedCall(50, { caller: { uri: '=HYPERLINK("http://x")', number: '+1415,5"5', callId: 'a' } })
    baton.calls.set('call-50', new FakeCall(evil))
    const file = await baton.api.inject('/v1/calls.csv?handoff=front-desk')
    const lines = file.body.split('\r\n')
    assert.equal(file.headers['content-type'], 'text/csv; charset=utf-8; header=present')
    assert.match(String(file.headers['content-disposition']), /filename="calls.csv"/)
    assert.match(lines[0] ?? '', /^id,started_at,answered_at,ended_at,duration_seconds,project,environment,version,/)
    assert.match(lines[1] ?? '', /^call-50,.*,"'\+1415,5""5","'=HYPERLINK\(""http:\/\/x""\)",\+14155550100,/)
    assert.match(lines[2] ?? '', /^call-38,2026-03-01T00:00:38\.000Z,.*,\+1415555000038,/)
    assert.equal(lines.length, 1 + 1 + 20 + 1)
    const accepted = await baton.api.inject({
      url: '/v1/calls?handoff=front-desk&limit=2',
      headers: { accept: 'text/csv' },
    })
    assert.deepEqual(accepted.body.split('\r\n'), [...lines.slice(0, 3), ''])
  })

  it('lead to a kept call and its ladder; what cannot be done with it any more is refused as for an ended one', async () => {
    const kept = await baton.api.inject('/v1/calls/call-3')
    assert.deepEqual(kept.json(), endedCall(3))
    assert.deepEqual((await baton.api.inject('/v1/calls/call-3/ladder')).json(), ladderOf(endedCall(3)).view())
    const post = (what: string, payload?: object) =>
      baton.api.inject({ method: 'POST', url: `/v1/calls/call-3/${what}`, ...(payload && { payload }) })
    const answers = [
      await post('transfer', { handoff: 'front-desk' }),
      await post('transfer/cancel'),
      await post('hangup'),
    ]
    assert.deepEqual(
      answers.map(({ statusCode, json }) => [statusCode, json<{ type?: string }>().type]),
      [
        [409, 'urn:baton:problem:call-not-connected'],
        [409, 'urn:baton:problem:no-transfer-running'],
        [202, undefined],
      ],
    )
  })

  it('are analysed: transfers by result and label, and the times to a person, each call once', async () => {
    const range = 'from=2026-03-01T00:00:00Z&to=2026-03-01T00:10:00Z&step=60'
    const { json } = await baton.api.inject(`/v1/analytics/transfers?${range}&by=handoff,reason`)
    const { count, results, timeToPerson, groups, series } = json<{
      count: number
      results: object
      timeToPerson: { count: number; p50: number; p99: number }
      groups: { labels: object; count: number }[]
      series: object[]
    }>()
    assert.equal(count, 40)
    assert.deepEqual(results, { succeeded: 36, failed: 4, abandoned: 0, unknown: 0 })
    assert.deepEqual([timeToPerson.count, timeToPerson.p50, timeToPerson.p99], [36, 0.5, 0.9])
    assert.deepEqual(
      groups.map(({ labels, count: size }) => [labels, size]),
      [
        [{ handoff: 'duty-manager', reason: 'answered' }, 20],
        [{ handoff: 'front-desk', reason: 'answered' }, 16],
        [{ handoff: 'front-desk', reason: 'busy' }, 4],
      ],
    )
    assert.equal(series.length, 1)
    baton.calls.set('call-70', new FakeCall(endedCall(70, { rehearsal: true })))
    for (const [rehearsals, expected] of [
      ['', 40],
      ['&rehearsals=false', 40],
      ['&rehearsals=true', 41],
    ] as const) {
      const counted = await baton.api.inject(`/v1/analytics/transfers?${range}${rehearsals}`)
      assert.equal(counted.json<{ count: number }>().count, expected, rehearsals)
    }
    for (const query of ['by=colour', 'from=x', 'step=0.1', `${range.replace('60', '1')}&by=`]) {
      assert.equal((await baton.api.inject(`/v1/analytics/transfers?${query}`)).statusCode, 400, query)
    }
  })
})
