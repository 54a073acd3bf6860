import assert from 'node:assert/strict'
import { held, mirrorsHold } from '../../../server/media/session-state.ts'
import { isEncrypted } from '../../../server/media/srtp.ts'

const sdp = (...lines: string[]) => ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 't=0 0', ...lines, ''].join('\r\n')

describe('A session', () => {
  it('is held by making each of its streams inactive, whatever they were, and nothing else is touched', () => {
    const before = sdp(
      'a=sendonly',
      'm=audio 4000 RTP/AVP 0',
      'a=x-odd: \u00e9',
      'a=recvonly',
      'm=video 4002 RTP/AVP 31',
    )
    const after = sdp(
      'm=audio 4000 RTP/AVP 0',
      'a=x-odd: \u00e9',
      'a=inactive',
      'm=video 4002 RTP/AVP 31',
      'a=inactive',
    )
    assert.equal(held(before), after)
    assert.equal(held(after), after)
    assert.equal(held(before.trimEnd()), after)
    assert.equal(held(''), '')
  })

  it('that only mirrors a hold does not show whether its party holds the call itself', () => {
    const directed = (...directions: string[]) => sdp(...directions.flatMap((way) => ['m=audio 4000 RTP/AVP 0', way]))
    for (const [sent, said, mirrors] of [
      ['a=sendonly', 'a=recvonly', true],
      ['a=recvonly', 'a=sendonly', true],
      ['a=inactive', 'a=inactive', true],
      ['c=IN IP4 0.0.0.0', 'a=recvonly', true],
      ['a=sendonly', 'a=inactive', false],
      ['a=sendonly', 'a=sendonly', false],
      ['a=sendonly', 'a=sendrecv', false],
      ['a=sendrecv', 'a=sendonly', false],
      ['', 'a=inactive', false],
    ] as const) {
      assert.equal(mirrorsHold(directed(sent), directed(said)), mirrors, `${sent} ${said}`)
    }
    assert.ok(mirrorsHold(sdp('a=sendonly', 'm=audio 4000 RTP/AVP 0'), directed('a=recvonly')))
    assert.ok(mirrorsHold(directed('a=sendonly', 'a=sendrecv'), directed('a=recvonly', 'a=sendrecv')))
    assert.ok(!mirrorsHold(directed('a=sendonly', 'a=sendrecv'), directed('a=recvonly', 'a=sendonly')))
    assert.ok(!mirrorsHold('', directed('a=sendonly')))
  })

  it('is encrypted when every stream that is not refused is SRTP', () => {
    assert.ok(isEncrypted(sdp('m=audio 4000 RTP/SAVP 0')))
    assert.ok(isEncrypted(sdp('m=audio 4000 UDP/TLS/RTP/SAVPF 0', 'm=video 0 RTP/AVP 31')))
    assert.ok(!isEncrypted(sdp('m=audio 4000 RTP/SAVP 0', 'm=video 4002 RTP/AVP 31')))
    assert.ok(!isEncrypted(sdp('m=audio 4000 RTP/AVP 0')))
    assert.ok(!isEncrypted(''))
  })
})
