import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { buildMetricsServer } from '../../../server/api/index.ts'
import { openAudioStore } from '../../../server/audio/index.ts'
import { tone } from '../audio/tone.ts'
import type { HealthCheck } from '../../../server/health.ts'
import type { ContextView } from '../../../server/context/index.ts'
import { callView, deadLetter, FakeCall, promoteDemo, startApi, webhooksWith, demo, yaml } from './baton.ts'

describe('who may use the API', () => {
  it('all programs on this machine, while no token is set', async () => {
    const baton = await startApi()
    const status = async (headers: Record<string, string>, method: 'GET' | 'POST' = 'GET') =>
      (await baton.api.inject({ method, url: '/v1/calls', headers })).statusCode

    assert.equal(await status({ host: '127.0.0.1:8080' }), 200)
    assert.equal(await status({ host: '[::1]:8080' }), 200)
    assert.equal(await status({ host: 'localhost:8080' }), 200)
    // DNS rebinding: another site's name that resolves to this machine.
    assert.equal(await status({ host: 'attacker.example:8080' }), 403)
    // A page of another site.
    assert.equal(await status({ host: 'localhost:8080', origin: 'https://attacker.example' }, 'POST'), 403)
    assert.equal(await status({ host: 'localhost:8080', origin: 'null' }, 'POST'), 403)
    await baton.close()
  })

  it('requests with the token, once one is set', async () => {
    const baton = await startApi({ adminToken: 'open sesame'.replace(' ', '-') })
    const answer = (authorization?: string, url = '/v1/calls') =>
      baton.api.inject({
        url,
        headers: { host: 'baton.example', ...(authorization !== undefined && { authorization }) },
      })

    const without = await answer()
    assert.equal(without.statusCode, 401)
    assert.equal(without.headers['www-authenticate'], 'Bearer realm="baton"')
    assert.equal(without.headers['content-type'], 'application/problem+json')
    for (const wrong of [
      'Bearer open-sesam',
      'Bearer',
      'Basic b3Blbi1zZXNhbWU=',
      'open-sesame',
      'Bearer open-sesame x',
    ]) {
      assert.equal((await answer(wrong)).statusCode, 401, wrong)
    }
    assert.match(String((await answer('Bearer other')).headers['www-authenticate']), /invalid_token/)
    assert.equal((await answer('Bearer open-sesame')).statusCode, 200)
    assert.equal((await answer('bearer open-sesame')).statusCode, 200)
    assert.equal((await answer(undefined, '/v1/nothing')).statusCode, 401)
    await baton.close()
  })

  it('requests with one of the named tokens; the history has its name, whatever the client claims', async () => {
    const tokens = [
      { name: 'ann', token: 'token-of-ann' },
      { name: 'ci', token: 'token-of-ci' },
    ]
    const baton = await startApi({ adminToken: 'open-sesame', tokens })
    const put = (token: string, url: string, payload: string) =>
      baton.api.inject({
        ...{ method: 'PUT', url, payload },
        headers: { ...yaml, authorization: `Bearer ${token}`, 'x-baton-actor': 'root' },
      })
    assert.equal((await put('token-of-bob', '/v1/projects/demo', demo)).statusCode, 401)
    for (const token of ['token-of-ann', 'token-of-ci', 'open-sesame']) {
      assert.ok((await put(token, '/v1/projects/demo', demo)).statusCode < 300)
    }
    const history = await baton.routing.history('demo')
    await baton.close()

    assert.deepEqual(
      history.map(({ who }) => who),
      ['root', 'ci', 'ann'],
    )
  })

  it('health and the schema are open to all', async () => {
    const baton = await startApi({ adminToken: 'open-sesame' })
    for (const url of ['/livez', '/readyz', '/v1/schema']) {
      assert.equal((await baton.api.inject({ url, headers: { host: 'baton.example' } })).statusCode, 200, url)
    }
    await baton.close()
  })

  it('the documentation, to all that have the token where there is one; a browser asks for it', async () => {
    const open = await startApi()
    const baton = await startApi({ adminToken: 'open-sesame' })
    const basic = (password: string) => `Basic ${Buffer.from(`user:${password}`).toString('base64')}`
    const status = async (url: string, authorization?: string) =>
      (await baton.api.inject({ url, headers: { ...(authorization !== undefined && { authorization }) } })).statusCode

    for (const url of ['/docs', '/docs/', '/docs/json', '/docs/yaml', '/docs/static/swagger-ui.css']) {
      assert.equal((await open.api.inject(url)).statusCode, 200, url)
      const without = await baton.api.inject(url)
      assert.equal(without.statusCode, 401, url)
      assert.match(String(without.headers['www-authenticate']), /^Bearer .*, Basic realm="baton"/)
      assert.equal(await status(url, 'Bearer open-sesame'), 200, url)
      assert.equal(await status(url, basic('open-sesame')), 200, url)
      assert.equal(await status(url, basic('other')), 401, url)
    }
    // Browsers add Basic to requests of other sites' pages, too: only the documentation accepts it.
    assert.equal(await status('/v1/calls', basic('open-sesame')), 401)
    await open.close()
    await baton.close()
  })

  it('no client that guesses: wrong tokens are counted, logged, and answered 429 after ten in a minute', async () => {
    const signIns: string[] = []
    const baton = await startApi({
      adminToken: 'open-sesame',
      observer: { answered: () => undefined, cutOff: () => undefined, signIn: (result) => signIns.push(result) },
    })
    const ask = (authorization?: string, remoteAddress = '192.0.2.1') =>
      baton.api.inject({
        method: 'POST',
        url: '/v1/calls/call-1/hangup',
        remoteAddress,
        headers: { 'x-baton-actor': 'ann', ...(authorization !== undefined && { authorization }) },
      })
    assert.equal((await ask()).statusCode, 401)
    for (let n = 0; n < 10; n++) assert.equal((await ask(`Bearer guess-${n}`)).statusCode, 401)
    const limited = await ask('Bearer guess-11')
    const elsewhere = await ask('Bearer guess', '192.0.2.2')
    // A right token is accepted, however many wrong ones came from its address.
    const right = await ask('Bearer open-sesame')
    await baton.close()

    assert.deepEqual([limited.statusCode, elsewhere.statusCode, right.statusCode], [429, 401, 404])
    assert.ok(Number(limited.headers['retry-after']) > 0)
    assert.deepEqual(signIns, ['missing', ...Array.from({ length: 10 }, () => 'wrong'), 'limited', 'wrong', 'accepted'])
    assert.deepEqual(
      baton.logged.map(([message, fields = {}]) => [message, (fields as { result?: string }).result]),
      [
        ['sign-in failed', 'missing'],
        ['sign-in failed', 'wrong'],
        ['sign-in failed', 'limited'],
        ['api request', undefined],
        ['api request', undefined],
      ],
    )
    assert.equal((baton.logged[3]?.[1] as { status: number }).status, 429)
  })

  it('no address more often than HTTP_RATE allows', async () => {
    const baton = await startApi({ httpLimits: { rate: 5, connections: 10, connectionsBySource: 10 } })
    const answers = await Promise.all(Array.from({ length: 7 }, () => baton.api.inject('/livez')))
    const elsewhere = await baton.api.inject({ url: '/livez', remoteAddress: '192.0.2.9' })
    await baton.close()

    assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [200, 200, 200, 200, 200, 429, 429])
    const refused = answers.find(({ statusCode }) => statusCode === 429)
    assert.equal(refused?.headers['retry-after'], '1')
    assert.equal(refused.headers['content-type'], 'application/problem+json')
    assert.equal(elsewhere.statusCode, 200)
  })

  it('no page of another site by a frame, and no browser by guessing types', async () => {
    const baton = await startApi()
    for (const url of ['/livez', '/docs', '/docs/static/swagger-ui-bundle.js', '/v1/nowhere']) {
      const { headers } = await baton.api.inject(url)
      assert.equal(headers['x-content-type-options'], 'nosniff', url)
      assert.equal(headers['x-frame-options'], 'DENY', url)
      assert.match(String(headers['content-security-policy']), /default-src 'self'.*frame-ancestors 'none'/, url)
    }
    // The documentation loads from its own origin only, and has no inline script.
    const { body } = await baton.api.inject('/docs/')
    await baton.close()

    assert.deepEqual(body.match(/<script(?! src="\.\/static\/[\w-]+\.js")[^>]*>/g), null)
    assert.deepEqual(body.match(/(?:src|href)="(?!\.\/static\/)[^"]*"/g), null)
  })

  it('no window of another site, where browsers heed that', async () => {
    const baton = await startApi({ proxies: ['10.0.0.5'] })
    const openerPolicy = async (headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
      (await baton.api.inject({ url: '/livez', headers, remoteAddress })).headers['cross-origin-opener-policy']
    const byTls = { 'x-forwarded-proto': 'https' }
    assert.equal(await openerPolicy({ 'sec-fetch-mode': 'navigate' }), 'same-origin')
    assert.equal(await openerPolicy(byTls, '10.0.0.5'), 'same-origin')
    assert.equal(await openerPolicy(byTls), undefined)
    assert.equal(await openerPolicy({}), undefined)
    await baton.close()
  })

  it('no other origin: the API sends no CORS headers', async () => {
    const baton = await startApi()
    const { headers } = await baton.api.inject({ url: '/v1/calls', headers: { origin: 'https://elsewhere.example' } })
    await baton.close()

    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('access-control')),
      [],
    )
  })
})

