import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts, type Accounts } from '../../../server/access/index.ts'
import { Audit } from '../../../server/audit/index.ts'
import { startApi, type TestApi } from './baton.ts'
import { client, OpenIdProvider } from './openid-provider.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const host = 'localhost:8080'
const password = 'correct horse battery'
/** A person waits no longer: the limit of a sign-in, and what a busy machine adds. */
const waitLimitMs = 10_000

const http = (body: string, type = 'application/json', status = '200 OK') =>
  `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`

describe('an OpenID provider that is out of order', function () {
  this.timeout(60_000)
  let dir: string
  let server: Server
  let issuer: string
  /** What the provider does with a connection. */
  let answer: (socket: Socket) => void
  let accounts: Accounts
  let audit: Audit
  let baton: TestApi
  const sockets = new Set<Socket>()

  const serve = async (ofIssuer: string): Promise<void> => {
    const settings = loadSettings({
      env: {
        ...{ DATA_DIR: dir, OIDC_ISSUER: ofIssuer, OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret },
        OIDC_ROLES: 'admins:admin',
      },
    })
    accounts = await openAccounts(settings, log)
    audit = await Audit.open(settings, log)
    baton = await startApi({ accounts, access: accounts.access, audit })
    await accounts.people.add('ann', password, { role: 'admin' })
  }
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-oidc-'))
    server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
      answer(socket)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    await baton.close()
    await audit.close()
    await accounts.close()
    for (const socket of sockets) socket.destroy()
    server.close()
    await rm(dir, { recursive: true, force: true })
  })

  const get = (url: string, cookie = '') => baton.api.inject({ url, headers: { host, cookie } })
  const signInByPassword = async () => {
    const payload = { name: 'ann', password }
    const headers = { host, origin: `http://${host}` }

    return (await baton.api.inject({ method: 'POST', url: '/v1/sign-in', payload, headers })).statusCode
  }
  /** Leads back to the page that was asked for within the limit, while passwords go on to work. */
  const assertUnavailable = async (url: string, to: string, cookie = ''): Promise<void> => {
    const begun = performance.now()
    const leading = get(url, cookie)
    assert.equal(await signInByPassword(), 204)
    const { statusCode, headers } = await leading
    assert.deepEqual([statusCode, headers.location], [302, to])
    assert.ok(performance.now() - begun < waitLimitMs)
  }
  const begin = '/v1/sign-in/oidc?to=/p/hotel/calls'
  const away = '/p/hotel/calls?sign-in=unavailable'

  const troubles: Record<string, (socket: Socket) => void> = {
    'accepts and never answers': () => undefined,
    'closes at once': (socket) => socket.destroy(),
    'answers with a page': (socket) => socket.end(http('<html>Welcome</html>', 'text/html')),
    'answers with rubbish': (socket) => socket.end('\0\u0001\u0002 not HTTP'),
    'answers with broken JSON': (socket) => socket.end(http('{"issuer":')),
    'answers with JSON of something else': (socket) => socket.end(http('[1,2]')),
    'says that it is down': (socket) => socket.end(http('{}', 'application/json', '503 Service Unavailable')),
    'sends its answer byte by byte, for ever': (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n')
      const dripping = setInterval(() => socket.write(' '), 100)
      socket.on('close', () => {
        clearInterval(dripping)
      })
    },
  }
  for (const [trouble, act] of Object.entries(troubles)) {
    it(`and ${trouble} leads back to the page within seconds, and passwords work`, async () => {
      answer = act
      await serve(issuer)
      await assertUnavailable(begin, away)
    })
  }

  it('and refuses connections leads back at once', async () => {
    await serve(issuer)
    server.close()
    await once(server, 'close')
    await assertUnavailable(begin, away)
  })

  it('and hangs when the person comes back ends the sign-in within seconds; the history says what failed', async () => {
    const provider = await OpenIdProvider.start()
    await serve(provider.issuer)
    const { headers, cookies } = await get(begin)
    const flow = cookies.find(({ name }) => name === 'baton_oidc')
    const consent = provider.consent(String(headers.location))
    provider.hangs = true
    const cookie = `baton_oidc=${encodeURIComponent(flow?.value ?? '')}`
    await assertUnavailable(`/v1/sign-in/oidc/callback?${String(consent)}`, away, cookie)
    const { secret } = await accounts.sessions.begin('ann')
    const { history } = (await get('/v1/history', `baton_session=${secret}`)).json<{
      history: { action: string; result: string }[]
    }>()
    const entry = history.find(({ action }) => action === 'Sign in with the OpenID provider')
    assert.equal(entry?.result, 'failed')
    assert.match(JSON.stringify(entry), /does not answer as one does/)
    await provider.close()
  })
})
