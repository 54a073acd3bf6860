import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noProbe } from '../../../base/probe.ts'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts, type Accounts } from '../../../server/access/index.ts'
import { Audit, type AuditEntry } from '../../../server/audit/index.ts'
import { TargetWatch } from '../../../server/targets/index.ts'
import { openAudioStore } from '../../../server/audio/index.ts'
import { tone } from '../audio/tone.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { TwilioConnection } from '../../../server/twilio/index.ts'
import { TwilioStandIn } from '../../harness/twilio-stand-in.ts'
import { callView, deadLetter, demo, FakeCall, startApi, webhooksWith, yaml, type TestApi } from './baton.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const password = 'correct horse battery'
const adminToken = 'open-sesame'
const json = { 'content-type': 'application/json' }
const environment = '/v1/projects/demo/environments/live'
const table = JSON.stringify({ handoffs: [{ name: 'front-desk', default: true, route: 'sip:new@127.0.0.1:5092' }] })
const settings = JSON.stringify({ numbers: ['+14155550111'], agents: ['sip:agent@127.0.0.1:5090'] })
const hours = { name: 'office', time_zone: 'Europe/London', weekly: { mon: ['09:00-12:00'] } }
const trunk = {
  ...{ name: 'carrier', peers: [], gateways: [], numberFormat: 'e164', refer: true, referMemory: 60, srtpMemory: 60 },
  memory: [{ refused: 'refer' as const, what: '403 Forbidden', until: '2026-03-02T11:00:00.000Z' }],
  caps: [{ prefix: '+44', used: 3, callsPerDay: 10, resetsAt: '2026-03-03T00:00:00.000Z' }],
}
const unused = trunk.caps.map((cap) => ({ ...cap, used: 0 }))

/** The body as the history has it: no document, no file and no password. */
function askedIn(body: Change['body']): object | undefined {
  if (typeof body !== 'object' || Buffer.isBuffer(body)) return undefined

  return 'password' in body ? { ...body, password: '***' } : body
}

/** A change of one route: what is sent, and which of before, after and changes its entry has. */
interface Change {
  url?: string
  body?: object | string | Buffer
  status: number
  before?: unknown
  after?: unknown
  /** Fields that the entry must list as changed. */
  changes?: string[]
  /** Why neither before nor after is told. */
  none?: string
}

const some = (value: unknown) => value !== undefined && value !== null
const change = { before: some, after: some }
const letter = { id: deadLetter.id, type: 'call.ended', project: 'demo' }
const added = { before: undefined, after: some }