describe('what the API answers', () => {
  it('404 for paths that are not there, 405 with Allow for methods that a path does not take', async () => {
    const baton = await startApi()
    const nowhere = await baton.api.inject('/v1/nowhere')
    const wrong = await baton.api.inject({ method: 'DELETE', url: '/v1/projects/demo?x=1' })
    await baton.close()

    assert.equal(nowhere.statusCode, 404)
    assert.equal(nowhere.headers['content-type'], 'application/problem+json')
    assert.equal(wrong.statusCode, 405)
    assert.equal(wrong.headers.allow, 'GET, HEAD, PUT')
  })

  it('/livez and /readyz: 503 with the reasons while Baton is not well', async () => {
    const checks: HealthCheck[] = [{ name: 'draining', ok: false, state: 'failed', detail: 'no new calls are taken' }]
    const baton = await startApi({ health: () => ({ live: true, ready: false, checks }) })
    const live = await baton.api.inject('/livez')
    const ready = await baton.api.inject('/readyz')
    await baton.close()

    assert.deepEqual([live.statusCode, ready.statusCode], [200, 503])
    assert.deepEqual(ready.json(), { status: 'unavailable', checks })
  })

  it('/readyz: 200 while calls go on without a part, with its name', async () => {
    const checks: HealthCheck[] = [{ name: 'routes', ok: false, state: 'degraded', detail: 'Redis is away' }]
    const baton = await startApi({ health: () => ({ live: true, ready: true, checks }) })
    const [live, ready] = [await baton.api.inject('/livez'), await baton.api.inject('/readyz')]
    await baton.close()

    assert.deepEqual([live.statusCode, live.json<{ status: string }>().status], [200, 'ok'])
    assert.equal(ready.statusCode, 200)
    assert.deepEqual(ready.json(), { status: 'degraded', checks })
  })

  it('the pages at their addresses, without a token, and nothing beside their folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'baton-pages-'))
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), '<title>Baton</title>')
    writeFileSync(join(folder, 'assets/page-1.js'), 'page')
    writeFileSync(join(folder, 'addresses.json'), '["/","/handoffs","/p/*","/calls/:call"]')
    const baton = await startApi({ adminToken: 'secret', pages: folder })
    try {
      for (const address of ['/', '/handoffs', '/p/demo/handoffs', '/calls/abc']) {
        const { statusCode, headers, body } = await baton.api.inject(address)
        assert.equal(statusCode, 200, address)
        assert.match(String(headers['content-type']), /^text\/html/)
        assert.equal(body, '<title>Baton</title>')
        assert.match(String(headers['content-security-policy']), /default-src 'self'/)
      }
      const asset = await baton.api.inject('/assets/page-1.js')
      assert.equal(asset.body, 'page')
      assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable')
      for (const address of [
        '/assets/none.js',
        '/assets/..%2findex.html',
        '/assets/..%2f..%2fetc%2fpasswd',
        '/nothing',
      ]) {
        assert.equal((await baton.api.inject(address)).statusCode >= 400, true, address)
      }
      assert.equal((await baton.api.inject('/v1/projects')).statusCode, 401)
    } finally {
      await baton.close()
      rmSync(folder, { recursive: true })
    }
  })

  it('the documentation at / where the pages are not built', async () => {
    const baton = await startApi({ pages: 'no such folder' })
    const { statusCode, headers } = await baton.api.inject('/')
    await baton.close()

    assert.deepEqual([statusCode, headers.location], [302, '/docs'])
  })

  it('a line in the log for every change that was asked for', async () => {
    const baton = await startApi()
    await baton.api.inject('/v1/projects')
    await baton.api.inject({
      method: 'PUT',
      url: '/v1/projects/demo',
      payload: {},
      headers: { 'x-baton-actor': 'ann\n' },
    })
    await baton.close()

    assert.equal(baton.logged.length, 1)
    const [message, fields] = baton.logged[0]!
    assert.equal(message, 'api request')
    assert.deepEqual(
      { ...fields, seconds: 0 },
      {
        ...{ method: 'PUT', path: '/v1/projects/demo', status: 422, who: 'ann', from: '127.0.0.1', seconds: 0 },
      },
    )
  })

  it('in the shapes of the OpenAPI document', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'baton-doors-'))
    const audio = await openAudioStore({ dataDir })
    const baton = await startApi({ webhooks: webhooksWith(deadLetter), contexts: contextsWith(context), audio })
    await promoteDemo(baton)
    baton.calls.set('call-1', new FakeCall(callView()))
    await baton.api.inject({
      ...{ method: 'PUT', url: '/v1/projects/demo/audio/name.wav', payload: tone(1) },
      headers: { 'content-type': 'audio/wav' },
    })
    const { json } = await baton.api.inject('/docs/json')
    const { paths, components } = json<{
      paths: Record<string, { get?: { responses: Responses } }>
      components: object
    }>()
    type Responses = Record<string, { content: Record<string, { schema: object }> }>

    for (const [path, { get: call }] of Object.entries(paths)) {
      // Events do not end; a sign-in answers with the way to the provider.
      if (!call || path === '/v1/events' || call.responses['200'] === undefined) continue
      // They are not there without SECRETS_KEY.
      if (path.startsWith('/v1/twilio')) continue
      const values: Record<string, string> = {
        project: 'demo',
        version: '1',
        call: 'call-1',
        id: deadLetter.id,
        environment: 'live',
        release: '1',
        a: '1',
        b: 'draft',
        from: '1',
        to: 'live',
        name: 'name.wav',
      }
      const answer = await baton.api.inject(path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? name))
      assert.equal(answer.statusCode, 200, path)
      if (!answer.headers['content-type']?.toString().startsWith('application/json')) continue
      const { schema } = call.responses['200'].content['application/json']!
      assert.deepEqual(Value.Errors({ ...schema, components }, answer.json()), [], path)
    }
    await baton.close()
    rmSync(dataDir, { recursive: true })
  })

  it('nothing outside the OpenAPI document, on any path and method', async () => {
    // The test API checks each answer by itself.
    const baton = await startApi({ adminToken: 'secret' })
    const { paths } = baton.api.swagger() as { paths: Record<string, Record<string, unknown>> }
    const authorization = 'Bearer secret'
    const [json, text] = [{ 'content-type': 'application/json' }, { 'content-type': 'text/html' }]
    const oddities: { headers?: Record<string, string>; payload?: string; query?: Record<string, string> }[] = [
      {},
      { headers: { authorization } },
      { headers: { authorization, origin: 'https://elsewhere.example' } },
      { headers: { authorization, ...json }, payload: '{' },
      { headers: { authorization, ...json }, payload: '{"nonsense":1}' },
      { headers: { authorization, ...text }, payload: 'x' },
      { headers: { authorization, ...json }, payload: `"${'x'.repeat(5 * 1024 * 1024)}"` },
      { headers: { authorization, 'if-match': '"a", "b"' }, query: { limit: 'x' } },
      { headers: { authorization, 'if-match': '"a"', ...json }, payload: '{}' },
    ]
    const statuses = new Set<number>()
    for (const [pattern, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations)) {
        for (const value of ['demo', '%00', '1', 'x'.repeat(300)]) {
          const url = pattern.replace(/\{\w+\}/g, value)
          if (url === '/v1/events') continue
          for (const oddity of oddities) {
            const answer = await baton.api.inject({ method: method.toUpperCase() as 'GET', url, ...oddity })
            statuses.add(answer.statusCode)
          }
        }
      }
    }
    await baton.close()
    for (const status of [400, 401, 403, 404, 413, 415, 422]) assert.ok(statuses.has(status), String(status))
    assert.ok(!statuses.has(500))
  }).timeout(60_000)

  it('an OpenAPI document that names every call', async () => {
    const baton = await startApi()
    const { json } = await baton.api.inject('/docs/json')
    const document = json<{ openapi: string; paths: Record<string, Record<string, { summary?: string }>> }>()
    await baton.close()

    assert.match(document.openapi, /^3\.1/)
    for (const [path, method] of [
      ['/v1/projects', 'get'],
      ['/v1/projects/{project}', 'put'],
      ['/v1/projects/{project}/draft', 'put'],
      ['/v1/projects/{project}/versions', 'post'],
      ['/v1/projects/{project}/environments/{environment}/promote', 'post'],
      ['/v1/projects/{project}/environments/{environment}/rollback', 'post'],
      ['/v1/projects/{project}/explain', 'post'],
      ['/v1/projects/{project}/rehearsals', 'post'],
      ['/v1/trunks', 'get'],
      ['/v1/trunks/{trunk}/memory', 'delete'],
      ['/v1/webhooks/dead-letters', 'get'],
      ['/v1/calls', 'get'],
      ['/v1/calls/{call}', 'get'],
      ['/v1/calls/{call}/transfer', 'post'],
      ['/v1/calls/{call}/ladder', 'get'],
      ['/v1/calls/{call}/pcap', 'get'],
      ['/v1/calls/{call}/hangup', 'post'],
      ['/v1/events', 'get'],
    ] as const) {
      assert.ok(document.paths[path]?.[method]?.summary, `${method} ${path}`)
    }
  })
})

