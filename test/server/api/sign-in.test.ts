import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts, type Accounts } from '../../../server/access/index.ts'
import { callView, FakeCall, startApi, type TestApi } from './baton.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const password = 'correct horse battery'
const origin = 'http://localhost:8080'
const host = 'localhost:8080'

describe('signing in', function () {
  this.timeout(60_000)
  let dir: string
  let accounts: Accounts
  let baton: TestApi

  const open = async (env: Record<string, string> = {}) => {
    accounts = await openAccounts(loadSettings({ env: { DATA_DIR: dir, ...env } }), log)
    const settings = loadSettings({ env: { DATA_DIR: dir, ...env } })
    const { proxies, publicUrl } = settings.http
    baton = await startApi({
      accounts,
      access: accounts.access,
      proxies,
      ...(publicUrl !== undefined && { publicUrl }),
    })
  }
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-access-'))
    await open()
  })
  afterEach(async () => {
    await baton.close()
    await accounts.close()
    await rm(dir, { recursive: true, force: true })
  })

  const send = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object, headers = {}) =>
    baton.api.inject({ method, url, headers: { host, ...headers }, ...(payload && { payload }) })
  const signIn = async (name: string, secret = password, headers: Record<string, string> = { origin }) => {
    const answer = await send('POST', '/v1/sign-in', { name, password: secret }, headers)
    const [cookie] = answer.cookies as { name: string; value: string; [attribute: string]: unknown }[]

    return { answer, cookie, as: { origin, cookie: cookie ? `${cookie.name}=${cookie.value}` : '' } }
  }

  it('is needed once there is a person, and not before', async () => {
    assert.equal((await send('GET', '/v1/calls')).statusCode, 200)
    assert.deepEqual((await send('GET', '/v1/session')).json(), {
      ...{ needsSignIn: false, ways: ['password'] },
      principal: { kind: 'open', name: '', role: 'admin', seesNumbers: true },
      roles: ['viewer', 'operator', 'publisher', 'admin'],
    })
    const viewer = await send('POST', '/v1/people', { name: 'bob', password, role: 'viewer' })
    assert.equal(viewer.statusCode, 409)
    assert.equal((await send('POST', '/v1/people', { name: 'ann', password, role: 'admin' })).statusCode, 201)
    assert.equal((await send('GET', '/v1/calls')).statusCode, 401)
    const session = (await send('GET', '/v1/session')).json<{ needsSignIn: boolean; principal?: object }>()
    assert.deepEqual([session.needsSignIn, session.principal], [true, undefined])
  })

  it('gives a session by a cookie that scripts and other sites do not have, and signing out ends it', async () => {
    await accounts.people.add('ann', password, { role: 'admin' })
    const { answer, cookie, as } = await signIn('ann')
    assert.equal(answer.statusCode, 204)
    const { value, expires, ...attributes } = cookie!
    assert.deepEqual(attributes, { name: 'baton_session', path: '/', httpOnly: true, sameSite: 'Lax' })
    assert.ok(value.length >= 43)
    assert.ok(Math.abs((expires as Date).getTime() - Date.now() - 43_200_000) < 60_000)
    assert.equal((await send('GET', '/v1/calls', undefined, as)).statusCode, 200)
    assert.equal((await send('GET', '/v1/people', undefined, as)).json<{ people: object[] }>().people.length, 1)
    const far = await baton.api.inject({
      ...{ method: 'POST', url: '/v1/sign-in', payload: { name: 'ann', password } },
      headers: { host: 'baton.example', origin: 'https://baton.example' },
    })
    const secure = far.cookies[0] as { name: string; secure?: boolean }
    assert.deepEqual([secure.name, secure.secure], ['__Host-baton_session', true])

    assert.equal((await send('POST', '/v1/sign-out', {}, as)).statusCode, 204)
    assert.equal((await send('GET', '/v1/calls', undefined, as)).statusCode, 401)
    // The other session goes on until the person signs out everywhere.
    const other = {
      host: 'baton.example',
      origin: 'https://baton.example',
      cookie: `__Host-baton_session=${far.cookies[0]!.value}`,
    }
    assert.equal((await send('GET', '/v1/calls', undefined, other)).statusCode, 200)
    const again = await signIn('ann')
    await send('POST', '/v1/sign-out', { everywhere: true }, again.as)
    for (const headers of [other, again.as]) {
      assert.equal((await send('GET', '/v1/calls', undefined, headers)).statusCode, 401)
    }
  })

  it('by cookie changes nothing without an Origin of this site', async () => {
    await accounts.people.add('ann', password, { role: 'admin' })
    const { as } = await signIn('ann')
    const add = (headers: object) => send('POST', '/v1/tokens', { name: 'x', role: 'agent' }, headers)

    assert.equal((await add({ cookie: as.cookie })).statusCode, 403)
    assert.equal((await add({ ...as, origin: 'https://attacker.example' })).statusCode, 403)
    assert.equal((await add({ ...as, origin: 'null' })).statusCode, 403)
    assert.equal((await add(as)).statusCode, 201)
  })

  it('is refused alike for a wrong password and an unknown name, and after ten attempts for a name altogether', async () => {
    await accounts.people.add('ann', password, { role: 'admin' })
    const wrong = await signIn('ann', 'not the password')
    const unknown = await signIn('not-known', password)
    assert.deepEqual([wrong.answer.statusCode, wrong.answer.json()], [401, unknown.answer.json()])
    for (let n = 1; n < 10; n++) await signIn('ann', `guess number ${n}`)
    const limited = await signIn('ann')
    assert.equal(limited.answer.statusCode, 429)
    assert.ok(Number(limited.answer.headers['retry-after']) > 0)
    // A session that has begun, and a token, go on.
    assert.equal((await signIn('someone-else', password)).answer.statusCode, 401)
  })

  it('lasts until the role, the password or the person is changed, on every Baton of the store', async () => {
    await accounts.people.add('ann', password, { role: 'admin' })
    await accounts.people.add('bob', password, { role: 'viewer' })
    const { as } = await signIn('bob')
    const add = () => send('PUT', '/v1/projects/demo', {}, as)
    assert.equal((await add()).statusCode, 403)
    await accounts.people.change('bob', { role: 'operator' })
    assert.equal((await add()).statusCode, 422)
    await accounts.people.setPassword('bob', 'another long password')
    assert.equal((await add()).statusCode, 401)
    const again = await signIn('bob', 'another long password')
    const other = await openAccounts(loadSettings({ env: { DATA_DIR: dir } }), log)
    assert.equal(other.access.bySession(again.cookie!.value)?.role, 'operator')
    await other.people.remove('bob')
    await accounts.tokens.create({ name: 'reads-anew', role: 'viewer' }, 'test')
    assert.equal((await send('GET', '/v1/calls', undefined, again.as)).statusCode, 401)
    await other.close()
  })

  it('expires', async () => {
    await accounts.people.add('ann', password, { role: 'admin' })
    await baton.close()
    await accounts.close()
    await open({ SESSION_LIFETIME: '60' })
    const { cookie } = await signIn('ann')
    assert.ok((cookie!.expires as Date).getTime() <= Date.now() + 60_000)
    assert.equal(accounts.access.bySession(cookie!.value)?.name, 'ann')
  })

  it('of many people behind a proxy is limited by their own addresses, which no one else may claim', async () => {
    await accounts.people.add('ann', password, { role: 'admin' })
    await baton.close()
    await accounts.close()
    await open({ HTTP_PROXIES: '127.0.0.1', PUBLIC_URL: 'https://baton.example' })
    const by = (client: string, more = {}) => ({ origin: 'https://baton.example', 'x-forwarded-for': client, ...more })
    for (let n = 0; n < 10; n++) await signIn('ann', `guess number ${n}`, by('198.51.100.7'))
    assert.equal((await signIn('ann', password, by('198.51.100.7'))).answer.statusCode, 429)
    // The nearest address is the one that the proxy has seen.
    assert.equal((await signIn('ann', password, by('203.0.113.9, 198.51.100.7'))).answer.statusCode, 429)
    const { answer, cookie } = await signIn('ann', password, by('203.0.113.9'))
    assert.equal(answer.statusCode, 204)
    assert.equal(cookie?.name, '__Host-baton_session')
    const elsewhere = by('203.0.113.9', { 'x-forwarded-host': 'other.example', origin: 'https://other.example' })
    assert.equal((await signIn('ann', password, elsewhere)).answer.statusCode, 204)
    assert.equal(
      (await signIn('ann', password, by('203.0.113.9', { origin: 'https://evil.example' }))).answer.statusCode,
      403,
    )

    await baton.close()
    await accounts.close()
    await open()
    // Without HTTP_PROXIES, what a client says of itself counts for nothing.
    for (let n = 0; n < 10; n++) {
      await signIn('ann', `guess number ${n}`, { origin, 'x-forwarded-for': `203.0.113.${n}` })
    }
    assert.equal((await signIn('ann', password)).answer.statusCode, 429)
    const forged = { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' }
    assert.equal((await signIn('ann', password, forged)).answer.statusCode, 403)
  })

  it('keeps answers out of caches, which other people of a browser share', async () => {
    for (const url of ['/v1/session', '/v1/calls', '/v1/nothing', '/v1/people']) {
      assert.equal((await send('GET', url)).headers['cache-control'], 'no-store', url)
    }
  })

  it('is of one’s own password, which one may change', async () => {
    await accounts.people.add('ann', password, { role: 'admin' })
    const { as } = await signIn('ann')
    const change = (current: string) =>
      send('PUT', '/v1/session/password', { current, password: 'the next password' }, as)

    assert.equal((await change('wrong one it is')).statusCode, 422)
    assert.equal((await change(password)).statusCode, 204)
    assert.equal((await signIn('ann', password)).answer.statusCode, 401)
    assert.equal((await signIn('ann', 'the next password')).answer.statusCode, 204)
  })
})

