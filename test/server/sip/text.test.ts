import assert from 'node:assert/strict'
import { encodeLine } from '../../../server/sip/text.ts'

describe('a value that is to stand on one line', () => {
  it('has no control character but a tab', () => {
    assert.equal(encodeLine('a\r\nVia: b\0c\x01\x0b\x1b[31m\x7fd\te'), 'a Via: b c [31m d\te')
    assert.equal(encodeLine('Zoë \x1b'), 'Zo\xc3\xab  ')
  })
})
