import assert from 'node:assert/strict'
import { readDigit } from '../../../../server/media/rtpengine/digit-listener.ts'

const line = { callid: 'x', source_tag: 'party', tags: ['party', 'caller'], type: 'DTMF', event: 11, duration: 80 }

describe("rtpengine's log of digits", () => {
  it('names the session, the side and the digit', () => {
    assert.deepEqual(readDigit(JSON.stringify(line)), { callId: 'x', tag: 'party', digit: '#' })
  })

  for (const other of [
    '',
    '{',
    'null',
    '[]',
    JSON.stringify({ ...line, event: 16 }),
    JSON.stringify({ ...line, callid: 1 }),
  ]) {
    it(`has no digit in ${other || 'an empty line'}`, () => {
      assert.equal(readDigit(other), undefined)
    })
  }
})
