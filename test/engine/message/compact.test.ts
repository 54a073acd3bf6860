import assert from 'node:assert/strict'
import { headerLines, parseMessage, Request } from '../../../engine/index.ts'

const text = [
  'INVITE sip:desk@192.0.2.1 SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bK-1',
  'f: "Ann"',
  ' <sip:ann@192.0.2.2>;tag=a1',
  'To: <sip:desk@192.0.2.1>',
  'Call-ID: 1@192.0.2.2',
  'CSeq: 7 INVITE',
  'Contact: <sip:ann@192.0.2.2:5070>',
  'X-Customer: gold',
  'Content-Length: 4',
  '',
  'v=0',
].join('\r\n')

/** All that is read of an INVITE. */
function seen(request: Request) {
  const { via, from, to, contact, contactUri, cseq, callId, fromTag, toTag, body } = request

  return { via, from, to, contact, contactUri, cseq, callId, fromTag, toTag, body, entries: request.entries() }
}

describe('An INVITE that only its text is kept of', () => {
  const received = (): Request => {
    const message = parseMessage(Buffer.from(`${text}\n`, 'latin1'))

    return message instanceof Request ? message : assert.fail('it is no request')
  }

  it('reads as before', () => {
    const request = received()
    const before = seen(request)
    request.compact(headerLines)
    assert.equal(request.toString(), `${text}\n`)
    assert.deepEqual(seen(request), before)
    request.compact(headerLines)
    assert.deepEqual(seen(request), before)
  })

  it('has the changes that were made before, and takes others', () => {
    const request = received()
    const via = request.via ?? assert.fail('there is no Via')
    request.replaceVia({ ...via, params: via.params.with('received', '192.0.2.9') })
    const before = seen(request)
    request.compact(headerLines)
    assert.deepEqual(seen(request).entries, before.entries)
    assert.equal(request.via?.params.get('received'), '192.0.2.9')
    request.add('X-Later', 'yes')
    assert.equal(request.header('X-Later'), 'yes')
    assert.equal(request.header('X-Customer'), 'gold')
  })
})
