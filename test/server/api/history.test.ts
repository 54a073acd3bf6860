import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts, type Accounts } from '../../../server/access/index.ts'
import { Audit, type AuditEntry } from '../../../server/audit/index.ts'
import { needs } from '../../harness/needs.ts'
import { RedisServer } from '../../routes/redis-server.ts'
import { callView, demo, FakeCall, startApi, yaml, type TestApi } from './baton.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const password = 'correct horse battery'

interface Page {
  history: AuditEntry[]
  next?: string
}

describe('the history of every change', function () {
  this.timeout(30_000)
  let dir: string
  let accounts: Accounts
  let audit: Audit
  let baton: TestApi
  const open = async (env: Record<string, string> = {}) => {
    const settings = loadSettings({ env: { DATA_DIR: dir, ADMIN_TOKEN: 'open-sesame', ...env } })
    accounts = await openAccounts(settings, log)
    audit = await Audit.open(settings, log)
    baton = await startApi({ accounts, access: accounts.access, audit })
  }
  const close = async () => {
    await baton.close()
    await accounts.close()
    await audit.close()
  }
  beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'baton-audit-'))))
  afterEach(() => rm(dir, { recursive: true, force: true }))

  const send = (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object | string,
    token = 'open-sesame',
  ) =>
    baton.api.inject({
      ...{ method, url },
      headers: { authorization: `Bearer ${token}`, ...(typeof payload === 'string' && yaml) },
      ...(payload !== undefined && { payload }),
    })
  const history = async (query = '', token?: string) =>
    (await send('GET', `/v1/history${query}`, undefined, token)).json<Page>()

  it('says who, from where, and what was before and after; refused changes too; no secret', async () => {
    await open()
    const { secret: viewer } = await accounts.tokens.create({ name: 'watch', role: 'viewer' }, 'test')
    baton.calls.set('call-1', new FakeCall(callView()))
    await send('PUT', '/v1/projects/demo', demo)
    await send('PATCH', '/v1/projects/demo/draft/handoffs/front-desk', { route: 'sip:other@127.0.0.1:1' })
    await send('POST', '/v1/projects/demo/versions', {}, viewer)
    await send('DELETE', '/v1/projects/demo/draft/handoffs/duty-manager')
    await send('POST', '/v1/people', { name: 'ann', password, role: 'viewer' })
    await send('PATCH', '/v1/people/ann', { role: 'operator' })
    await send('POST', '/v1/tokens', { name: 'platform', role: 'agent' })
    await send('POST', '/v1/projects/demo/explain', { environment: 'live' })
    await send('POST', '/v1/calls/call-1/transfer', { handoff: 'front-desk', variables: { note: 'of +14155550123' } })
    await send('POST', '/v1/calls/call-1/hangup', undefined, 'wrong-token')
    await send('POST', '/v1/sign-in', { name: 'ann', password })
    const told = await history()
    const files = await readdir(join(dir, 'audit'))
    const text = await readFile(join(dir, 'audit', files[0]!), 'utf8')
    const { mode } = await stat(join(dir, 'audit', files[0]!))
    const forViewer = await history('', viewer)
    await close()

    assert.deepEqual(
      told.history
        .map(({ who, kind, result, status, request }) => [
          who,
          kind,
          result,
          status,
          `${request?.method ?? ''} ${request?.path ?? ''}`,
        ])
        .reverse(),
      [
        ['admin', 'admin_token', 'done', 201, 'PUT /v1/projects/demo'],
        ['admin', 'admin_token', 'done', 200, 'PATCH /v1/projects/demo/draft/handoffs/front-desk'],
        ['watch', 'token', 'refused', 403, 'POST /v1/projects/demo/versions'],
        ['admin', 'admin_token', 'refused', 422, 'DELETE /v1/projects/demo/draft/handoffs/duty-manager'],
        ['admin', 'admin_token', 'done', 201, 'POST /v1/people'],
        ['admin', 'admin_token', 'done', 200, 'PATCH /v1/people/ann'],
        ['admin', 'admin_token', 'done', 201, 'POST /v1/tokens'],
        ['admin', 'admin_token', 'done', 202, 'POST /v1/calls/call-1/transfer'],
        ['anonymous', 'open', 'refused', 401, 'POST /v1/calls/call-1/hangup'],
        ['ann', 'admin_token', 'done', 204, 'POST /v1/sign-in'],
      ],
    )
    const [, edit, refused, , , role] = [...told.history].reverse()
    assert.deepEqual(edit?.changes, [
      {
        ...{ kind: 'changed', what: 'handoff', name: 'front-desk', field: 'route' },
        ...{ before: 'sip:front-desk@127.0.0.1:5092', after: 'sip:other@127.0.0.1:1' },
      },
    ])
    assert.equal(edit.from, '127.0.0.1')
    assert.equal(refused?.problem, 'This needs the role publisher; watch is viewer.')
    assert.deepEqual(
      [role?.before, role?.after].map((person) => (person as { role: string }).role),
      ['viewer', 'operator'],
    )
    for (const secret of [password, 'wrong-token', 'open-sesame', 'baton_']) assert.ok(!text.includes(secret), secret)
    assert.equal(mode & 0o777, 0o600)
    // Of people and tokens, only admins are told; and viewers see no bodies, which may have numbers.
    assert.deepEqual(
      forViewer.history.map(({ project }) => project),
      ['demo', 'demo', 'demo', 'demo', 'demo', 'demo'].slice(0, forViewer.history.length),
    )
    assert.doesNotMatch(JSON.stringify(forViewer), /5550123/)
    assert.match(JSON.stringify(told), /5550123/)
  })

  const pages = async () => {
    for (let n = 1; n <= 7; n++) await send('POST', '/v1/tokens', { name: `t${n}`, role: 'agent' })
    await send('DELETE', '/v1/tokens/none')
    const first = await history('?limit=3')
    const second = await history(`?limit=3&cursor=${first.next}`)
    const third = await history(`?limit=3&cursor=${second.next}`)
    const all = [first, second, third].flatMap((page) => page.history)
    assert.deepEqual(
      all.map(({ request }) => (request?.body as { name: string } | undefined)?.name),
      [undefined, 't7', 't6', 't5', 't4', 't3', 't2', 't1'],
    )
    assert.equal(third.next, undefined)
    assert.deepEqual(
      (await history('?result=refused')).history.map(({ status }) => status),
      [404],
    )
    assert.equal((await history('?who=ann')).history.length, 0)
    assert.equal((await history('?text=make+an+api')).history.length, 7)
    assert.equal((await history('?to=2020-01-01T00:00:00Z')).history.length, 0)
  }

  it('is read by pages and filters, and exported as NDJSON and CSV', async () => {
    await open()
    await pages()
    await send('PUT', '/v1/people/=cmd/password', { password })
    const ndjson = await send('GET', '/v1/history?format=ndjson')
    const csv = await send('GET', '/v1/history?format=csv&limit=2')
    await close()

    assert.equal(ndjson.body.trim().split('\n').length, 9)
    assert.match(String(ndjson.headers['content-disposition']), /baton-history\.ndjson/)
    const [header, line] = csv.body.split('\n')
    assert.match(header!, /^id,at,who,kind,from,action,method,path/)
    assert.match(line!, /,admin,admin_token,127\.0\.0\.1,Set a person’s password,PUT,/)
  })

  it('runs nothing in a spreadsheet, whatever someone calls themselves or a thing', async () => {
    await open()
    const names = ['=HYPERLINK("http://evil.example")', '+1+1', '-2+3', '@SUM(A1)', '  =1+1', 'ann,"bob"']
    for (const name of names) {
      await baton.api.inject({
        ...{ method: 'POST', url: '/v1/tokens', payload: { name: 'no name', role: 'agent' } },
        headers: { authorization: 'Bearer open-sesame', 'x-baton-actor': name },
      })
    }
    const csv = await send('GET', '/v1/history?format=csv')
    const ndjson = await send('GET', '/v1/history?format=ndjson')
    await close()

    const told = ndjson.body.trim().split('\n')
    assert.deepEqual(
      told.map((line) => (JSON.parse(line) as AuditEntry).who).reverse(),
      names.map((name) => name.trim()),
    )
    const cells = csv.body.split('\n').flatMap((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/))
    const formulas = cells.filter((cell) => /^"?[=+\-@\t\r]/.test(cell))
    assert.deepEqual(formulas, [])
    assert.equal(csv.body.trim().split('\n').length, 1 + names.length)
  })

  it('has no room for a flood of requests without a token', async () => {
    await open()
    for (let n = 0; n < 40; n++) await send('POST', '/v1/calls/x/hangup', undefined, 'wrong')
    const { history: entries } = await history()
    await close()

    assert.equal(entries.length, 10)
  })

  describe('in Redis', () => {
    needs('redis-server')

    it('is shared by all Batons', async () => {
      const redis = await RedisServer.start()
      await open({ REDIS_URL: redis.url })
      await pages()
      await close()
      await redis.stop()
    })
  })
})
