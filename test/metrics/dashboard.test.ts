import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createMetrics } from '../../metrics/index.ts'
import { needs } from '../harness/needs.ts'
import { panelQueries, readDashboard, substitute } from './dashboard.ts'
import { KnownNumbers } from './known-numbers.ts'
import { startPrometheus, type Prometheus } from './prometheus.ts'

describe('the dashboard', () => {
  it('gives every panel a place of its own, a title, a number and a query', () => {
    const { panels } = readDashboard()
    const cells = new Map<string, string>()
    for (const {
      type,
      title,
      targets = [],
      gridPos: { x, y, w, h },
    } of panels) {
      assert.ok(title)
      assert.ok(type === 'row' || targets.length > 0, `${title} asks for nothing`)
      assert.ok(x + w <= 24, `${title} is too wide`)
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          assert.equal(
            cells.get(`${column},${line}`),
            undefined,
            `${title} lies on ${cells.get(`${column},${line}`) ?? ''}`,
          )
          cells.set(`${column},${line}`, title)
        }
      }
    }
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  })
})

describe('the dashboard, imported anywhere', () => {
  it('asks for the data source that is chosen, and for none by its uid', () => {
    const dashboard = readDashboard()
    const sources: unknown[] = []
    JSON.stringify(dashboard, (key, value: unknown) => {
      if (key === 'datasource') sources.push(value)

      return value
    })
    const [variable] = dashboard.templating.list.filter(({ type }) => type === 'datasource')

    assert.ok(sources.length > 100)
    for (const source of sources) assert.deepEqual(source, { type: 'prometheus', uid: '${DS_PROMETHEUS}' })
    assert.deepEqual([variable?.name, variable?.query], ['DS_PROMETHEUS', 'prometheus'])
    assert.ok(!('id' in dashboard), 'an id is that of one Grafana')
  })

  it('asks for the data source when it is imported, by the name that the provisioned one has as a variable', () => {
    const { __inputs: inputs, templating } = readDashboard()
    const variables = templating.list.filter(({ type }) => type === 'datasource').map(({ name }) => name)
    assert.deepEqual(
      inputs.map(({ name, type, pluginId }) => [name, type, pluginId]),
      variables.map((name) => [name, 'datasource', 'prometheus']),
    )
  })
})

