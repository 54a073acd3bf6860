import assert from 'node:assert/strict'
import { createRequest, requestUriOf } from '../../../engine/index.ts'

describe('a Request-URI', () => {
  for (const [uri, sent] of [
    ['sip:desk@127.0.0.1:5092?Subject=x&X-A=1', 'sip:desk@127.0.0.1:5092'],
    ['sip:127.0.0.1?Route=%3Csip:evil%3E', 'sip:127.0.0.1'],
    ['sip:what?@127.0.0.1;transport=tcp', 'sip:what?@127.0.0.1;transport=tcp'],
    ['sip:what?@127.0.0.1?Replaces=1', 'sip:what?@127.0.0.1'],
    ['tel:+14155550100', 'tel:+14155550100'],
  ] as const) {
    it(`for ${uri} has no headers (RFC 3261 19.1.1)`, () => {
      assert.equal(requestUriOf(uri), sent)
      const request = createRequest({
        method: 'INVITE',
        uri,
        from: '<sip:a@b>;tag=1',
        to: '<sip:c@d>',
        callId: 'c',
        cseq: 1,
      })
      assert.equal(request.uri, sent)
    })
  }
})
