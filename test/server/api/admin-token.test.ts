import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts, type Accounts } from '../../../server/access/index.ts'
import { Audit } from '../../../server/audit/index.ts'
import { demo, startApi, yaml, type TestApi } from './baton.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const adminToken = 'open-sesame'
const password = 'correct horse battery'
const origin = { host: 'localhost', origin: 'http://localhost' }

describe('ADMIN_TOKEN beside accounts', () => {
  let dir: string
  let accounts: Accounts
  let audit: Audit
  let baton: TestApi
  let cookie: string

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-admin-'))
    const settings = loadSettings({ env: { DATA_DIR: dir, ADMIN_TOKEN: adminToken } })
    accounts = await openAccounts(settings, log)
    audit = await Audit.open(settings, log)
    baton = await startApi({ accounts, access: accounts.access, audit })
    await accounts.people.add('admin', password, { role: 'viewer' })
    cookie = `baton_session=${(await accounts.sessions.begin('admin')).secret}`
  })
  afterEach(async () => {
    await baton.close()
    await audit.close()
    await accounts.close()
    await rm(dir, { recursive: true, force: true })
  })

  const bearer = { authorization: `Bearer ${adminToken}` }
  const send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, headers: object, payload?: object | string) =>
    baton.api.inject({ method, url, headers: { ...headers }, ...(payload !== undefined && { payload }) })
  const kindOf = async (headers: object) => {
    const { principal } = (await send('GET', '/v1/session', headers)).json<{
      principal?: { kind: string; role: string }
    }>()

    return principal && [principal.kind, principal.role]
  }

  it('goes on to be an admin’s, whatever a person is called and may do', async () => {
    assert.deepEqual(await kindOf(bearer), ['admin_token', 'admin'])
    assert.deepEqual(await kindOf({ cookie }), ['account', 'viewer'])
    // The header is the proof where a browser sends both.
    assert.deepEqual(await kindOf({ ...bearer, cookie }), ['admin_token', 'admin'])
    assert.equal(await kindOf({ authorization: 'Bearer open-sesam', cookie }), undefined)
    assert.equal((await send('PUT', '/v1/projects/demo', { ...yaml, ...bearer }, demo)).statusCode, 201)
    const byCookie = { ...yaml, ...origin, cookie }
    assert.equal((await send('PUT', '/v1/projects/demo', byCookie, demo)).statusCode, 403)
  })

  it('is no password, has none, and is a way in after the last person has gone', async () => {
    const signIn = (name: string, secret: string) => send('POST', '/v1/sign-in', origin, { name, password: secret })
    assert.equal((await signIn('admin', adminToken)).statusCode, 401)
    assert.equal((await signIn('admin', password)).statusCode, 204)
    const change = { current: adminToken, password: 'another long password' }
    assert.equal((await send('PUT', '/v1/session/password', bearer, change)).statusCode, 409)
    assert.equal((await send('DELETE', '/v1/people/admin', bearer)).statusCode, 204)
    assert.equal((await send('GET', '/v1/people', {})).statusCode, 401)
    assert.equal((await send('GET', '/v1/people', bearer)).statusCode, 200)
  })

  it('may name in the history who uses it, which a session may not', async () => {
    const named = { 'x-baton-actor': 'night shift' }
    await send('POST', '/v1/tokens', { ...bearer, ...named }, { name: 'ci', role: 'viewer' })
    await send('POST', '/v1/tokens', { ...origin, cookie, ...named }, { name: 'mine', role: 'admin' })
    const { history } = (await send('GET', '/v1/history', bearer)).json<{
      history: { who: string; kind: string; result: string }[]
    }>()
    assert.deepEqual(
      history.map(({ who, kind, result }) => [who, kind, result]),
      [
        ['admin', 'account', 'refused'],
        ['night shift', 'admin_token', 'done'],
      ],
    )
  })
})
