import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bdecode, bencode, type NgValue } from '../../../../server/media/rtpengine/bencode.ts'

const { value } = fc.letrec<{ value: NgValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.integer(),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}))

describe('Bencoding', () => {
  it('reads what it has written, whatever its bytes', () => {
    fc.assert(
      fc.property(value, (written) => {
        assert.deepEqual(bdecode(bencode(written)), written)
      }),
    )
  })

  it('leaves out entries that are undefined', () => {
    assert.equal(bencode({ command: 'ping', nothing: undefined }), 'd7:command4:pinge')
  })

  for (const text of ['', 'i', 'ie', 'i1', '3:ab', '-1:a', 'l', 'li1e', 'd1:a', 'di1ei1ee', 'i1ei1e', 'l'.repeat(99)]) {
    it(`has no value for ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.equal(bdecode(text), undefined)
    })
  }
})
