import assert from 'node:assert/strict'
import { SessionOrigin } from '../../../server/media/session-origin.ts'

const sdp = (origin: string, port: number): string =>
  ['v=0', `o=${origin}`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${port} RTP/AVP 0`, ''].join('\r\n')

describe('the origin of what a party is sent', () => {
  it('goes out untouched the first time', () => {
    const first = sdp('agent 5 7 IN IP4 127.0.0.1', 4000)
    assert.equal(new SessionOrigin().send(first), first)
  })

  it('stays the same but for a higher version when another party takes over', () => {
    const origin = new SessionOrigin()
    origin.send(sdp('agent 5 7 IN IP4 127.0.0.1', 4000))
    const second = origin.send(sdp('human 99 1 IN IP4 127.0.0.9', 5000))
    assert.equal(second, sdp('agent 5 8 IN IP4 127.0.0.1', 5000))
    assert.equal(origin.send(sdp('human 99 2 IN IP4 127.0.0.9', 5002)), sdp('agent 5 9 IN IP4 127.0.0.1', 5002))
  })

  it('keeps its version when the same description is sent again', () => {
    const origin = new SessionOrigin()
    origin.send(sdp('agent 5 7 IN IP4 127.0.0.1', 4000))
    const moved = origin.send(sdp('human 99 1 IN IP4 127.0.0.9', 5000))
    assert.equal(origin.send(sdp('human 99 1 IN IP4 127.0.0.9', 5000)), moved)
  })

  it('counts versions that are larger than a double can hold', () => {
    const origin = new SessionOrigin()
    origin.send(sdp('a 1 18446744073709551614 IN IP4 127.0.0.1', 1))
    assert.match(origin.send(sdp('b 1 1 IN IP4 127.0.0.1', 2)), /o=a 1 18446744073709551615 /)
  })

  it('leaves alone what is no session description', () => {
    const origin = new SessionOrigin()
    assert.equal(origin.send('hello'), 'hello')
    assert.equal(origin.send('there'), 'there')
    assert.equal(origin.send(''), '')
  })
})