describe('an API token', function () {
  this.timeout(60_000)

  it('is shown once, stored hashed, limited to its role, projects and time, and revoked', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'baton-access-'))
    const accounts = await openAccounts(loadSettings({ env: { DATA_DIR: dir, ADMIN_TOKEN: 'open-sesame' } }), log)
    const baton = await startApi({ accounts, access: accounts.access })
    baton.calls.set('call-1', new FakeCall(callView()))
    baton.calls.set('call-2', new FakeCall(callView({ id: 'call-2', project: 'hotel' })))
    const send = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, token = 'open-sesame') =>
      baton.api.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...(payload && { payload }) })
    const made = await send('POST', '/v1/tokens', { name: 'voice-agent', role: 'agent', projects: ['demo'] })
    const { token, id, ...shown } = made.json<{ token: string; id: string; digest?: string }>()
    const transfer = (call: string) => send('POST', `/v1/calls/${call}/transfer`, { handoff: 'desk' }, token)

    assert.equal(made.statusCode, 201)
    assert.equal(shown.digest, undefined)
    assert.equal((await transfer('call-1')).statusCode, 202)
    assert.equal((await transfer('call-2')).statusCode, 403)
    for (const url of ['/v1/calls', '/v1/calls/call-1', '/v1/events', '/v1/projects', '/v1/tokens', '/docs/json']) {
      assert.equal((await send('GET', url, undefined, token)).statusCode, 403, url)
    }
    assert.equal((await send('POST', '/v1/calls/call-1/hangup', undefined, token)).statusCode, 403)
    const list = await send('GET', '/v1/tokens')
    assert.ok(!list.body.includes(token))
    const [used] = list.json<{ tokens: { lastUsedAt?: string; lastUsedFrom?: string }[] }>().tokens
    assert.equal(used?.lastUsedFrom, '127.0.0.1')
    assert.ok(Math.abs(Date.parse(used.lastUsedAt ?? '') - Date.now()) < 20_000)
    assert.equal((await send('POST', '/v1/tokens', { name: 'voice-agent', role: 'agent' })).statusCode, 409)
    const past = { name: 'late', role: 'agent', expiresAt: '2020-01-01T00:00:00Z' }
    assert.equal((await send('POST', '/v1/tokens', past)).statusCode, 422)
    // The last use is written when Baton stops, and once a minute before.
    await baton.close()
    await accounts.close()
    const again = await openAccounts(loadSettings({ env: { DATA_DIR: dir, ADMIN_TOKEN: 'open-sesame' } }), log)
    const [stored] = again.tokens.list()
    assert.equal(stored?.lastUsedFrom, '127.0.0.1')
    assert.equal(again.access.byToken(token)?.role, 'agent')
    await again.tokens.revoke(id)
    assert.equal(again.access.byToken(token), undefined)
    await again.close()
    await rm(dir, { recursive: true, force: true })
  })
})
