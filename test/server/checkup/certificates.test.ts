import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { loadSettings } from '../../../config/index.ts'
import { certificateExpiries, checkCertificates } from '../../../server/checkup/index.ts'
import { TestAuthority } from '../../engine/transport/certificates.ts'

describe('The expiry of certificates', () => {
  it('is that of the first in a chain that expires', async () => {
    const authority = new TestAuthority()
    try {
      const issued = authority.issue('sip', 'DNS:sip.example.test').certificate
      const alone = await certificateExpiries([issued, authority.certificate])
      writeFileSync(issued, `${readFileSync(issued, 'utf8')}${readFileSync(authority.certificate, 'utf8')}`)
      const chain = await certificateExpiries([issued])
      const twoDays = Date.now() / 1000 + 2 * 86_400

      assert.ok(Math.abs((alone.get(issued) ?? 0) - twoDays) < 120)
      assert.equal(chain.get(issued), Math.min(...alone.values()))
    } finally {
      authority.remove()
    }
  })
})

describe('the check of certificates', () => {
  let authority: TestAuthority
  before(() => (authority = new TestAuthority()))
  after(() => authority.remove())

  const check = (files: { certificate: string; key: string }, advertised = '', now = Date.now()) => {
    const SIP_LISTEN = `tls:127.0.0.1:5061${advertised}`
    const tls = { SIP_TLS_CERTIFICATES: files.certificate, SIP_TLS_KEYS: files.key }
    const env = { SIP_LISTEN, ...tls, SIP_TLS_AUTHORITIES: authority.certificate }

    return checkCertificates(loadSettings({ env }), now)
  }
  const wrong = async (...given: Parameters<typeof check>) =>
    (await check(...given)).filter(({ state }) => state !== 'ok').map(({ state, where }) => `${state} ${where}`)

  it('finds what expires within 30 days, of its own and of its authorities', async () => {
    const files = authority.issue('sip', 'DNS:sip.example.test')
    assert.deepEqual(await wrong(files), ['warning SIP_TLS_CERTIFICATES', 'warning SIP_TLS_AUTHORITIES'])
    const later = Date.now() + 90 * 86_400_000
    assert.deepEqual(await wrong(files, '', later), ['failed SIP_TLS_CERTIFICATES', 'failed SIP_TLS_AUTHORITIES'])
    assert.deepEqual(await wrong(files, '', Date.now() - 60 * 86_400_000), [])
  })

  it('finds a key of another certificate, and files that are none', async () => {
    const long = Date.now() - 60 * 86_400_000
    const [one, other] = ['one', 'other'].map((name) => authority.issue(name, `DNS:${name}.example.test`))
    assert.deepEqual(await wrong({ ...one!, key: other!.key }, '', long), ['failed SIP_TLS_KEYS'])
    writeFileSync(one!.key, 'nonsense')
    assert.deepEqual(await wrong(one!, '', long), ['failed SIP_TLS_KEYS'])
    writeFileSync(other!.certificate, 'nonsense')
    assert.deepEqual(await wrong(other!, '', long), ['failed SIP_TLS_CERTIFICATES'])
  })

  it('finds a name that is advertised and in no certificate', async () => {
    const long = Date.now() - 60 * 86_400_000
    const files = authority.issue('named', 'DNS:sip.example.test')
    assert.deepEqual(await wrong(files, '=sip.example.test:5061', long), [])
    assert.deepEqual(await wrong(files, '=other.example.test:5061', long), ['failed SIP_TLS_CERTIFICATES'])
  })
})