/** Every route that changes something, in an order in which each finds what it changes. */
const changes: Record<string, Change> = {
  'PUT /v1/projects/:project': { body: demo.replace('5092', '5099'), status: 200, ...change, changes: ['route'] },
  'PUT /v1/projects/:project/draft': { body: table, status: 200, ...change, changes: ['route'] },
  'PUT /v1/projects/:project/environments/:environment/draft': {
    ...{ url: `${environment}/draft`, body: settings, status: 200, ...change, changes: ['numbers'] },
  },
  'POST /v1/projects/:project/draft/handoffs': {
    ...{ body: { name: 'sales', route: 'sip:sales@127.0.0.1:1' }, status: 201, ...change },
  },
  'PATCH /v1/projects/:project/draft/handoffs/:handoff': {
    ...{ url: '/v1/projects/demo/draft/handoffs/sales', body: { method: 'invite' }, status: 200, ...change },
    changes: ['method'],
  },
  'POST /v1/projects/:project/draft/handoffs/:handoff/duplicate': {
    ...{ url: '/v1/projects/demo/draft/handoffs/sales/duplicate', body: { as: 'claims' }, status: 201, ...change },
  },
  'POST /v1/projects/:project/draft/handoffs/:handoff/default': {
    ...{ url: '/v1/projects/demo/draft/handoffs/sales/default', status: 200, ...change },
  },
  'DELETE /v1/projects/:project/draft/handoffs/:handoff': {
    ...{ url: '/v1/projects/demo/draft/handoffs/claims', status: 200, ...change },
  },
  'POST /v1/projects/:project/draft/schedules': { body: hours, status: 201, ...change },
  'PATCH /v1/projects/:project/draft/schedules/:schedule': {
    ...{ url: '/v1/projects/demo/draft/schedules/office', body: { time_zone: 'Europe/Paris' }, status: 200, ...change },
  },
  'DELETE /v1/projects/:project/draft/schedules/:schedule': {
    ...{ url: '/v1/projects/demo/draft/schedules/office', status: 200, ...change },
  },
  'POST /v1/projects/:project/versions': { body: { message: 'second' }, status: 201, before: 1, after: 2 },
  'POST /v1/projects/:project/environments/:environment/promote': {
    ...{ url: `${environment}/promote`, body: { version: 2 }, status: 200, before: 1, after: 2 },
  },
  'POST /v1/projects/:project/environments/:environment/rollback': {
    ...{ url: `${environment}/rollback`, body: { message: 'too early' }, status: 200, before: 2, after: 1 },
  },
  'POST /v1/projects/:project/environments/:environment/switches': {
    ...{
      url: `${environment}/switches`,
      body: { handoff: 'front-desk', action: 'close', reason: 'drill' },
      status: 201,
    },
    ...{ before: null, after: /^front-desk is closed by admin until the switch is removed \(drill\)$/ },
  },
  'DELETE /v1/projects/:project/environments/:environment/switches/:switch': {
    ...{ url: `${environment}/switches/SWITCH`, status: 200, before: /^front-desk is closed/, after: null },
  },
  'POST /v1/projects/:project/rehearsals': {
    ...{ body: { environment: 'live', all: true }, status: 501, none: 'this Baton places no calls' },
  },
  'POST /v1/targets/:id/:command': {
    ...{ url: '/v1/targets/udp:127.0.0.1:5060/disable', body: { reason: 'repair' }, status: 200 },
    before: { state: 'unknown', reason: 'not asked yet' },
    after: { state: 'disabled', reason: 'disabled by admin: repair' },
  },
  'DELETE /v1/trunks/:trunk/memory': { url: '/v1/trunks/carrier/memory', status: 200, before: trunk.memory, after: [] },
  'DELETE /v1/trunks/:trunk/caps': { url: '/v1/trunks/carrier/caps', status: 200, before: trunk.caps, after: unused },
  'POST /v1/webhooks/dead-letters/replay': {
    ...{ status: 202, before: { count: 1, deadLetters: [{ ...letter, state: 'dead' }] } },
    after: { count: 1, deadLetters: [{ ...letter, state: 'replaying' }] },
  },
  'POST /v1/webhooks/dead-letters/:id/replay': {
    ...{ url: `/v1/webhooks/dead-letters/${deadLetter.id}/replay`, status: 202, ...change },
  },
  'DELETE /v1/webhooks/dead-letters/:id': {
    ...{ url: `/v1/webhooks/dead-letters/${deadLetter.id}`, status: 200, before: some, after: undefined },
  },
  'DELETE /v1/webhooks/dead-letters': {
    ...{ status: 200, before: { count: 0, deadLetters: [] }, after: { count: 0, deadLetters: [] } },
  },
  'PUT /v1/projects/:project/audio/:name': {
    ...{ url: '/v1/projects/demo/audio/sales.wav', body: tone(1), status: 200, ...change },
  },
  'DELETE /v1/projects/:project/audio/:name': { url: '/v1/projects/demo/audio/sales.wav', status: 200, ...change },
  'POST /v1/calls/:call/transfer': {
    ...{ url: '/v1/calls/call-1/transfer', body: { handoff: 'front-desk', variables: { note: 'of +14155550123' } } },
    ...{ status: 202, before: { state: 'connected' } },
    after: { state: 'transferring', transferId: 'transfer-1', joined: false },
  },
  'POST /v1/calls/:call/transfer/accept': {
    ...{ url: '/v1/calls/call-1/transfer/accept', status: 202, before: { state: 'transferring' } },
    after: { state: 'transferring', transferId: 'transfer-1', decision: 'accepted' },
  },
  'POST /v1/calls/:call/recording': {
    ...{ url: '/v1/calls/call-1/recording', body: { action: 'pause' }, status: 200, before: { state: 'transferring' } },
    after: { state: 'transferring', recording: 'paused' },
  },
  'POST /v1/calls/:call/transfer/decline': {
    ...{ url: '/v1/calls/call-1/transfer/decline', status: 202, before: { state: 'transferring' } },
    after: { state: 'transferring', transferId: 'transfer-1', decision: 'declined' },
  },
  'POST /v1/calls/:call/transfer/cancel': {
    ...{ url: '/v1/calls/call-1/transfer/cancel', status: 202, before: { state: 'transferring' } },
    after: { state: 'connected', transferId: 'transfer-1' },
  },
  'POST /v1/calls/:call/state': {
    ...{ url: '/v1/calls/call-1/state', body: { state: 'verified' }, status: 200, before: { state: 'connected' } },
    after: { state: 'connected', noted: 'verified' },
  },
  'POST /v1/calls/:call/hangup': {
    ...{ url: '/v1/calls/call-1/hangup', status: 202, before: { state: 'connected' }, after: { state: 'connected' } },
  },
  'POST /v1/twilio/connect': {
    ...{ body: { numbers: ['+14155550100'], uris: ['sip:203.0.113.7'], secure: false }, status: 200, ...change },
  },
  'DELETE /v1/twilio': { status: 200, ...change },
  'POST /v1/people': { body: { name: 'ann', password, role: 'viewer' }, status: 201, ...added },
  'PATCH /v1/people/:name': { url: '/v1/people/ann', body: { role: 'operator' }, status: 200, ...change },
  'POST /v1/sign-in': { body: { name: 'ann', password }, status: 204, before: { sessions: 0 }, after: some },
  'PUT /v1/people/:name/password': { url: '/v1/people/ann/password', body: { password }, status: 204, ...change },
  'PUT /v1/session/password': {
    ...{ body: { current: password, password }, status: 409, none: 'ADMIN_TOKEN has no password' },
  },
  'POST /v1/sign-out': { status: 204, none: 'ADMIN_TOKEN has no session' },
  'DELETE /v1/people/:name': { url: '/v1/people/ann', status: 204, before: some, after: undefined },
  'POST /v1/tokens': { body: { name: 'platform', role: 'agent' }, status: 201, ...added },
  'DELETE /v1/tokens/:id': { url: '/v1/tokens/TOKEN', status: 204, before: some, after: undefined },
  'GET /v1/sign-in/oidc/callback': { status: 501, none: 'no provider is set up' },
}

