import assert from 'node:assert/strict'
import fc from 'fast-check'
import { referTo } from '../../routes/index.ts'

describe('Refer-To', () => {
  it('always has angle brackets', () => {
    assert.equal(referTo('sip:desk@pbx.example'), '<sip:desk@pbx.example>')
    assert.equal(referTo('sip:desk@pbx.example;transport=tcp'), '<sip:desk@pbx.example;transport=tcp>')
  })

  it('encodes headers once', () => {
    assert.equal(
      referTo('sip:desk@pbx.example', [
        ['X-Name', 'Zoë & co; 100%'],
        ['X-Number', '+1415'],
      ]),
      '<sip:desk@pbx.example?X-Name=Zo%C3%AB%20%26%20co%3B%20100%25&X-Number=%2B1415>',
    )
    assert.equal(referTo('sip:d@x', [['X-A', '%20']]), '<sip:d@x?X-A=%2520>')
  })

  it('adds to headers that the route has', () => {
    assert.equal(referTo('sip:d@x?X-B=1', [['X-A', '2']]), '<sip:d@x?X-B=1&X-A=2>')
    assert.equal(referTo('sip:d?x=1@h', [['X-A', '2']]), '<sip:d?x=1@h?X-A=2>')
  })

  it('leaves tel: as it is', () => {
    assert.equal(referTo('tel:+14155550100', [['X-A', '1']]), '<tel:+14155550100>')
  })

  it('gives every value back when it is decoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const encoded = /^<sip:d@x\?X-A=([^<>"\s;,&]*)>$/.exec(referTo('sip:d@x', [['X-A', value]]))?.[1]
        assert.equal(decodeURIComponent(encoded ?? '?'), value)
      }),
    )
  })
})
