import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts, type Accounts } from '../../../server/access/index.ts'
import { until } from '../../harness/until.ts'
import { callView, startApi, type TestApi } from './baton.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const password = 'correct horse battery'

/** A reader of `/v1/events` that has signed in. */
interface Reader {
  text: () => string
  hasEnded: () => boolean
}

describe('a reader of events', function () {
  this.timeout(60_000)
  let dir: string
  let accounts: Accounts
  let baton: TestApi
  const open: IncomingMessage[] = []

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-readers-'))
    accounts = await openAccounts(loadSettings({ env: { DATA_DIR: dir } }), log)
    await accounts.people.add('ann', password, { role: 'admin' })
    await accounts.people.add('olga', password, { role: 'operator' })
    baton = await startApi({ accounts, access: accounts.access })
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
  })
  afterEach(async () => {
    for (const response of open.splice(0)) response.destroy()
    await baton.close()
    await accounts.close()
    await rm(dir, { recursive: true, force: true })
  })

  const read = async (headers: Record<string, string>): Promise<Reader> => {
    const { port } = baton.api.server.address() as AddressInfo
    const request = get({ host: '127.0.0.1', port, path: '/v1/events', headers })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    assert.equal(response.statusCode, 200)
    open.push(response)
    let text = ''
    response.setEncoding('utf8').on('data', (part: string) => (text += part))
    response.on('error', () => undefined)

    return { text: () => text, hasEnded: () => response.complete }
  }
  const signedIn = async (name: string) => {
    const { secret } = await accounts.sessions.begin(name)

    return { secret, reader: await read({ cookie: `baton_session=${secret}` }) }
  }
  const ended = (reader: Reader) => until('the stream has ended', () => reader.hasEnded())
  const send = (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, secret: string, payload: object) =>
    baton.api.inject({
      ...{ method, url, payload },
      headers: { host: 'localhost', origin: 'http://localhost', cookie: `baton_session=${secret}` },
    })

  it('is cut off at once when the person signs out everywhere, on another screen or another Baton', async () => {
    const [here, there, other] = [await signedIn('ann'), await signedIn('ann'), await signedIn('olga')]
    await send('POST', '/v1/sign-out', here.secret, { everywhere: true })
    await Promise.all([ended(here.reader), ended(there.reader)])
    assert.equal(other.reader.hasEnded(), false)

    const elsewhere = await openAccounts(loadSettings({ env: { DATA_DIR: dir } }), log)
    await elsewhere.sessions.endAll('olga')
    await ended(other.reader)
    await elsewhere.close()
  })

  it('is cut off at once by a new password, another role, in one project, too, other projects and the end of the account', async () => {
    const admin = await signedIn('ann')
    for (const change of [
      () => send('PUT', '/v1/people/olga/password', admin.secret, { password: 'another long password' }),
      () => send('PATCH', '/v1/people/olga', admin.secret, { role: 'viewer' }),
      () => send('PATCH', '/v1/people/olga', admin.secret, { projectRoles: { demo: 'publisher' } }),
      () => send('PATCH', '/v1/people/olga', admin.secret, { projects: ['hotel'] }),
      () => send('DELETE', '/v1/people/olga', admin.secret, {}),
    ]) {
      const { reader } = await signedIn('olga')
      assert.ok((await change()).statusCode < 300)
      await ended(reader)
    }
    assert.equal(admin.reader.hasEnded(), false)
    const changed = await signedIn('ann')
    const own = { current: password, password: 'the next password' }
    assert.equal((await send('PUT', '/v1/session/password', changed.secret, own)).statusCode, 204)
    await ended(admin.reader)
    // Its own screen goes on with the cookie of the answer; the old one is good for what is on its way.
    assert.equal(changed.reader.hasEnded(), false)
    assert.equal(accounts.access.bySession(changed.secret)?.name, 'ann')
    await until('the old cookie has ended', () => accounts.access.bySession(changed.secret) === undefined)
  })

  it('who has some projects is told of their targets, and of no other project that uses them', async () => {
    await accounts.people.change('olga', { projects: ['demo'] })
    const { reader } = await signedIn('olga')
    const tell = (id: string, ...usedBy: string[]) => {
      baton.events.emit('target.down', () => ({
        ...{ project: 'none', environment: 'none' },
        data: { target: { id, usedBy } },
      }))
    }
    tell('udp:of-hotel', 'hotel live')
    tell('udp:of-both', 'hotel live', 'demo live')
    tell('udp:gateway', 'trunk carrier')
    await until('the last event has come', () => reader.text().includes('udp:gateway'))
    assert.match(reader.text(), /"target":{"id":"udp:of-both","usedBy":\["demo live"\]}/)
    assert.doesNotMatch(reader.text(), /hotel/)
  })

  it('sees the numbers of callers of the projects in which the role allows it', async () => {
    await accounts.people.change('olga', { role: 'viewer', projectRoles: { hotel: 'operator' } })
    const { reader } = await signedIn('olga')
    for (const project of ['demo', 'hotel']) {
      const call = callView({ id: project, project })
      baton.events.emit('call.started', () => ({ project, environment: 'live', data: { call } }))
    }
    await until('both events have come', () => reader.text().includes('"project":"hotel"'))
    const [ofDemo, ofHotel] = ['demo', 'hotel'].map((project) =>
      reader
        .text()
        .split('\n')
        .find((line) => line.includes(`"project":"${project}"`)),
    )
    assert.doesNotMatch(ofDemo ?? '', /5550123/)
    assert.match(ofHotel ?? '', /5550123/)
  })

  it('sees the numbers of callers as long as its role does, and gets the rest masked when it comes back', async () => {
    const { reader } = await signedIn('olga')
    const emit = (type: 'call.started' | 'call.ended') =>
      baton.events.emit(type, () => ({ project: 'demo', environment: 'live', data: { call: callView() } }))
    emit('call.started')
    await until('the event has come', () => reader.text().includes('+14155550123'))
    await accounts.people.change('olga', { role: 'viewer' })
    emit('call.ended')
    await ended(reader)
    assert.doesNotMatch(reader.text(), /call\.ended/)

    const { secret } = await accounts.sessions.begin('olga')
    const again = await read({ cookie: `baton_session=${secret}`, 'last-event-id': '1' })
    await until('the event has come', () => again.text().includes('call.ended'))
    assert.doesNotMatch(again.text(), /5550123/)
  })

  it('with a token is cut off when the token is revoked, and gets no event of a second after it has expired', async () => {
    const expiresAt = new Date(Date.now() + 1500).toISOString()
    const brief = await accounts.tokens.create({ name: 'brief', role: 'operator', expiresAt }, 'test')
    const lasting = await accounts.tokens.create({ name: 'lasting', role: 'operator' }, 'test')
    const [reader, other] = [
      await read({ authorization: `Bearer ${brief.secret}` }),
      await read({ authorization: `Bearer ${lasting.secret}` }),
    ]
    await until('the token has expired', () => Date.now() > Date.parse(expiresAt) + 1000)
    baton.events.emit('call.started', () => ({ project: 'demo', environment: 'live', data: {} }))
    await ended(reader)
    assert.doesNotMatch(reader.text(), /call\.started/)
    await until('the event has come', () => other.text().includes('call.started'))
    await accounts.tokens.revoke(lasting.view.id)
    await ended(other)
  })

  it('of an open Baton is cut off when its first admin is added', async () => {
    await baton.close()
    await accounts.close()
    await rm(dir, { recursive: true, force: true })
    accounts = await openAccounts(loadSettings({ env: { DATA_DIR: dir } }), log)
    baton = await startApi({ accounts, access: accounts.access })
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    const reader = await read({})
    await accounts.people.add('ann', password, { role: 'admin' })
    await ended(reader)
  })
})
