import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadSettings } from '../../../config/index.ts'
import { checkProvider } from '../../../server/access/index.ts'

const authorization_endpoint = 'https://login.example.com/auth'
const token_endpoint = 'https://login.example.com/token'

describe('what doctor says of the OpenID provider', function () {
  this.timeout(20_000)
  let server: Server
  let issuer: string
  /** What the provider answers; nothing when left out. */
  let answer: { status?: number; body: object | string } | undefined
  let asked: (string | undefined)[]

  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      asked.push(request.url)
      if (!answer) return
      const { status = 200, body } = answer
      response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const found = async (env: Record<string, string> = {}) => {
    const client = { OIDC_CLIENT_ID: 'baton', OIDC_CLIENT_SECRET: 'secret', OIDC_ROLES: 'admins:admin' }
    const findings = await checkProvider(loadSettings({ env: { OIDC_ISSUER: issuer, ...client, ...env } }).http)
    assert.equal(findings.length, 1)
    const [finding] = findings
    assert.ok(finding)
    assert.equal(finding.check, 'OpenID provider')
    if (finding.state !== 'ok') assert.deepEqual([finding.state, finding.where], ['failed', 'OIDC_ISSUER'])

    return finding
  }

  it('is nothing where none is set', async () => {
    assert.deepEqual(await checkProvider(loadSettings({ env: {} }).http), [])
  })

  it('is where it signs people in, and the redirect URI that it must know', async () => {
    answer = { body: { issuer, authorization_endpoint, token_endpoint } }
    const plain = await found()
    const { state, detail } = await found({ PUBLIC_URL: 'https://baton.example.com' })
    assert.deepEqual(asked, Array(2).fill('/.well-known/openid-configuration'))
    assert.equal(plain.detail, `${issuer} answers, and signs people in at ${authorization_endpoint}.`)
    assert.equal(state, 'ok')
    assert.match(detail, / the redirect URI https:\/\/baton\.example\.com\/v1\/sign-in\/oidc\/callback\.$/)
  })

  it('is the issuer that it calls itself, where that is another', async () => {
    answer = { body: { issuer: 'https://login.example.com', authorization_endpoint, token_endpoint } }
    const { detail, hint } = await found()
    assert.equal(detail, `the provider at ${issuer} calls itself https://login.example.com`)
    assert.equal(hint, 'Set OIDC_ISSUER to https://login.example.com.')
  })

  it('is the endpoint that it lacks', async () => {
    answer = { body: { issuer, token_endpoint } }
    assert.match((await found()).detail, /names no authorization_endpoint$/)
    answer = { body: { issuer, authorization_endpoint } }
    assert.match((await found()).detail, /names no token_endpoint$/)
  })

  for (const [what, answered, why] of [
    ['is not found', { status: 404, body: {} }, /: HTTP 404$/],
    ['is out of order', { status: 503, body: 'down' }, /: HTTP 503$/],
    ['is a page', { body: '<title>Welcome</title>' }, /: .*content-type/],
    ['has no issuer', { body: { authorization_endpoint } }, /"issuer"/],
    ['does not come', undefined, /: .*time/],
  ] as const) {
    it(`is the address to look at, when its answer ${what}`, async () => {
      answer = answered
      const { detail, hint } = await found()
      assert.ok(detail.startsWith(`${issuer}/.well-known/openid-configuration does not answer as`), detail)
      assert.match(detail, why)
      assert.match(hint ?? '', /correct OIDC_ISSUER/)
    })
  }

  it('is the address to look at, when there is no connection', async () => {
    server.close()
    assert.match((await found()).detail, /ECONNREFUSED/)
  })
})
