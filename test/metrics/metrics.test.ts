import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createMetrics, type SipStats } from '../../metrics/index.ts'
import { parseMetrics, total } from '../harness/metrics.ts'

const place = { project: 'demo', environment: 'live' }

describe('the metrics', () => {
  it('count a call once, under its outcome, and time those that were answered', async () => {
    const metrics = createMetrics()
    metrics.callEnded(
      { ...place, result: 'answered', reason: 'hangup', sipStatus: 200 },
      { setup: 0.3, ringingAfter: 0.1, ring: 0.2 },
    )
    metrics.callEnded({ ...place, result: 'abandoned', reason: 'cancelled', sipStatus: 487 })
    const samples = parseMetrics(await metrics.text())

    assert.equal(
      samples.get('baton_calls_total{environment="live",project="demo",reason="hangup",result="answered"}'),
      1,
    )
    assert.equal(
      samples.get('baton_calls_total{environment="live",project="demo",reason="cancelled",result="abandoned"}'),
      1,
    )
    const of = 'environment="live",project="demo"'
    assert.equal(samples.get(`baton_call_final_responses_total{code="200",${of}}`), 1)
    assert.equal(samples.get(`baton_call_final_responses_total{code="487",${of}}`), 1)
    assert.equal(samples.get(`baton_session_request_delay_seconds_sum{${of}}`), 0.1)
    assert.equal(samples.get(`baton_ring_seconds_sum{${of},result="answered"}`), 0.2)
    assert.equal(samples.get('baton_call_setup_seconds_count{environment="live",project="demo"}'), 1)
    assert.equal(samples.get('baton_call_setup_seconds_bucket{environment="live",le="0.25",project="demo"}'), 0)
    assert.equal(samples.get('baton_call_setup_seconds_bucket{environment="live",le="0.5",project="demo"}'), 1)
  })

  it('count a call that never found a project under none', async () => {
    const metrics = createMetrics()
    metrics.callEnded({ result: 'rejected', reason: 'unknown_number', sipStatus: 404 })
    metrics.callEnded({ project: '', environment: '', result: 'rejected', reason: 'unknown_number', sipStatus: 404 })
    const series = 'baton_calls_total{environment="none",project="none",reason="unknown_number",result="rejected"}'

    assert.equal(parseMetrics(await metrics.text()).get(series), 2)
  })

  it('count a transfer once, and each of its attempts with its code', async () => {
    const metrics = createMetrics()
    const attempt = { ...place, handoff: 'front-desk', method: 'refer' } as const
    metrics.transferAttempt({ ...attempt, result: 'failed', code: 405 })
    metrics.transferAttempt({ ...attempt, method: 'invite', result: 'succeeded', code: 200 })
    metrics.transferAttempt({ ...attempt, result: 'unknown' })
    const ended = { ...attempt, method: 'invite', result: 'succeeded', reason: 'answered' } as const
    metrics.transferEnded({ ...ended, trunk: 'carrier', version: 7 }, 4)
    const samples = parseMetrics(await metrics.text(), ['project', 'environment', 'handoff'])

    assert.equal(
      samples.get(
        'baton_transfers_total{method="invite",reason="answered",result="succeeded",trunk="carrier",version="7"}',
      ),
      1,
    )
    assert.equal(total(samples, 'baton_transfers_total'), 1)
    assert.equal(samples.get('baton_transfer_attempts_total{code="405",method="refer",result="failed"}'), 1)
    assert.equal(samples.get('baton_transfer_attempts_total{code="200",method="invite",result="succeeded"}'), 1)
    assert.equal(samples.get('baton_transfer_attempts_total{code="none",method="refer",result="unknown"}'), 1)
    assert.equal(samples.get('baton_transfer_seconds_sum{method="invite",result="succeeded"}'), 4)
  })

  it('tell the transfers of the last ten versions apart, and forget those before', async () => {
    const metrics = createMetrics()
    const ended = {
      handoff: 'desk',
      method: 'refer',
      result: 'succeeded',
      reason: 'answered',
      trunk: 'carrier',
    } as const
    for (let version = 1; version <= 14; version++) metrics.transferEnded({ ...place, ...ended, version }, 1)
    metrics.transferEnded({ ...place, environment: 'sandbox', ...ended, version: 1 }, 1)
    await metrics.text()
    const text = await metrics.text()
    const versions = [...text.matchAll(/baton_transfers_total\{.*environment="live".*version="(\d+)"/g)].map(
      ([, n]) => n,
    )

    assert.deepEqual(versions, ['5', '6', '7', '8', '9', '10', '11', '12', '13', '14'])
    assert.match(text, /baton_transfers_total\{.*environment="sandbox".*version="1"/)
  })

  it('show what is active at the moment of the scrape, and 0 when it is over', async () => {
    const metrics = createMetrics()
    let calls = [place, place, { project: 'demo', environment: 'sandbox' }]
    metrics.collect.active(() => ({ calls, silent: [], transfers: calls.slice(0, 1) }))
    const live = 'baton_calls_active{environment="live",project="demo"}'

    assert.equal(parseMetrics(await metrics.text()).get(live), 2)
    calls = []
    const after = parseMetrics(await metrics.text())
    assert.equal(after.get(live), 0)
    assert.equal(after.get('baton_calls_active{environment="sandbox",project="demo"}'), 0)
    assert.equal(after.get('baton_transfers_active{environment="live",project="demo"}'), 0)
  })

  it("copy the stack's integers as they are, scrape after scrape", async () => {
    const metrics = createMetrics()
    const requestsIn = new Map([['INVITE', 5]])
    const stats: SipStats = {
      requestsIn,
      requestsOut: new Map([['BYE', 1]]),
      responsesIn: new Map([['REFER 202', 3]]),
      responsesOut: new Map(),
    }
    metrics.collect.sip(() => stats)
    await metrics.text()
    requestsIn.set('INVITE', 7)
    const samples = parseMetrics(await metrics.text())

    assert.equal(samples.get('baton_sip_requests_total{direction="in",method="INVITE"}'), 7)
    assert.equal(samples.get('baton_sip_requests_total{direction="out",method="BYE"}'), 1)
    assert.equal(samples.get('baton_sip_responses_total{code="202",direction="in",method="REFER"}'), 3)
  })

  it('follow a promotion, and drop the version of an environment that is gone', async () => {
    const metrics = createMetrics()
    const series = 'baton_route_version{environment="live",project="demo"}'
    metrics.setRouteVersion('demo', 'live', 3)
    metrics.setRouteVersion('demo', 'live', 2)
    assert.equal(parseMetrics(await metrics.text()).get(series), 2)
    metrics.setRouteVersion('demo', 'live', undefined)
    assert.equal(parseMetrics(await metrics.text()).get(series), undefined)
  })

  it('have what alerts wait for at 0 before it happens, so that the first time shows as an increase', async () => {
    const metrics = createMetrics()
    metrics.setRouteVersion('demo', 'live', 1)
    const samples = parseMetrics(await metrics.text())

    for (const series of [
      'baton_calls_total{environment="live",project="demo",reason="no_agent",result="failed"}',
      'baton_calls_total{environment="live",project="demo",reason="internal_error",result="failed"}',
      'baton_calls_total{environment="none",project="none",reason="unknown_number",result="rejected"}',
      'baton_template_unknown_variables_total{environment="live",project="demo"}',
      'baton_route_lookups_total{result="no_version"}',
      'baton_route_rejected_total',
    ]) {
      assert.equal(samples.get(series), 0, series)
    }
  })

  it("leave drachtio-server's names to drachtio-server when it is the stack", async () => {
    const text = await createMetrics().text()
    assert.doesNotMatch(text, /drachtio_|baton_engine_/)
    assert.match(text, /nodejs_eventloop_lag_p99_seconds/)
    assert.match(text, /process_cpu_seconds_total/)
  })

  it('never let a number, an address or a word of a peer into a label', async () => {
    const metrics = createMetrics()
    const hostile = [
      '+14155550123',
      '4155550123',
      'sip:a@192.0.2.1',
      '192.0.2.1',
      'a b',
      '',
      '"}',
      'x'.repeat(200),
      '\n',
    ]
    for (const text of hostile) {
      metrics.callEnded({ project: text, environment: text, result: 'answered', reason: text, sipStatus: 999 })
      metrics.transferEnded({ ...place, handoff: text, method: 'refer', result: 'failed', reason: text }, 1)
      metrics.transferAttempt({ ...place, handoff: text, method: 'refer', result: 'failed', code: 12345 })
    }
    metrics.collect.sip(() => ({
      requestsIn: new Map(hostile.map((method) => [method, 1])),
      requestsOut: new Map(),
      responsesIn: new Map([
        ['INVITE 99', 1],
        ['INVITE 700', 1],
        ['INVITE', 1],
        ['INVITE 2.5', 1],
      ]),
      responsesOut: new Map(),
    }))
    const text = await metrics.text()
    const samples = parseMetrics(text)

    assert.doesNotMatch(text, /\+1|415555|192\.0\.2|xxx|sip:/)
    assert.equal(samples.get('baton_sip_requests_total{direction="in",method="OTHER"}'), hostile.length)
    assert.equal(samples.get('baton_sip_responses_total{code="other",direction="in",method="INVITE"}'), 4)
  })

  it('never have more series than their labels have values, whatever peers send', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { minLength: 50, maxLength: 100 }), async (words) => {
        const metrics = createMetrics()
        metrics.collect.sip(() => ({
          requestsIn: new Map(words.map((word) => [word, 1])),
          requestsOut: new Map(),
          responsesIn: new Map(words.map((word) => [`${word} 200`, 1])),
          responsesOut: new Map(),
        }))
        const series = [...parseMetrics(await metrics.text()).keys()].filter((key) => key.startsWith('baton_sip'))

        assert.ok(series.length <= 30, `${series.length} series`)
      }),
      { numRuns: 20 },
    )
  })
})
