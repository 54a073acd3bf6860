import assert from 'node:assert/strict'
import { needsNewOffer } from '../../../server/media/session-state.ts'

const sdp = (audio: { ip?: string; port?: number; formats?: string; more?: string[] } = {}): string =>
  [
    'v=0',
    `o=- ${Math.floor(Math.random() * 1e6)} 1 IN IP4 127.0.0.1`,
    's=-',
    `c=IN IP4 ${audio.ip ?? '127.0.0.1'}`,
    't=0 0',
    `m=audio ${audio.port ?? 4000} RTP/AVP ${audio.formats ?? '0 8 101'}`,
    ...(audio.more ?? []),
    '',
  ].join('\r\n')

describe('a destination that was offered the caller’s session', () => {
  it('need not be told when the caller only repeats it, or names its direction', () => {
    assert.equal(needsNewOffer(sdp(), sdp(), sdp({ formats: '0 101' })), false)
    assert.equal(needsNewOffer(sdp(), sdp({ more: ['a=sendrecv'] }), sdp({ formats: '0' })), false)
  })

  it('need not be told that the caller drops codecs that it did not choose itself', () => {
    assert.equal(needsNewOffer(sdp(), sdp({ formats: '0 101' }), sdp({ formats: '0 101' })), false)
  })

  it('must be told of another address, port, codec, direction or key', () => {
    const own = sdp({ formats: '0 101' })
    assert.equal(needsNewOffer(sdp(), sdp({ ip: '127.0.0.2' }), own), true)
    assert.equal(needsNewOffer(sdp(), sdp({ port: 4002 }), own), true)
    assert.equal(needsNewOffer(sdp(), sdp({ formats: '8' }), own), true)
    assert.equal(needsNewOffer(sdp(), sdp({ more: ['a=inactive'] }), own), true)
    const crypto = (key: string): string[] => [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`]
    assert.equal(needsNewOffer(sdp({ more: crypto('aaaa') }), sdp({ more: crypto('bbbb') }), own), true)
  })

  it('must be told when the number of streams changes', () => {
    assert.equal(needsNewOffer(sdp(), `${sdp()}m=video 0 RTP/AVP 96\r\n`, sdp()), true)
  })
})
