import assert from 'node:assert/strict'
import { answerFrom, answerProblem } from '../../../server/media/session-answer.ts'

const session = (media: string[], origin = 1) =>
  ['v=0', `o=- ${origin} 1 IN IP4 192.0.2.1`, 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...media, ''].join('\r\n')
const audio = (port: number, formats: string, direction: string) => [
  `m=audio ${port} RTP/AVP ${formats}`,
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  `a=${direction}`,
]
const own = session(audio(4000, '0 8 101', 'sendrecv'))
const linesOf = (sdp: string | undefined) => sdp?.split('\r\n').filter((line) => /^(?:m=|a=)/.test(line))

describe('An answer from the session that a party has', () => {
  it('agrees to a hold, and to its end', () => {
    for (const [asked, agreed] of [
      ['sendonly', 'recvonly'],
      ['inactive', 'inactive'],
      ['recvonly', 'sendonly'],
      ['sendrecv', 'sendrecv'],
    ] as const) {
      const answer = answerFrom(own, session(audio(5000, '0 8 101', asked), 2))
      assert.equal(linesOf(answer)?.at(-1), `a=${agreed}`)
      assert.ok(answer?.startsWith('v=0\r\no=- 1 1 IN IP4 192.0.2.1'))
    }
  })

  it('leaves a party on hold that Baton holds', () => {
    const held = session(audio(4000, '0', 'inactive'))
    assert.equal(linesOf(answerFrom(held, session(audio(5000, '0', 'sendrecv'))))?.at(-1), 'a=inactive')
  })

  it('has the formats that both have, and refuses streams that are new', () => {
    const offer = session([...audio(5000, '0 9', 'sendrecv'), 'm=video 5002 RTP/AVP 96'])
    assert.deepEqual(linesOf(answerFrom(own, offer)), [
      'm=audio 4000 RTP/AVP 0',
      'a=rtpmap:0 PCMU/8000',
      'a=sendrecv',
      'm=video 0 RTP/AVP 96',
    ])
  })

  it('is none where nothing is in common', () => {
    assert.equal(answerFrom(own, session(audio(5000, '9', 'sendrecv'))), undefined)
    assert.equal(answerFrom(own, session(['m=audio 5000 RTP/SAVP 0'])), undefined)
    assert.equal(answerFrom('', session(audio(5000, '0', 'sendrecv'))), undefined)
  })
})

describe('An answer', () => {
  const sdpOf = (...media: string[]) => ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', ...media, ''].join('\r\n')

  it('with port 0 refuses what was offered with another, and mirrors an offer of nothing (RFC 3264 6)', () => {
    const nothing = sdpOf('m=audio 0 RTP/AVP 0')
    assert.equal(answerProblem(sdpOf('m=audio 4000 RTP/AVP 0'), nothing), 'refused all media')
    assert.equal(answerProblem(nothing, nothing), undefined)
    assert.equal(answerProblem(sdpOf(), sdpOf()), undefined)
  })

  it('needs no codec for T.38 or MSRP', () => {
    const fax = sdpOf('m=audio 4000 RTP/AVP 0', 'm=image 4002 udptl t38')
    assert.equal(answerProblem(fax, sdpOf('m=audio 0 RTP/AVP 0', 'm=image 5002 udptl t38')), undefined)
  })
})
