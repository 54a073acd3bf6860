import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { createResponse, parseMessage, Request } from '../../../engine/message/index.ts'

const invite = [
  'INVITE sip:+14155550199@198.51.100.1:5060 SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-1;rport',
  'Max-Forwards: 70',
  'From: "Ann" <sip:+14155550123@192.0.2.10>;tag=f1',
  'To: <sip:+14155550199@198.51.100.1>',
  'Call-ID: c1@192.0.2.10',
  'CSeq: 1 INVITE',
  'Contact: <sip:ann@192.0.2.10:5060>',
  'X-Account: 77',
  'Content-Type: application/sdp',
  'Content-Length: 4',
  '',
  'v=0\n',
].join('\r\n')

function parsed(text: string): Request {
  const message = parseMessage(text)
  assert(message instanceof Request, message.kind)

  return message
}

describe('a SIP message', () => {
  it('gives its headers in any case and compact form', () => {
    const request = parsed(invite.replace('Call-ID:', 'i :').replace('From:', 'FROM:'))
    assert.equal(request.callId, 'c1@192.0.2.10')
    assert.equal(request.header('call-id'), 'c1@192.0.2.10')
    assert.equal(request.fromTag, 'f1')
    assert.equal(request.header('x-account'), '77')
    assert.equal(request.body, 'v=0\n')
    assert.deepEqual(
      [...request.entries()].map(([name]) => name),
      [
        'Via',
        'Max-Forwards',
        'From',
        'To',
        'Call-ID',
        'CSeq',
        'Contact',
        'X-Account',
        'Content-Type',
        'Content-Length',
      ],
    )
  })

  it('serialises to the bytes that came, and renders anew only what was changed', () => {
    const odd = invite.replace('Call-ID:', 'i :')
    const request = parsed(odd)
    assert.equal(request.toString(), odd)
    request.set('X-Account', '78')
    assert.equal(request.toString(), odd.replace('X-Account: 77', 'X-Account: 78'))
  })

  it('is answered with its Vias, From, To, Call-ID and CSeq', () => {
    const response = createResponse(parsed(invite), 180, undefined, 't1')
    assert.equal(
      response.toString(),
      [
        'SIP/2.0 180 Ringing',
        'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-1;rport',
        'From: "Ann" <sip:+14155550123@192.0.2.10>;tag=f1',
        'To: <sip:+14155550199@198.51.100.1>;tag=t1',
        'Call-ID: c1@192.0.2.10',
        'CSeq: 1 INVITE',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    )
  })
})