describe('the metrics listener', () => {
  it('serves /metrics and nothing else', async () => {
    const server = await buildMetricsServer({
      metrics: { contentType: 'text/plain; version=0.0.4', text: () => Promise.resolve('up 1\n') },
    })
    const metrics = await server.inject('/metrics')
    const other = await server.inject('/v1/calls')
    await server.close()

    assert.deepEqual(
      [metrics.statusCode, metrics.body, metrics.headers['content-type']],
      [200, 'up 1\n', 'text/plain; version=0.0.4'],
    )
    assert.equal(other.statusCode, 404)
  })
})

const context: ContextView = {
  ...{ id: 'kq3pQzJ2TV6d0mXbQ9x0Yw', callId: 'call-1', transferId: 'transfer-1', project: 'demo', environment: 'live' },
  ...{ handoff: 'front-desk', caller: { uri: 'sip:+1@a', number: '+1' }, called: '+2', variables: {}, states: [] },
  ...{ createdAt: '2026-01-05T09:00:00.000Z', expiresAt: '2026-01-05T10:00:00.000Z', context: [1, { two: null }] },
}
const contextsWith = (view: ContextView) => ({
  get: () => Promise.resolve(view),
  byCaller: () => Promise.resolve(view),
  byDialled: () => Promise.resolve(view),
})