/** A process has nothing to tell of garbage collection before the first one. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
}

describe('the dashboard on a real Prometheus', () => {
  needs('prometheus')
  const metrics = createMetrics({ version: '1.2.3' })
  const numbers = new KnownNumbers(metrics)
  let server: Server
  let prometheus: Prometheus

  before(async function () {
    this.timeout(120_000)
    server = createServer((_request, response) => {
      void metrics.text().then((text) => response.setHeader('content-type', metrics.contentType).end(text))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    numbers.round()
    collectGarbage()
    prometheus = await startPrometheus({ target: `127.0.0.1:${(server.address() as AddressInfo).port}` })
    await prometheus.scrapes(2)
    for (let i = 0; i < 4; i++) numbers.round()
    await prometheus.scrapes(3)
  })

  after(async () => {
    await (prometheus as Prometheus | undefined)?.close()
    ;(server as Server | undefined)?.close()
    ;(server as Server | undefined)?.closeAllConnections()
  })

  it('shows data in every query of every panel', async () => {
    const queries = panelQueries({ range: '5m', rateInterval: '5m' })
    assert.ok(queries.length > 35)
    for (const { panel, refId, expression } of queries) {
      const samples = await prometheus.until(expression, ({ length }) => length > 0)
      assert.ok(samples.length > 0, `"${panel}" ${refId} has no data: ${expression}`)
    }
  })

  it('shows data for one project and one environment alone', async () => {
    const variables = { project: 'demo|other', environment: 'live', job: 'baton', instance: '.*' }
    for (const { panel, refId, expression } of panelQueries({ range: '5m', rateInterval: '5m', variables })) {
      const samples = await prometheus.query(expression)
      assert.ok(samples.length > 0, `"${panel}" ${refId} has no data: ${expression}`)
      assert.ok(samples.every(({ labels }) => (labels.environment ?? 'live') === 'live'))
    }
  })

  it('finds the values of each of its variables', async () => {
    for (const { name, type, definition = '' } of readDashboard().templating.list) {
      if (type === 'datasource') continue
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? []
      const values = { project: '.*', environment: '.*', job: '.*', instance: '.*' }
      const samples = await prometheus.query(`count by (${label}) (${substitute(selector, values)})`)
      assert.ok(samples.length > 0, `$${name} has no values`)
    }
  })

  it('can draw its annotations', async () => {
    for (const { name, expr } of readDashboard().annotations.list) {
      const query = substitute(expr, { project: '.*', environment: '.*', job: '.*', instance: '.*' })
      await assert.doesNotReject(prometheus.query(query), name)
    }
  })

  it('shows the numbers of the calls that were made', async () => {
    const shown = async (panel: string, labels: Record<string, string> = {}) => {
      const query = panelQueries({ range: '5m', rateInterval: '5m' }).find((each) => each.panel === panel)
      const samples = await prometheus.query(query!.expression)

      return samples.find((sample) => Object.entries(labels).every(([name, value]) => sample.labels[name] === value))
        ?.value
    }

    assert.equal(await shown('Active calls'), 3)
    assert.equal(await shown('Active transfers'), 1)
    assert.ok(near(await shown('Transfers that succeeded'), 4 / 5), 'four of the five that were not abandoned')
    assert.ok(near(await shown('Calls that were answered'), 8 / 10))
    assert.equal(await shown('Transfers with unknown outcome'), 0, 'all were amended')
    assert.ok(near(await shown('Success ratio by handoff', { handoff: 'front-desk' }), 4 / 5))
    assert.equal(await shown('By result', { result: 'unknown' }), 0)
    assert.equal(await shown('Not succeeded, by reason', { reason: 'no_notify' }), 0)
    assert.ok(near(await shown('Effectiveness'), 8 / 10))
    assert.ok(near(await shown('Ineffective session attempts'), 1 / 10))
    assert.equal(await shown('Processes that take calls'), 1)
    assert.equal(await shown('Version in use', { environment: 'live' }), 7)
    assert.equal(await shown('Version in use', { environment: 'sandbox' }), 8)
    assert.equal(await shown('Alive in the engine', { type: 'client' }), 4)
    assert.ok((await shown('Time to the outcome', { method: 'refer' }))! <= 2)
  })

  it('has counted each call and each transfer once', async () => {
    for (const [expression, expected] of [
      ['sum(baton_calls_total)', 50],
      ['sum(baton_calls_total{result="answered"})', 40],
      ['baton_calls_total{project="none",reason="unknown_number"}', 5],
      ['sum(baton_transfers_total)', 30],
      ['sum(baton_transfers_total{result="succeeded",handoff="front-desk",method="refer"})', 15],
      ['sum(baton_transfers_amended_total{result="succeeded",was="unknown"})', 5],
      ['sum(baton_transfer_attempts_total{code="405"})', 5],
      ['sum(baton_transfer_attempts_total{code="none"})', 5],
      ['sum(baton_call_setup_seconds_count)', 40],
      ['baton_sip_requests_total{direction="in",method="INVITE"}', 50],
      ['baton_sip_responses_total{direction="out",method="INVITE",code="503"}', 5],
      ['drachtio_sip_requests_in_total{method="INVITE"}', 50],
      ['sum(baton_route_lookups_total)', 5],
    ] as const) {
      assert.equal(await prometheus.value(expression, expected), expected, expression)
    }
  })
})

function near(value: number | undefined, expected: number): boolean {
  return value !== undefined && Math.abs(value - expected) < 1e-9
}
