import assert from 'node:assert/strict'
import { isDialogGone } from '../../../server/transfer/attempt.ts'
import { LocalResponse } from '../../../server/sip/local-response.ts'
import type { SipResponse } from '../../../server/sip/stack.ts'

const fromPeer = (status: number): SipResponse => Object.assign(new LocalResponse(status, 'call'), { local: false })

describe('a dialog after the response to a re-INVITE (RFC 3261 12.2.1.2)', () => {
  for (const status of [408, 481]) {
    it(`is gone when the peer answers ${status}`, () => {
      assert.equal(isDialogGone(fromPeer(status)), true)
    })
  }

  for (const status of [488, 491, 500, 503]) {
    it(`stays when the peer answers ${status}`, () => {
      assert.equal(isDialogGone(fromPeer(status)), false)
    })
  }

  it('is gone when no response comes, but not after an INVITE of the peer that crossed ours', () => {
    assert.deepEqual(
      [408, 503, 491].map((status) => isDialogGone(new LocalResponse(status, 'call'))),
      [true, true, false],
    )
  })
})
