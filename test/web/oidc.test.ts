import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { stacks } from '../harness/stacks.ts'
import { accessibilityProblems, Pages } from './browser.ts'
import { password, signIn as signInByPassword } from './people.ts'

const [embedded] = stacks
const clientSecret = 'a-secret-of-the-client'

/** Groups of the people whom the provider knows. */
const groups: Record<string, string[]> = { ann: ['staff', 'baton-admins'], bob: ['staff'] }

describe('the pages, signed in with an OpenID provider', function () {
  needs('chromium')
  this.timeout(120_000)
  let baton: Baton
  let server: Server
  const pages = new Pages(() => baton)

  before(() => pages.launch())
  after(() => pages.close())
  beforeEach(async () => {
    const [port, http] = [await freePort(), await freePort()]
    const issuer = `http://127.0.0.1:${port}`
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'baton',
          client_secret: clientSecret,
          redirect_uris: [`http://127.0.0.1:${http}/v1/sign-in/oidc/callback`],
        },
      ],
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [] }),
      }),
    })
    server = createServer((request, response) => void provider.callback()(request, response)).listen(port, '127.0.0.1')
    await once(server, 'listening')
    assert.ok(embedded)
    baton = await Baton.start({
      stack: embedded,
      env: {
        HTTP_LISTEN: `127.0.0.1:${http}`,
        PROJECTS: 'config/projects/demo.yaml',
        ...{ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: 'baton', OIDC_CLIENT_SECRET: clientSecret },
        OIDC_ROLES: 'baton-admins:admin',
        ADMIN_TOKEN: 'open-sesame',
      },
    })
  })
  afterEach(async () => {
    await pages.leave()
    await baton.stop()
    server.close()
    server.closeAllConnections()
    assert.deepEqual(pages.takeProblems(), [])
  })

  const signIn = async (name: string, path: string) => {
    const page = await pages.open(path)
    await page.getByRole('link', { name: 'Sign in with your organisation' }).click()
    await page.locator('input[name=login]').fill(name)
    await page.locator('input[name=password]').fill('any')
    await page.locator('button[type=submit]').click()
    await page.getByRole('button', { name: 'Continue' }).click()

    return page
  }

  it('give the role that the groups stand for, come back to the page that was asked for, and know the person again', async () => {
    const page = await signIn('ann', '/p/demo/people')
    await page.getByRole('article', { name: 'ann' }).getByText('Signs in with the organisation').waitFor()
    assert.equal(new URL(page.url()).pathname, '/p/demo/people')
    assert.equal(await page.getByRole('button', { name: 'Reset password' }).count(), 0)
    await page.getByRole('button', { name: 'Account of ann' }).click()
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Sign in with your organisation' }).click()
    await page.getByRole('button', { name: 'Account of ann' }).waitFor()
  })

  it('are closed to those whose groups stand for no role, and to answers that this browser has not asked for', async () => {
    const page = await signIn('bob', '/handoffs')
    await page.getByText('Your organisation did not sign you in').waitFor()
    await page.goto(`${baton.http}/v1/sign-in/oidc/callback?code=stolen&state=guessed`)
    await page.getByText('Your organisation did not sign you in').waitFor()
    assert.equal((await page.request.get(`${baton.http}/v1/calls`)).status(), 401)
    const away = await page.request.get(`${baton.http}/v1/sign-in/oidc?to=//attacker.example`, { maxRedirects: 0 })
    assert.equal(new URL(away.headers().location ?? '').searchParams.get('code_challenge_method'), 'S256')
    assert.doesNotMatch(decodeURIComponent(away.headers()['set-cookie'] ?? ''), /attacker/)
  })
})

describe('the pages, while the OpenID provider hangs', function () {
  needs('chromium')
  this.timeout(120_000)
  let baton: Baton
  const pages = new Pages(() => baton)
  const provider = createTcpServer(() => undefined)

  before(async () => {
    await pages.launch()
    provider.listen(0, '127.0.0.1')
    await once(provider, 'listening')
    assert.ok(embedded)
    baton = await Baton.start({
      stack: embedded,
      env: {
        PROJECTS: 'config/projects/demo.yaml',
        OIDC_ISSUER: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
        ...{ OIDC_CLIENT_ID: 'baton', OIDC_CLIENT_SECRET: clientSecret, OIDC_ROLES: 'baton-admins:admin' },
        ADMIN_TOKEN: 'open-sesame',
      },
    })
  })
  after(async () => {
    await pages.close()
    await baton.stop()
    provider.close()
    assert.deepEqual(pages.takeProblems(), [])
  })

  it('say so within seconds, and let people in by their password, on the page that was asked for', async () => {
    const added = await fetch(`${baton.http}/v1/people`, {
      method: 'POST',
      headers: { authorization: 'Bearer open-sesame', 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ann', role: 'admin', password }),
    })
    assert.equal(added.status, 201)
    const page = await pages.open('/p/demo/calls?result=failed')
    await page.getByRole('link', { name: 'Sign in with your organisation' }).click()
    await page.getByText('The sign-in of your organisation does not answer.').waitFor()
    const asked = (): string => page.url().slice(baton.http.length)
    assert.equal(asked(), '/p/demo/calls?result=failed')
    assert.deepEqual(await accessibilityProblems(page), [])
    await signInByPassword(page, 'ann')
    assert.equal(asked(), '/p/demo/calls?result=failed')
    await page.getByRole('heading', { level: 2, name: 'Calls' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { level: 2, name: 'Calls' }).waitFor()
    assert.equal(await page.getByText('The sign-in of your organisation').count(), 0)
  })
})
