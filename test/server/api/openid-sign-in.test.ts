import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts, type Accounts } from '../../../server/access/index.ts'
import { Audit } from '../../../server/audit/index.ts'
import { startApi, type TestApi } from './baton.ts'
import { client, OpenIdProvider } from './openid-provider.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const host = 'localhost:8080'
const defaultRoles = 'admins:admin,staff:viewer'

describe('signing in with an OpenID provider', function () {
  this.timeout(60_000)
  let dir: string
  let provider: OpenIdProvider
  let accounts: Accounts
  let audit: Audit
  let baton: TestApi
  let oidcRoles = defaultRoles

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-oidc-'))
    provider = await OpenIdProvider.start()
    const settings = loadSettings({
      env: {
        ...{ DATA_DIR: dir, ADMIN_TOKEN: 'open-sesame', OIDC_ISSUER: provider.issuer },
        ...{ OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret, OIDC_ROLES: oidcRoles },
      },
    })
    accounts = await openAccounts(settings, log)
    audit = await Audit.open(settings, log)
    baton = await startApi({ accounts, access: accounts.access, audit })
  })
  afterEach(async () => {
    await baton.close()
    await audit.close()
    await accounts.close()
    await provider.close()
    await rm(dir, { recursive: true, force: true })
  })

  const get = (url: string, cookie = '') => baton.api.inject({ url, headers: { host, cookie } })
  const begin = async (to?: string) => {
    const answer = await get(`/v1/sign-in/oidc${to === undefined ? '' : `?to=${encodeURIComponent(to)}`}`)
    const flow = answer.cookies.find(({ name }) => name === 'baton_oidc')

    return {
      location: String(answer.headers.location),
      cookie: flow ? `baton_oidc=${encodeURIComponent(flow.value)}` : '',
      answer,
    }
  }
  /** What the callback answers: where it leads to, and the cookie of the session that it has begun. */
  const comeBack = async (answer: URLSearchParams, cookie: string) => {
    const { headers, cookies } = await get(`/v1/sign-in/oidc/callback?${String(answer)}`, cookie)
    const session = cookies.find(({ name, value }) => name === 'baton_session' && value !== '')

    return { to: String(headers.location), session: session && `baton_session=${session.value}`, cookies }
  }
  const signIn = async (to?: string) => {
    const { location, cookie } = await begin(to)

    return comeBack(provider.consent(location), cookie)
  }
  const refused = { to: '/?sign-in=refused', session: undefined }
  const assertRefused = ({ to, session }: { to: string; session: string | undefined }, what?: string) => {
    assert.deepEqual({ to, session }, refused, what)
  }

  it('comes back to the page that was asked for, signed in, and the history says so', async () => {
    const { to, session, cookies } = await signIn('/p/hotel/calls?result=failed#first')
    assert.equal(to, '/p/hotel/calls?result=failed#first')
    assert.ok(session)
    const { principal } = (await get('/v1/session', session)).json<{ principal: { name: string; role: string } }>()
    assert.deepEqual([principal.name, principal.role], ['ann', 'admin'])
    assert.ok(cookies.some(({ name, value }) => name === 'baton_oidc' && value === ''))
    const { history } = (await get('/v1/history', session)).json<{ history: { who: string; action: string }[] }>()
    assert.deepEqual([history[0]?.who, history[0]?.action], ['ann', 'Sign in with the OpenID provider'])
  })

  it('leads to no other site, whatever the return address, and whether it succeeds or not', async () => {
    const own = 'http://localhost:8080'
    const tricks = [
      ...[
        '//evil.example',
        '///evil.example',
        '/\\evil.example',
        '\\\\evil.example',
        '/.//evil.example',
        '/..//evil.example',
      ],
      ...[
        '/x/..//evil.example',
        '/%2e//evil.example',
        '/./\\evil.example',
        'https:evil.example',
        'https://evil.example',
      ],
      ...[
        'javascript:alert(1)',
        '/\t/evil.example',
        '/\n/evil.example',
        ' //evil.example',
        '@evil.example',
        '.evil.example',
      ],
      ...['%2f%2fevil.example', '/%2f/evil.example', '//evil.example/..', '/?//evil.example', '/#//evil.example', ''],
    ]
    for (const to of tricks) {
      const away = await begin(to)
      assert.equal(new URL(away.location).origin, provider.issuer, to)
      const back = await comeBack(provider.consent(away.location), away.cookie)
      assert.ok(back.session, to)
      const failed = await comeBack(new URLSearchParams({ error: 'access_denied', state: 'x' }), away.cookie)
      for (const location of [back.to, failed.to]) {
        assert.equal(new URL(location, own).origin, own, `${to} led to ${location}`)
      }
      assert.match(failed.to, /sign-in=refused/)
    }
    // The cookie is the browser's: another hand may have written it.
    const { location, cookie } = await begin()
    const flow = JSON.parse(decodeURIComponent(cookie.replace('baton_oidc=', ''))) as object
    const written = `baton_oidc=${encodeURIComponent(JSON.stringify({ ...flow, to: '/.//evil.example' }))}`
    assert.equal((await comeBack(provider.consent(location), written)).to, '/')
  })

  it('leads to no other site for any return address', async () => {
    provider.trouble = 500
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('/', '\\', '.', '%2f', 'x', ':', '@', '?', '#', 'evil.example'), { maxLength: 8 }),
        async (parts) => {
          const { headers } = (await begin(parts.join(''))).answer
          assert.equal(new URL(String(headers.location), 'http://own').origin, 'http://own')
        },
      ),
      { numRuns: 200 },
    )
  })

  it('is refused for a state, a nonce, a verifier or a code that are not those of this browser’s sign-in', async () => {
    const stolen = provider.consent((await begin()).location)
    assertRefused(await comeBack(stolen, ''), 'begun in another browser')
    assertRefused(await comeBack(stolen, (await begin()).cookie), 'the state of another sign-in')

    const edited = async (edit: (flow: Record<string, string>) => object) => {
      const { location, cookie } = await begin()
      const flow = JSON.parse(decodeURIComponent(cookie.replace('baton_oidc=', ''))) as Record<string, string>

      return comeBack(provider.consent(location), `baton_oidc=${encodeURIComponent(JSON.stringify(edit(flow)))}`)
    }
    assertRefused(await edited((flow) => ({ ...flow, nonce: 'another' })), 'another nonce')
    assertRefused(await edited((flow) => ({ ...flow, verifier: 'v'.repeat(43) })), 'another verifier')
    assertRefused(await edited(({ state }) => ({ state })), 'half a cookie')
    assert.ok((await edited((flow) => flow)).session)

    const { location, cookie } = await begin()
    const answer = provider.consent(location)
    assert.ok((await comeBack(answer, cookie)).session)
    assertRefused(await comeBack(answer, cookie), 'a code that was used')
    const denied = { error: 'access_denied', state: answer.get('state') ?? '', iss: provider.issuer }
    assertRefused(await comeBack(new URLSearchParams(denied), cookie), 'denied by the provider')
  })

  it('is refused for an ID token of another issuer or client, of no person, and one that is over', async () => {
    const now = Math.floor(Date.now() / 1000)
    for (const claims of [
      ...[{ iss: 'https://evil.example' }, { aud: 'another-client' }, { sub: undefined }, { nonce: undefined }],
      ...[{ exp: now - 300 }, { iat: now + 600, nbf: now + 600 }],
      ...[{ groups: ['guests'] }, { groups: undefined }, { groups: { admins: true } }],
    ]) {
      provider.claims = claims
      assertRefused(await signIn(), JSON.stringify(claims))
    }
    // Clocks may be half a minute apart.
    for (const claims of [{ exp: now - 15 }, { nbf: now + 15, iat: now + 15 }]) {
      provider.claims = claims
      assert.ok((await signIn()).session, JSON.stringify(claims))
    }
  })

  it('says at once that the provider does not answer, and works again when it does', async () => {
    provider.trouble = 503
    const away = await begin('/p/hotel/calls')
    assert.equal(away.location, '/p/hotel/calls?sign-in=unavailable')
    provider.trouble = undefined
    const { location, cookie } = await begin()
    const answer = provider.consent(location)
    provider.trouble = 500
    assert.deepEqual(await comeBack(answer, cookie).then(({ to, session }) => ({ to, session })), {
      ...{ to: '/?sign-in=unavailable', session: undefined },
    })
    provider.trouble = undefined
    assert.ok((await signIn()).session)
    assert.equal((await get('/v1/calls')).statusCode, 401)
  })

  it('gives at each sign-in the role that the groups stand for then; a person who was removed is signed in anew', async () => {
    const role = async (session: string | undefined) =>
      (await get('/v1/session', session)).json<{ principal?: { role: string } }>().principal?.role
    const first = await signIn()
    assert.equal(await role(first.session), 'admin')
    provider.claims = { groups: ['staff', 'others'], preferred_username: 'ann.b' }
    const second = await signIn()
    // It is the same person by the subject, and the role holds for the session that was there, too.
    assert.deepEqual([await role(first.session), await role(second.session)], ['viewer', 'viewer'])
    assert.deepEqual(
      accounts.people.list().map(({ name }) => name),
      ['ann'],
    )
    const { statusCode } = await baton.api.inject({
      ...{ method: 'POST', url: '/v1/sign-out', payload: { everywhere: true } },
      headers: { host, origin: `http://${host}`, cookie: second.session },
    })
    assert.equal(statusCode, 204)
    assert.deepEqual([await role(first.session), await role(second.session)], [undefined, undefined])

    const { location, cookie } = await begin()
    await accounts.people.remove('ann')
    assert.ok((await comeBack(provider.consent(location), cookie)).session)
    provider.claims = { groups: [] }
    assertRefused(await signIn(), 'no role any more')
  })

  it('never makes the provider’s person another one who has the name already', async () => {
    await accounts.people.add('ann', 'correct horse battery', { role: 'viewer' })
    assertRefused(await signIn())
    assert.deepEqual(
      accounts.people.list().map(({ signsIn, role }) => [signsIn, role]),
      [['password', 'viewer']],
    )
    provider.claims = { preferred_username: undefined, email: 'ann', email_verified: false }
    assert.ok((await signIn()).session)
    assert.ok(accounts.people.get('subject-1'))
  })

  describe('by roles for projects', () => {
    before(() => (oidcRoles = 'desk:operator@hotel,admins:admin,spa:viewer@spa'))
    after(() => (oidcRoles = defaultRoles))

    it('gives at each sign-in the projects, too, whatever an admin has set meanwhile', async () => {
      const granted = () => {
        const [person] = accounts.people.list()
        if (!person) return undefined
        const { role, projects, projectRoles } = person

        return { role, projects, projectRoles }
      }
      provider.claims = { groups: ['desk', 'spa'] }
      assert.ok((await signIn()).session)
      const both = { hotel: 'operator', spa: 'viewer' }
      assert.deepEqual(granted(), { role: 'viewer', projects: ['hotel', 'spa'], projectRoles: both })
      await accounts.people.change('ann', { role: 'admin', projects: null, projectRoles: null })
      provider.claims = { groups: ['desk'] }
      assert.ok((await signIn()).session)
      assert.deepEqual(granted(), { role: 'viewer', projects: ['hotel'], projectRoles: { hotel: 'operator' } })
      provider.claims = { groups: ['admins'] }
      assert.ok((await signIn()).session)
      assert.deepEqual(granted(), { role: 'admin', projects: undefined, projectRoles: undefined })
      provider.claims = { groups: [] }
      assertRefused(await signIn())
    })
  })
})
