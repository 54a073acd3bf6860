import assert from 'node:assert/strict'
import { requestRoute } from '../../../engine/dialog/dialog-state.ts'

describe('the route of a request in a dialog (RFC 3261 12.2.1.1)', () => {
  it('is the target alone without a route set', () => {
    assert.deepEqual(requestRoute('sip:bob@b', []), { requestUri: 'sip:bob@b', routes: [], nextHop: 'sip:bob@b' })
  })

  it('goes by loose routers with the target as Request-URI', () => {
    const routes = ['<sip:p1;lr>', '<sip:p2>']
    assert.deepEqual(requestRoute('sip:bob@b', routes), { requestUri: 'sip:bob@b', routes, nextHop: 'sip:p1;lr' })
  })

  it('goes by a strict router as Request-URI, stripped of method and headers, with the target as the last route', () => {
    assert.deepEqual(requestRoute('sip:bob@b', ['<sip:p1;method=INVITE;x=1?Subject=hi>', '<sip:p2;lr>']), {
      requestUri: 'sip:p1;x=1',
      routes: ['<sip:p2;lr>', '<sip:bob@b>'],
      nextHop: 'sip:p1;x=1',
    })
  })

  it('passes over a route that is no address', () => {
    assert.equal(requestRoute('sip:bob@b', ['???']).nextHop, 'sip:bob@b')
  })
})
