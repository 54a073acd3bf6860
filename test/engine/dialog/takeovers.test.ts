import assert from 'node:assert/strict'

import { createRequest, type ReplaceableDialog, takeoverRefusal } from '../../../engine/index.ts'

const replaces = 'one@host;to-tag=1;from-tag=2'

function refusal(headers: [string, string][], dialog: ReplaceableDialog | undefined) {
  const [uri, from, to] = ['sip:us@192.0.2.1', '<sip:a@b>;tag=1', '<sip:us@192.0.2.1>']

  return takeoverRefusal(
    createRequest({ method: 'INVITE', uri, from, to, callId: 'c', cseq: 1, headers }),
    () => dialog,
  )
}

describe('An INVITE that is to take the place of a dialog, where that is not done', () => {
  for (const [what, isEarly, initiatedBy, one, earlyOnly] of [
    ['a dialog that is answered', false, 'peer', 488, 486],
    ['our own call that still rings', true, 'us', 488, 488],
    ['a caller’s own call that still rings here', true, 'peer', 481, 481],
  ] as const) {
    it(`gets ${one} for ${what}, and ${earlyOnly} when it wants it early only (RFC 3891 3)`, () => {
      assert.equal(refusal([['Replaces', replaces]], { isEarly, initiatedBy }), one)
      assert.equal(refusal([['Replaces', `${replaces};early-only`]], { isEarly, initiatedBy }), earlyOnly)
    })
  }

  it('gets 481 for a dialog that is not there, and 400 for what names none', () => {
    assert.equal(refusal([['Replaces', replaces]], undefined), 481)
    assert.equal(refusal([['Replaces', 'one@host']], undefined), 400)
    assert.equal(refusal([], undefined), undefined)
  })
})
