import assert from 'node:assert/strict'
import { held, isEncrypted } from '../../../server/media/session-state.ts'

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

  it('is encrypted when every stream that is not refused is SRTP', () => {
    assert.ok(isEncrypted(sdp('m=audio 4000 RTP/SAVP 0')))
    assert.ok(isEncrypted(sdp('m=audio 4000 UDP/TLS/RTP/SAVPF 0', 'm=video 0 RTP/AVP 31')))
    assert.ok(!isEncrypted(sdp('m=audio 4000 RTP/SAVP 0', 'm=video 4002 RTP/AVP 31')))
    assert.ok(!isEncrypted(sdp('m=audio 4000 RTP/AVP 0')))
    assert.ok(!isEncrypted(''))
  })
})
