import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sessionOf, bodyPart } from '../../../server/sip/body-part.ts'
import { request, sdp } from '../transfer/fake-port.ts'

const session = sdp(40_000)
const location = 'Content-Type: application/pidf+xml\r\nContent-ID: <a@x>\r\n\r\n<presence/>\r\n'
const inMultipart = (body: string, parameters = 'boundary=b1') =>
  request('INVITE', body, { 'Content-Type': `multipart/mixed;${parameters}` })
const part = (content = session, type = 'Content-Type: application/sdp') => `--b1\r\n${type}\r\n\r\n${content}\r\n`

describe('the session in a multipart body', () => {
  for (const [what, body, parameters] of [
    ['stands before ISUP', `${part()}--b1\r\n${location}--b1--\r\n`],
    ['stands after a location', `--b1\r\n${location}${part()}--b1--`],
    ['follows a preamble and has an epilogue', `This is MIME.\r\n${part()}--b1--\r\nbye`],
    ['has a quoted boundary with blanks', part().replace('--b1', '--a b: 1') + '--a b: 1--', 'boundary="a b: 1"'],
    ['has white space after its delimiter', part().replace('--b1', '--b1  ') + '--b1--'],
    ['has a folded type in odd case', part(session, 'CONTENT-TYPE:\r\n application/SDP; charset=utf-8') + '--b1--'],
    ['has a compact header name', part(session, 'c: application/sdp') + '--b1--'],
    ['has no closing delimiter', part(session.trimEnd())],
    ['stands beside a longer boundary', `--b1\r\n${location}--b1x\r\n${part()}--b1--`],
    ['follows a part without headers', `--b1\r\n\r\nhello\r\n${part()}--b1--`],
    [
      'is in a multipart inside',
      part(part().replace('--b1', '--in') + '--in--', 'Content-Type: multipart/mixed;boundary=in'),
    ],
    [
      'stands beside an early session (RFC 3959)',
      part(sdp(1), 'Content-Type: application/sdp\r\nContent-Disposition: early-session') + part() + '--b1--',
    ],
    ['names its boundary after another parameter', part() + '--b1--', 'charset=utf-8;BOUNDARY=b1'],
  ] as const) {
    it(`is read where it ${what}`, () => {
      assert.equal(sessionOf(inMultipart(body, parameters)), session)
    })
  }

  it('is read where lines end with LF alone', () => {
    const lines = (text: string) => text.replaceAll('\r\n', '\n')
    assert.equal(sessionOf(inMultipart(lines(`${part()}--b1\r\n${location}--b1--`))), lines(session))
  })

  it('is missing where no part is one, or where no boundary is named', () => {
    assert.equal(sessionOf(inMultipart(`--b1\r\n${location}--b1--`)), '')
    assert.equal(sessionOf(inMultipart(part(), 'charset=utf-8')), '')
  })

  it('is read of any body without throwing', () => {
    const piece = fc.constantFrom(
      '--b1',
      '--',
      '\r\n',
      '\n',
      'Content-Type: application/sdp',
      ':',
      ' ',
      'v=0',
      '--b1--',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        assert.equal(typeof sessionOf(inMultipart(pieces.join(''))), 'string')
      }),
    )
  })
})

describe('a part of another type', () => {
  it('is found by its type', () => {
    assert.equal(bodyPart(inMultipart(`${part()}--b1\r\n${location}--b1--`), 'application/pidf+xml'), '<presence/>')
  })
})
