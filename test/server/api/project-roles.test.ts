import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts, type Accounts, type Grants } from '../../../server/access/index.ts'
import { Audit } from '../../../server/audit/index.ts'
import { callView, deadLetter, demo, FakeCall, startApi, webhooksWith, yaml, type TestApi } from './baton.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const adminToken = 'open-sesame'
const number = '+14155550123'

describe('a role for each project', () => {
  let dir: string
  let accounts: Accounts
  let audit: Audit
  let baton: TestApi
  /** Of olga: viewer everywhere, and operator in the project hotel. */
  let olga: string

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-roles-'))
    const settings = loadSettings({ env: { DATA_DIR: dir, ADMIN_TOKEN: adminToken } })
    accounts = await openAccounts(settings, log)
    audit = await Audit.open(settings, log)
    const event = { ...deadLetter.event, data: { call: callView() } }
    const letter = (project: string) => ({ ...deadLetter, id: `letter-${project}`, event: { ...event, project } })
    baton = await startApi({
      ...{ accounts, access: accounts.access, audit },
      webhooks: webhooksWith(letter('demo'), letter('hotel')),
    })
    for (const project of ['demo', 'hotel']) {
      const payload = demo
        .replace('project: demo', `project: ${project}`)
        .replaceAll('+1415555', `+1415${project.length}55`)
      const { statusCode } = await send('PUT', `/v1/projects/${project}`, adminToken, payload, yaml)
      assert.equal(statusCode, 201)
      baton.calls.set(project, new FakeCall(callView({ id: project, project })))
    }
    olga = await tokenWith({ name: 'olga', role: 'viewer', projectRoles: { hotel: 'operator' } })
  })
  afterEach(async () => {
    await baton.close()
    await audit.close()
    await accounts.close()
    await rm(dir, { recursive: true, force: true })
  })

  type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  const send = (method: Method, url: string, token: string, payload?: object | string, headers: object = {}) =>
    baton.api.inject({
      ...{ method, url, headers: { authorization: `Bearer ${token}`, ...headers } },
      ...(payload !== undefined && { payload }),
    })
  const tokenWith = async (token: object): Promise<string> => {
    const made = await send('POST', '/v1/tokens', adminToken, token)
    assert.equal(made.statusCode, 201, made.body)

    return made.json<{ token: string }>().token
  }
  const statuses = async (token: string, method: Method, urlOf: (project: string) => string, payload?: object) => {
    const answers = ['hotel', 'demo'].map(
      async (project) => (await send(method, urlOf(project), token, payload)).statusCode,
    )

    return Promise.all(answers)
  }

  it('decides what may be changed there, and says which role is missing where', async () => {
    const handoff = { name: 'spa', route: 'sip:spa@127.0.0.1:9' }
    const add = (project: string) => `/v1/projects/${project}/draft/handoffs`
    assert.deepEqual(await statuses(olga, 'POST', add, handoff), [201, 403])
    assert.deepEqual(await statuses(olga, 'GET', (project) => `/v1/projects/${project}/draft`), [200, 200])
    const refused = await send('POST', '/v1/projects/hotel/versions', olga, { message: 'mine' })
    const { detail, needs } = refused.json<{ detail: string; needs: string }>()
    assert.deepEqual([detail, needs], ['This needs the role publisher; olga is operator in hotel.', 'publisher'])
    assert.match((await send('POST', add('demo'), olga, handoff)).body, /needs the role operator; olga is viewer\./)
    assert.deepEqual(await statuses(olga, 'POST', (id) => `/v1/calls/${id}/hangup`), [202, 403])
    const transfer = { handoff: 'front-desk' }
    assert.deepEqual(await statuses(olga, 'POST', (id) => `/v1/calls/${id}/transfer`, transfer), [202, 403])
    const replay = (project: string) => `/v1/webhooks/dead-letters/letter-${project}/replay`
    assert.deepEqual(await statuses(olga, 'POST', replay), [202, 403])
  })

  it('opens nothing that concerns all projects, and no other project', async () => {
    const limited = { projects: ['hotel', 'demo'], projectRoles: { hotel: 'admin' } }
    const climber = await tokenWith({ name: 'climber', role: 'viewer', ...limited })
    const raised = await tokenWith({ name: 'raised', role: 'viewer', projectRoles: { hotel: 'admin' } })
    const lowered = await tokenWith({ name: 'lowered', role: 'admin', projectRoles: { hotel: 'viewer' } })
    const more = { name: 'more', role: 'admin' }
    for (const token of [olga, climber, raised, lowered]) {
      for (const [method, url, payload] of [
        ['GET', '/v1/people', undefined],
        ['POST', '/v1/tokens', more],
        ['POST', '/v1/people', { ...more, password: 'correct horse battery' }],
        ['DELETE', '/v1/trunks/local/memory', undefined],
        ['POST', '/v1/webhooks/dead-letters/replay', {}],
        ['DELETE', '/v1/webhooks/dead-letters', undefined],
        ['POST', '/v1/targets/x/disable', {}],
        ['POST', '/v1/doctor', {}],
      ] as const) {
        assert.equal((await send(method, url, token, payload)).statusCode, 403, `${method} ${url}`)
      }
    }
    const { body } = await send('POST', '/v1/tokens', lowered, more)
    assert.match(body, /needs the role admin in all projects; lowered has another role in some/)
    assert.equal((await send('PUT', '/v1/projects/hotel', lowered, demo, yaml)).statusCode, 403)
    assert.equal((await send('PUT', '/v1/projects/third', climber, demo, yaml)).statusCode, 403)
    assert.equal((await send('PUT', '/v1/projects/constructor', raised, demo, yaml)).statusCode, 403)
    const { history } = (await send('GET', '/v1/history', raised)).json<{ history: { project?: string }[] }>()
    assert.ok(history.every(({ project }) => project !== undefined))
  })

  it('shows the numbers of callers there alone: in lists, searches, calls, dead letters and the history', async () => {
    const seen = async (token: string, url: string) => (await send('GET', url, token)).body.includes('5550123')
    const shown = ['hotel', 'demo'].map((id) => seen(olga, `/v1/calls/${id}`))
    assert.deepEqual(await Promise.all(shown), [true, false])
    const letters = ['hotel', 'demo'].map((project) => seen(olga, `/v1/webhooks/dead-letters/letter-${project}`))
    assert.deepEqual(await Promise.all(letters), [true, false])
    const { calls } = (await send('GET', '/v1/calls', olga)).json<{
      calls: { project: string; caller: { number: string } }[]
    }>()
    assert.deepEqual(Object.fromEntries(calls.map(({ project, caller }) => [project, caller.number])), {
      ...{ hotel: number, demo: '+*********23' },
    })
    // A search that finds the call would tell the number digit by digit.
    const found = (await send('GET', '/v1/calls?number=5550123', olga)).json<{ calls: { project: string }[] }>()
    assert.deepEqual(
      found.calls.map(({ project }) => project),
      ['hotel'],
    )
    const csv = (await send('GET', '/v1/calls.csv', olga)).body.split('\r\n').filter((line) => line.includes(number))
    assert.equal(csv.length, 1)

    const body = { handoff: 'front-desk', reason: `call back at ${number}` }
    for (const id of ['hotel', 'demo']) await send('POST', `/v1/calls/${id}/transfer`, adminToken, body)
    const { history } = (await send('GET', '/v1/history', olga)).json<{
      history: { project: string; request?: { body?: unknown; path: string } }[]
    }>()
    const kept = history.filter(({ request }) => request?.path.endsWith('/transfer'))
    assert.deepEqual(Object.fromEntries(kept.map(({ project, request }) => [project, request?.body !== undefined])), {
      ...{ hotel: true, demo: false },
    })
  })

  it('of a token of one purpose keeps to the purpose, and to the project', async () => {
    const agent = await tokenWith({ name: 'platform', role: 'viewer', projectRoles: { hotel: 'agent' } })
    const transfer = { handoff: 'front-desk' }
    assert.deepEqual(await statuses(agent, 'POST', (id) => `/v1/calls/${id}/transfer`, transfer), [202, 403])
    assert.deepEqual(await statuses(agent, 'GET', (id) => `/v1/calls/${id}`), [403, 200])
    const { calls } = (await send('GET', '/v1/calls', agent)).json<{ calls: { id: string }[] }>()
    assert.deepEqual(
      calls.map(({ id }) => id),
      ['demo'],
    )
    const { projects } = (await send('GET', '/v1/projects', agent)).json<{ projects: { project: string }[] }>()
    assert.deepEqual(
      projects.map(({ project }) => project),
      ['demo'],
    )
  })

  it('is set and told by the API of people, which goes on to take a role and projects alone', async () => {
    const password = 'correct horse battery'
    const add = (person: object) => send('POST', '/v1/people', adminToken, { password, ...person })
    assert.equal((await add({ name: 'ann', role: 'operator', projects: ['demo'] })).statusCode, 201)
    const stray = await add({ name: 'bob', role: 'viewer', projects: ['demo'], projectRoles: { hotel: 'admin' } })
    assert.equal(stray.statusCode, 422)
    assert.match(stray.body, /\/projectRoles\/hotel: hotel is not one of projects/)
    for (const projectRoles of [{ hotel: 'king' }, { hotel: 'agent' }, { '../x': 'viewer' }, ['hotel']]) {
      assert.equal((await add({ name: 'bob', role: 'viewer', projectRoles })).statusCode, 422)
    }
    const change = async (changes: object) =>
      (await send('PATCH', '/v1/people/ann', adminToken, changes)).json<Grants>()
    const grantsIn = ({ role, projects, projectRoles }: Grants) => ({ role, projects, projectRoles })
    const grants = { role: 'operator', projects: ['demo', 'hotel'], projectRoles: { hotel: 'viewer' } }
    const { projects, projectRoles } = grants
    assert.deepEqual(grantsIn(await change({ projects, projectRoles })), grants)
    const { secret } = await accounts.sessions.begin('ann')
    const session = await baton.api.inject({ url: '/v1/session', headers: { cookie: `baton_session=${secret}` } })
    const { principal } = session.json<{ principal: Grants & { seesNumbers: boolean } }>()
    assert.deepEqual({ ...grantsIn(principal), seesNumbers: principal.seesNumbers }, { ...grants, seesNumbers: true })
    assert.equal('projectRoles' in (await change({ projectRoles: null })), false)
  })
})
