import assert from 'node:assert/strict'
import { parseCSeq } from '../../../engine/message/cseq.ts'

describe('CSeq', () => {
  it('is taken up to 32 bits, although peers are to stay below 2**31 (RFC 3261 8.1.1.5)', () => {
    assert.deepEqual(parseCSeq('2554554301 NOTIFY'), { number: 2_554_554_301, method: 'NOTIFY' })
    assert.equal(parseCSeq('4294967295 BYE')?.number, 4_294_967_295)
    assert.equal(parseCSeq('4294967296 BYE'), undefined)
  })
})
