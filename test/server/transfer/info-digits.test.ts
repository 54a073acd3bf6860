import assert from 'node:assert/strict'
import { digitOf } from '../../../server/transfer/info-digits.ts'
import { request } from './fake-port.ts'

const digitIn = (type: string, body: string, method = 'INFO') =>
  digitOf(request(method, body, { 'Content-Type': type }))

describe('A digit in SIP INFO', () => {
  it('is read from both of its forms, whatever their case and spaces', () => {
    assert.equal(digitIn('application/dtmf-relay', 'Signal=1\r\nDuration=160\r\n'), '1')
    assert.equal(digitIn('Application/DTMF-Relay; x=y', 'Duration=160\r\nsignal = *\r\n'), '*')
    assert.equal(digitIn('application/dtmf', ' #\r\n'), '#')
    assert.equal(digitIn('application/dtmf', 'd'), 'D')
  })

  it('may be an event number of RFC 4733', () => {
    assert.equal(digitIn('application/dtmf-relay', 'Signal=10\r\n'), '*')
    assert.equal(digitIn('application/dtmf', '11'), '#')
    assert.equal(digitIn('application/dtmf', '15'), 'D')
  })

  it('is nothing else', () => {
    assert.equal(digitIn('application/dtmf-relay', 'Signal=flash\r\n'), undefined)
    assert.equal(digitIn('application/dtmf-relay', 'Duration=160\r\n'), undefined)
    assert.equal(digitIn('application/dtmf', '16'), undefined)
    assert.equal(digitIn('application/sdp', 'Signal=1\r\n'), undefined)
    assert.equal(digitIn('application/dtmf', '1', 'MESSAGE'), undefined)
  })
})
