import assert from 'node:assert/strict'
import { parseReplaces } from '../../../engine/index.ts'

describe('the Replaces header (RFC 3891)', () => {
  it('names a dialog as its receiver knows it', () => {
    assert.deepEqual(parseReplaces('98asjd8@test.com;from-tag=7743;to-tag=6472;early-only'), {
      callId: '98asjd8@test.com',
      toTag: '6472',
      fromTag: '7743',
      earlyOnly: true,
    })
    assert.equal(parseReplaces('a;to-tag=1;from-tag=2')?.earlyOnly, false)
  })

  it('is refused without a Call-ID or a tag', () => {
    for (const value of ['', 'a', 'a;to-tag=1', 'a;from-tag=1', ';to-tag=1;from-tag=2']) {
      assert.equal(parseReplaces(value), undefined)
    }
  })
})
