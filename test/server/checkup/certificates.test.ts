import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { certificateExpiries } from '../../../server/checkup/index.ts'
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