const resultOf = (status: number) => ['done', 'refused', 'failed'][Math.max(0, Math.floor(status / 100) - 3)]

/** A connection whose number has yet to be moved. */
async function connectedTwilio(standIn: TwilioStandIn, dataDir: string): Promise<TwilioConnection> {
  const secretsKey = Buffer.alloc(32, 7).toString('base64')
  const twilio = await TwilioConnection.open({ dataDir, secretsKey }, log, standIn.url)
  const { accountSid, secret } = standIn
  standIn.addNumber('+14155550100')
  await twilio.connect({
    credentials: { accountSid, secret },
    wanted: { numbers: [], uris: ['sip:203.0.113.7'], secure: false },
  })

  return twilio
}

describe('every route that changes something', function () {
  this.timeout(30_000)
  let dir: string
  let accounts: Accounts
  let audit: Audit
  let standIn: TwilioStandIn
  let twilio: TwilioConnection
  let baton: TestApi
  let targets: TargetWatch
  let viewer: string

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-changes-'))
    const env = loadSettings({ env: { DATA_DIR: dir, ADMIN_TOKEN: adminToken } })
    accounts = await openAccounts(env, log)
    audit = await Audit.open(env, log)
    let { memory, caps: used } = trunk
    const trunks = {
      list: () => [{ ...trunk, memory, caps: used }],
      forget: () => ({ ...trunk, memory: (memory = []) }),
      addresses: () => [],
    }
    const caps = {
      reset: () => {
        used = unused

        return Promise.resolve()
      },
    }
    const clock = new FakeClock()
    const ofTargets = {} as { watch?: TargetWatch }
    standIn = await TwilioStandIn.start()
    const audio = await openAudioStore({ dataDir: dir })
    twilio = await connectedTwilio(standIn, dir)
    baton = await startApi({
      twilio,
      audio,
      ...{ accounts, access: accounts.access, audit, trunks, caps, webhooks: webhooksWith(deadLetter) },
      targets: {
        list: () => ofTargets.watch?.list() ?? [],
        command: async (...given) => ofTargets.watch?.command(...given),
        closedOf: () => [],
      },
    })
    ofTargets.watch = targets = new TargetWatch({
      ...{ trunks: [], routing: baton.routing, clock, probeInterval: 0 },
      stack: { request: () => Promise.reject(new Error('no network')), resolve: () => Promise.resolve([]) },
    })
    targets.targets.setUses('trunks', [
      { kind: 'gateway', uri: 'sip:127.0.0.1', usedBy: 'trunk carrier', probe: noProbe },
    ])
    baton.calls.set('call-1', new FakeCall(callView()))
    ;({ secret: viewer } = await accounts.tokens.create({ name: 'watch', role: 'viewer' }, 'test'))
    await send('PUT', '/v1/projects/demo', demo)
    await send('POST', '/v1/projects/demo/versions', {})
    await send('POST', `${environment}/promote`, { version: 1 })
  })
  after(async () => {
    targets.close()
    await baton.close()
    await accounts.close()
    await audit.close()
    await twilio.close()
    standIn.close()
    await rm(dir, { recursive: true, force: true })
  })

  const send = (method: string, url: string, body?: object | string | Buffer, token: string | undefined = adminToken) =>
    baton.api.inject({
      ...{ method: method as 'POST', url },
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(Buffer.isBuffer(body) && { 'content-type': 'audio/wav' }),
        ...(typeof body === 'string' && (body.startsWith('{') ? json : yaml)),
      },
      ...(body !== undefined && { payload: body }),
    })
  const entries = async (token = adminToken) =>
    (await send('GET', '/v1/history?limit=1000', undefined, token)).json<{ history: AuditEntry[] }>().history
  /** The ids that the store has given. */
  const withIds = async (url: string): Promise<string> => {
    if (url.endsWith('TOKEN')) return url.replace('TOKEN', accounts.tokens.list()[0]?.id ?? '')
    if (!url.endsWith('SWITCH')) return url
    const listed = await send('GET', `${environment}/switches`)

    return url.replace('SWITCH', listed.json<{ switches: { id: string }[] }>().switches[0]?.id ?? '')
  }
  const urlOf = (route: string, { url }: Change) => url ?? route.split(' ')[1]!.replace(':project', 'demo')
  const methodOf = (route: string) => route.split(' ')[0]!
  /** The entries that a request adds. */
  const addedBy = async (route: string, one: Change, token?: string) => {
    const known = new Set((await entries()).map(({ id }) => id))
    const { statusCode } = await send(methodOf(route), await withIds(urlOf(route, one)), one.body, token)

    return { statusCode, entries: (await entries()).filter(({ id }) => !known.has(id)) }
  }

  it('is in the list of this test', () => {
    const changing = baton.api.declaredRoutes.flatMap(({ method, url, config }) =>
      [method]
        .flat()
        .filter((one) => (!['GET', 'HEAD', 'OPTIONS'].includes(one) || config?.audited) && !config?.changesNothing)
        .filter((one) => one !== 'HEAD')
        .map((one) => `${one} ${url}`),
    )

    assert.deepEqual([...new Set(changing)].sort(), Object.keys(changes).sort())
  })

  it('writes one entry when it is refused: who, from where, and what was asked for', async () => {
    const open = ['POST /v1/sign-in', 'POST /v1/sign-out', 'GET /v1/sign-in/oidc/callback', 'PUT /v1/session/password']
    for (const [route, one] of Object.entries(changes)) {
      if (open.includes(route)) continue
      const { statusCode, entries: written } = await addedBy(route, one, viewer)
      assert.equal(statusCode, 403, route)
      const [{ who, kind, from, result, status, request, before, after, problem } = {} as AuditEntry] = written
      assert.equal(written.length, 1, route)
      assert.deepEqual([who, kind, from, result, status], ['watch', 'token', '127.0.0.1', 'refused', 403], route)
      assert.match(problem ?? '', /^This needs the role/, route)
      assert.deepEqual([before, after], [undefined, undefined], route)
      assert.deepEqual(request?.body, askedIn(one.body), route)
    }
    const malformed = await baton.api.inject({
      ...{ method: 'POST', url: '/v1/people', payload: '{"password":' },
      headers: { authorization: `Bearer ${viewer}`, ...json },
    })
    assert.equal(malformed.statusCode, 403)
  })

  it('writes one entry when it is done, with what was before and is after', async () => {
    const told = (value: unknown, expected: unknown, what: string) => {
      if (typeof expected === 'function') {
        assert.ok((expected as typeof some)(value), `${what}: ${JSON.stringify(value)}`)
      } else if (expected instanceof RegExp) assert.match(String(value), expected, what)
      else assert.deepEqual(value, expected, what)
    }
    for (const [route, one] of Object.entries(changes)) {
      const { statusCode, entries: written } = await addedBy(route, one)
      assert.equal(statusCode, one.status, route)
      assert.equal(written.length, 1, route)
      const [{ who, from, result, before, after, changes: fields }] = written as [AuditEntry]
      assert.deepEqual([who, from], [route === 'POST /v1/sign-in' ? 'ann' : 'admin', '127.0.0.1'], route)
      assert.equal(result, resultOf(one.status), route)
      told(before, one.before, `${route}: before`)
      told(after, one.after, `${route}: after`)
      for (const field of one.changes ?? []) {
        assert.ok(
          fields?.some((each) => each.field === field),
          `${route}: ${field}`,
        )
      }
    }
  })

  it('tells no secret, and a viewer no number of a caller', async () => {
    const all = JSON.stringify(await entries())
    for (const secret of [password, adminToken, viewer, 'baton_']) assert.ok(!all.includes(secret), secret)
    assert.match(all, /5550123/)
    const shown = await entries(viewer)
    assert.ok(shown.some(({ request }) => request?.path === '/v1/calls/call-1/transfer'))
    assert.doesNotMatch(JSON.stringify(shown), /5550123/)
  })

  it('keeps nothing of a sign-in that may be a password, and no field that its path does not know', async () => {
    await send('POST', '/v1/sign-in', { name: 'hunter2hunter2', password: 'x' }, '')
    await send('POST', '/v1/people', { name: 'bob', pasword: 'hunter2hunter2', role: 'viewer' })
    const [misspelt, wrong] = await entries()
    assert.deepEqual([wrong?.status, wrong?.who, wrong?.request?.body], [401, 'anonymous', undefined])
    assert.deepEqual([misspelt?.status, misspelt?.request?.body], [422, { name: 'bob', role: 'viewer' }])
    assert.doesNotMatch(JSON.stringify(await entries()), /hunter2/)
  })

  it('has no room for a flood from an unknown source, whatever it sends', async () => {
    const before = (await entries()).length
    for (let n = 0; n < 30; n++) {
      await send('POST', '/v1/sign-out', undefined, '')
      await send('POST', '/v1/sign-in', { unknown: true }, '')
      await baton.api.inject({ method: 'POST', url: '/v1/sign-in', headers: { origin: 'http://other.example' } })
    }
    assert.ok((await entries()).length - before <= 10)
  })
})
