import assert from 'node:assert/strict'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse } from 'yaml'
import { demo, promoteDemo, startApi, yaml, type TestApi } from './baton.ts'

describe('the API for projects and versions', () => {
  let baton: TestApi
  beforeEach(async () => {
    baton = await startApi()
  })
  afterEach(() => baton.close())

  const send = (
    method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object | string,
    headers = {},
  ) => baton.api.inject({ method, url, headers, ...(payload !== undefined && { payload }) })

  it('takes a project file as YAML or JSON, and says whether it is new', async () => {
    const created = await send('PUT', '/v1/projects/demo', demo, yaml)
    const replaced = await send('PUT', '/v1/projects/demo', parse(demo) as object)

    assert.equal(created.statusCode, 201)
    assert.equal(replaced.statusCode, 200)
    assert.equal(created.headers.etag, replaced.headers.etag)
    const { live } = replaced.json<{ environments: { live: { draft: object; changes: object[] } } }>().environments
    assert.deepEqual(live.draft, {
      numbers: ['+14155550100'],
      agents: ['sip:agent@127.0.0.1:5090'],
      variables: { region: 'west', account: '7' },
    })
    assert.deepEqual(live.changes[0], {
      ...{ kind: 'changed', what: 'settings', name: 'live', field: 'numbers', after: ['+14155550100'] },
    })
  })

  it('changes nothing that runs when a project file is stored, and says what a promotion would change', async () => {
    await promoteDemo(baton)
    const moved = demo.replaceAll('+14155550100', '+14155550177')
    const stored = await send('PUT', '/v1/projects/demo', moved, yaml)
    const { digest, environments } = stored.json<{ digest: string; environments: { live: { changes: object[] } } }>()

    assert.equal(stored.headers.etag, `"${digest}"`)
    assert.deepEqual(environments.live.changes, [
      {
        ...{ kind: 'changed', what: 'settings', name: 'live', field: 'numbers' },
        ...{ before: ['+14155550100'], after: ['+14155550177'] },
      },
    ])
    assert.ok(baton.routing.findNumber('+14155550100'))
    assert.equal(baton.routing.findNumber('+14155550177'), undefined)
    const promoted = await send('POST', '/v1/projects/demo/environments/live/promote', { message: 'moved' })
    const { release, version } = promoted.json<{ release: number; version: number }>()
    assert.deepEqual([release, version], [2, 1])
    assert.ok(baton.routing.findNumber('+14155550177'))
    const back = await send('POST', '/v1/projects/demo/environments/live/rollback', { release: 1 })
    assert.equal(back.json<{ release: number }>().release, 1)
    assert.ok(baton.routing.findNumber('+14155550100'))
  })

  it('honours If-Match for a project file and for the settings of an environment', async () => {
    const { etag } = (await send('PUT', '/v1/projects/demo', demo, yaml)).headers
    const draft = '/v1/projects/demo/environments/live/draft'
    const settings = await send('GET', draft)
    const changed = await send('PUT', draft, { numbers: ['+14155550177'] }, { 'if-match': settings.headers.etag })
    const late = await send('PUT', draft, {}, { 'if-match': settings.headers.etag })
    const stale = await send('PUT', '/v1/projects/demo', demo, { ...yaml, 'if-match': etag })
    const fresh = (await send('GET', '/v1/projects/demo/file')).headers.etag
    const again = await send('PUT', '/v1/projects/demo', demo, { ...yaml, 'if-match': fresh })

    const statuses = [changed, late, stale, again].map(({ statusCode }) => statusCode)
    assert.deepEqual(statuses, [200, 412, 412, 200])
    assert.deepEqual(settings.json<{ numbers: string[] }>().numbers, ['+14155550100'])
    assert.equal((await send('PUT', draft, { numbers: ['4155'] })).statusCode, 422)
  })

  it('shows the releases of an environment, and what is different between two', async () => {
    await promoteDemo(baton)
    const environment = '/v1/projects/demo/environments/live'
    await send('PUT', `${environment}/draft`, { numbers: ['+14155550100'], agents: ['sip:new@127.0.0.1'] })
    await send('POST', `${environment}/promote`, {})
    const { releases } = (await send('GET', `${environment}/releases`)).json<{ releases: { release: number }[] }>()
    const first = (await send('GET', `${environment}/releases/1`)).json<{ settings: { agents: string[] } }>()
    const { text } = (await send('GET', `${environment}/releases/1/diff/2`)).json<{ text: string }>()

    assert.deepEqual(
      releases.map(({ release }) => release),
      [2, 1],
    )
    assert.deepEqual(first.settings.agents, ['sip:agent@127.0.0.1:5090'])
    assert.match(text, /^~ settings live: agents \["sip:agent@127\.0\.0\.1:5090"\] → \["sip:new@127\.0\.0\.1"\]$/m)
    assert.equal((await send('GET', `${environment}/releases/9`)).statusCode, 404)
  })

  it('gives a project file back byte for byte, in the type it came in', async () => {
    await send('PUT', '/v1/projects/demo', demo, { 'content-type': 'text/yaml; charset=utf-8' })
    const file = await send('GET', '/v1/projects/demo/file')

    assert.equal(file.body, demo)
    assert.equal(file.headers['content-type'], 'application/yaml')
  })

  it('refuses a broken project file with every mistake at its place, and stores nothing', async () => {
    const broken = demo
      .replace('method: invite', 'method: teleport')
      .replace('on_failure: [duty-manager]', 'on_failure: [missing]')
    const { statusCode, headers, json } = await send('PUT', '/v1/projects/demo', broken, yaml)
    const problem = json<{ type: string; status: number; errors: { pointer: string; hint?: string }[] }>()

    assert.equal(statusCode, 422)
    assert.equal(headers['content-type'], 'application/problem+json')
    assert.equal(problem.type, 'urn:baton:problem:invalid-project')
    assert.deepEqual(problem.errors.map(({ pointer }) => pointer).sort(), [
      '/table/handoffs/0/on_failure/0',
      '/table/handoffs/1/method',
    ])
    assert.equal((await send('GET', '/v1/projects/demo')).statusCode, 404)
  })

  it('refuses what is neither JSON nor YAML, with the line', async () => {
    const { statusCode, json } = await send('PUT', '/v1/projects/demo', 'project: [\nx: 1', yaml)

    assert.equal(statusCode, 422)
    assert.equal(json<{ errors: { line: number }[] }>().errors[0]?.line, 2)
  })

  it('refuses other kinds of body, empty ones and those beyond 4 MiB', async () => {
    const statuses = [
      await send('PUT', '/v1/projects/demo', demo, { 'content-type': 'text/plain' }),
      await send('PUT', '/v1/projects/demo', demo, { 'content-type': 'application/octet-stream' }),
      await send('PUT', '/v1/projects/demo', '', yaml),
      await send('PUT', '/v1/projects/demo', `#${'x'.repeat(4 * 1024 * 1024)}`, yaml),
    ].map(({ statusCode, json }) => [statusCode, json<{ status: number }>().status])

    assert.deepEqual(statuses, [
      [415, 415],
      [415, 415],
      [400, 400],
      [413, 413],
    ])
  })

  it('lets a client finish a body that is too large, so that it reads the answer', async () => {
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    const { port } = baton.api.server.address() as AddressInfo
    const status = await new Promise((resolve, reject) => {
      const put = request({
        port,
        method: 'PUT',
        path: '/v1/projects/demo',
        headers: { 'content-type': 'application/json' },
      })
      put.on('response', (response) => {
        response.resume()
        // A client reads the answer when it has sent all of the body.
        resolve([response.statusCode, put.writableFinished])
      })
      put.on('error', reject)
      put.end('x'.repeat(12 * 1024 * 1024))
    })

    assert.deepEqual(status, [413, true])
  })

  it('never leaves its folder, whatever the name of a project', async () => {
    for (const name of ['..%2f..%2fetc', '%2e%2e', '.hidden', 'a%00b']) {
      // The client of the test resolves ".." itself: there is a /v1/history.
      for (const url of [`/v1/projects/${name}/draft`, `/v1/projects/${name}/file`, `/v1/projects/${name}/versions`]) {
        const { statusCode } = await send('GET', url)
        assert.ok(statusCode === 400 || statusCode === 404, `${url} is ${statusCode}`)
      }
    }
  })

  it('changes the draft only for a client that has read the latest one', async () => {
    await send('PUT', '/v1/projects/demo', demo, yaml)
    const seen = await send('GET', '/v1/projects/demo/draft')
    const etag = String(seen.headers.etag)
    const table = seen.json<{ handoffs: { description?: string }[] }>()
    table.handoffs[0]!.description = 'Reception'

    const first = await send('PUT', '/v1/projects/demo/draft', table, { 'if-match': etag })
    const second = await send('PUT', '/v1/projects/demo/draft', table, { 'if-match': etag })
    const either = await send('PUT', '/v1/projects/demo/draft', table, {
      'if-match': `${etag}, ${String(first.headers.etag)}`,
    })
    const weak = await send('PUT', '/v1/projects/demo/draft', table, { 'if-match': `W/${String(first.headers.etag)}` })
    const whatever = await send('PUT', '/v1/projects/demo/draft', table, { 'if-match': '*' })

    assert.deepEqual(
      [first, second, either, weak, whatever].map(({ statusCode }) => statusCode),
      [200, 412, 200, 412, 200],
    )
    assert.notEqual(first.headers.etag, etag)
    assert.equal((await send('GET', '/v1/projects/demo/draft')).headers.etag, first.headers.etag)
  })

  it('takes a draft as YAML too', async () => {
    await send('PUT', '/v1/projects/demo', demo, yaml)
    const draft = 'handoffs:\n  - { name: pbx, method: bye, default: true }\n'

    assert.equal((await send('PUT', '/v1/projects/demo/draft', draft, yaml)).statusCode, 200)
    assert.deepEqual((await send('GET', '/v1/projects/demo/draft')).json(), {
      handoffs: [{ name: 'pbx', method: 'bye', default: true }],
    })
  })

  it('publishes numbered versions, promotes them and goes back', async () => {
    await promoteDemo(baton)
    const published = await send('POST', '/v1/projects/demo/versions', { message: 'again' }, { 'x-baton-actor': 'ann' })
    const version = published.json<{ version: number; by: string; from: string; message: string; digest: string }>()
    const promoted = await send('POST', '/v1/projects/demo/environments/live/promote', {
      version: 2,
      message: 'why not',
    })
    const rolledBack = await send('POST', '/v1/projects/demo/environments/live/rollback')
    const history = await send('GET', '/v1/projects/demo/history?limit=2')

    assert.equal(published.statusCode, 201)
    assert.equal(published.headers.location, '/v1/projects/demo/versions/2')
    assert.deepEqual([version.version, version.by, version.from, version.message], [2, 'ann', '127.0.0.1', 'again'])
    assert.deepEqual([promoted.statusCode, promoted.json<{ previous: number }>().previous], [200, 1])
    assert.deepEqual([rolledBack.statusCode, rolledBack.json<{ version: number }>().version], [200, 1])
    assert.deepEqual(
      history.json<{ history: { action: string; why?: string }[] }>().history.map(({ action, why }) => [action, why]),
      [
        ['rollback', undefined],
        ['promote', 'why not'],
      ],
    )
    assert.equal((await send('GET', '/v1/projects/demo/versions')).json<{ versions: unknown[] }>().versions.length, 2)
    assert.equal(
      (await send('GET', '/v1/projects/demo/versions/2')).json<{ table: { handoffs: unknown[] } }>().table.handoffs
        .length,
      2,
    )
  })

  it('publishes, promotes and rolls back with no body or an empty one', async () => {
    await send('PUT', '/v1/projects/demo', demo, yaml)

    assert.equal((await send('POST', '/v1/projects/demo/versions')).statusCode, 201)
    assert.equal(
      (await send('POST', '/v1/projects/demo/versions', '', { 'content-type': 'application/json' })).statusCode,
      201,
    )
  })

  it('promotes only from the version that was expected', async () => {
    await promoteDemo(baton)
    await send('POST', '/v1/projects/demo/versions')
    const lost = await send('POST', '/v1/projects/demo/environments/live/promote', { version: 2, expected: 2 })
    const won = await send('POST', '/v1/projects/demo/environments/live/promote', { version: 2, expected: 1 })

    assert.deepEqual([lost.statusCode, won.statusCode], [412, 200])
    assert.equal(lost.json<{ type: string }>().type, 'urn:baton:problem:promotion-lost')
  })

  it('answers 404 for what is not there, 409 when there is nothing to go back to, 422 for a bad body', async () => {
    await promoteDemo(baton)
    const statuses = await Promise.all(
      [
        ['GET', '/v1/projects/none'] as const,
        ['GET', '/v1/projects/none/draft'] as const,
        ['GET', '/v1/projects/demo/versions/9'] as const,
        ['POST', '/v1/projects/none/versions', {}] as const,
        ['POST', '/v1/projects/demo/environments/live/promote', { version: 9 }] as const,
        ['POST', '/v1/projects/demo/environments/moon/promote', { version: 1 }] as const,
        ['POST', '/v1/projects/demo/environments/live/rollback', {}] as const,
        ['POST', '/v1/projects/demo/environments/live/promote', { version: 'one' }] as const,
        ['POST', '/v1/projects/demo/environments/live/promote', { version: 1, canary: true }] as const,
        ['GET', '/v1/projects/demo/versions/one'] as const,
      ].map(async ([method, url, body]) => (await send(method, url, body)).statusCode),
    )

    assert.deepEqual(statuses, [404, 404, 404, 404, 404, 404, 409, 422, 422, 400])
  })

  it('publishes the JSON Schema of the project file, for editors', async () => {
    const { json, headers } = await send('GET', '/v1/schema')
    const schema = json<{ $schema: string; properties: Record<string, unknown> }>()

    assert.equal(headers['content-type'], 'application/schema+json')
    assert.match(schema.$schema, /json-schema\.org/)
    assert.ok(schema.properties.environments && schema.properties.table)
  })

  it('tells what changed between versions, and from a version to the draft', async () => {
    await promoteDemo(baton)
    const changes = { route: 'sip:reception@127.0.0.1:5092', headers: { 'X-Account': '1' } }
    await send('PATCH', '/v1/projects/demo/draft/handoffs/front-desk', changes)
    const { statusCode, json } = await send('GET', '/v1/projects/demo/versions/1/diff/draft')
    const diff = json<{
      from: unknown
      to: unknown
      changes: { kind: string; field?: string; before?: unknown }[]
      text: string
    }>()
    const route = diff.changes.find(({ field }) => field === 'route')

    assert.equal(statusCode, 200)
    assert.deepEqual([diff.from, diff.to], [1, 'draft'])
    assert.deepEqual(route, {
      ...{ kind: 'changed', what: 'handoff', name: 'front-desk', field: 'route' },
      ...{ before: 'sip:front-desk@127.0.0.1:5092', after: 'sip:reception@127.0.0.1:5092' },
    })
    assert.match(
      diff.text,
      /^~ handoff front-desk: route sip:front-desk@127\.0\.0\.1:5092 → sip:reception@127\.0\.0\.1:5092$/m,
    )
    assert.equal((await send('GET', '/v1/projects/demo/versions/1/diff/9')).statusCode, 404)
    assert.equal((await send('GET', '/v1/projects/demo/versions/1/diff/latest')).statusCode, 400)
  })

  it('compares any two of drafts, versions and releases', async () => {
    await promoteDemo(baton)
    await send('PATCH', '/v1/projects/demo/draft/handoffs/front-desk', { route: 'sip:reception@127.0.0.1:5092' })
    await send('POST', '/v1/projects/demo/versions')
    await send('POST', '/v1/projects/demo/environments/live/promote', { version: 2 })
    await send('PUT', '/v1/projects/demo/environments/live/draft', { numbers: ['+14155550100'], agents: [] })
    const fields = async (from: string, to: string) => {
      const { json } = await send('GET', `/v1/projects/demo/compare/${from}/${to}`)

      return json<{ changes: { field?: string }[] }>().changes.map(({ field }) => field)
    }

    assert.deepEqual(await fields('1', '2'), ['route'])
    assert.deepEqual(await fields('2', 'draft'), [])
    assert.deepEqual(await fields('live:1', 'live'), ['route'])
    assert.deepEqual(await fields('1', 'live'), ['route'])
    assert.deepEqual(await fields('live:2', 'live:draft'), ['agents', 'variables.region', 'variables.account'])
    for (const unknown of ['9', 'live:9', 'nowhere', 'nowhere:draft']) {
      assert.equal((await send('GET', `/v1/projects/demo/compare/1/${unknown}`)).statusCode, 404, unknown)
    }
    assert.equal((await send('GET', '/v1/projects/demo/compare/1/live:latest')).statusCode, 400)
  })

  it('says nothing of the version where a promotion would make the same again', async () => {
    await promoteDemo(baton)
    const { json } = await send('GET', '/v1/projects/demo/environments/live/releases/1/diff/draft')
    assert.deepEqual(json<{ changes: unknown[] }>().changes, [])
  })

  it('creates, changes, copies and deletes handoffs of the draft, and makes one the default', async () => {
    await send('PUT', '/v1/projects/demo', demo, yaml)
    const handoffs = '/v1/projects/demo/draft/handoffs'
    const answers = [
      await send('POST', handoffs, { name: 'sales', method: 'invite', route: '+14155550111' }),
      await send('PATCH', `${handoffs}/front-desk`, { name: 'reception', on_failure: null }),
      await send('POST', `${handoffs}/sales/duplicate`, { as: 'support' }),
      await send('POST', `${handoffs}/sales/default`),
      await send('DELETE', `${handoffs}/reception`),
    ]
    const draft = await send('GET', '/v1/projects/demo/draft')

    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode),
      [201, 200, 201, 200, 200],
    )
    assert.equal(answers[4]!.headers.etag, draft.headers.etag)
    assert.deepEqual(
      draft.json<{ handoffs: { name: string; default?: boolean }[] }>().handoffs.map((one) => [one.name, one.default]),
      [
        ['duty-manager', undefined],
        ['sales', true],
        ['support', undefined],
      ],
    )
  })

  it('refuses commands that would break the draft, or that come too late', async () => {
    await send('PUT', '/v1/projects/demo', demo, yaml)
    const handoffs = '/v1/projects/demo/draft/handoffs'
    const statuses = [
      await send('DELETE', `${handoffs}/duty-manager`),
      await send('DELETE', `${handoffs}/missing`),
      await send('POST', handoffs, { name: 'sales', route: 'nonsense nonsense' }),
      await send('PATCH', `${handoffs}/front-desk`, { colour: 'red' }),
      await send('POST', `${handoffs}/front-desk/duplicate`, {}),
      await send('PATCH', `${handoffs}/front-desk`, { description: 'x' }, { 'if-match': '"sha256:0"' }),
    ].map(({ statusCode }) => statusCode)

    assert.deepEqual(statuses, [422, 404, 422, 422, 422, 412])
  })

  it('lints the draft', async () => {
    await send('PUT', '/v1/projects/demo', demo.replace('sip:duty@127.0.0.1:5093', '+14155550100'), yaml)
    const { findings } = (await send('GET', '/v1/projects/demo/draft/lint')).json<{
      findings: { code: string; pointer: string }[]
    }>()

    assert.equal(findings.find(({ code }) => code === 'loop')?.pointer, '/table/handoffs/1/route')
  })

  it('lets a share of the calls try a version, shows how it fares, and ends it', async () => {
    await promoteDemo(baton)
    await send('POST', '/v1/projects/demo/versions')
    const environment = '/v1/projects/demo/environments/live'
    const promoted = await send('POST', `${environment}/promote`, { version: 2, canary: { percent: 20, sample: 5 } })
    const during = (await send('GET', environment)).json<{ version: number; canary: object; tallies: object }>()
    const ended = await send('POST', `${environment}/rollback`)
    const after = (await send('GET', environment)).json<{ version: number; canary?: object }>()

    assert.deepEqual([promoted.statusCode, ended.statusCode], [200, 200])
    const { startedAt, ...canary } = during.canary as { startedAt: string }
    assert.ok(Date.parse(startedAt))
    assert.deepEqual([during.version, canary], [1, { release: 2, version: 2, percent: 20, tolerance: 10, sample: 5 }])
    assert.deepEqual(during.tallies, { trial: { succeeded: 0, failed: 0 }, main: { succeeded: 0, failed: 0 } })
    assert.deepEqual([after.version, after.canary], [1, undefined])
    assert.equal((await send('POST', `${environment}/promote`, { version: 2, canary: { percent: 0 } })).statusCode, 422)
    assert.equal((await send('GET', '/v1/projects/demo/environments/moon')).statusCode, 404)
  })
})
