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

  for (const { what, first, then } of [
    {
      what: 'a user name with blanks',
      first: 'My PBX 12345 7 IN IP4 127.0.0.1',
      then: 'My PBX 12345 8 IN IP4 127.0.0.1',
    },
    { what: 'no address', first: '- 12345 7 IN IP4', then: '- 12345 8 IN IP4' },
    { what: 'two blanks', first: '-  12345 7 IN IP4 127.0.0.1', then: '-  12345 8 IN IP4 127.0.0.1' },
    { what: 'letters in its version', first: 'S 77 4751x IN IP4 127.0.0.1', then: 'S 77 1 IN IP4 127.0.0.1' },
    // 64 bits hold no higher version, signed or unsigned.
    { what: 'the largest signed version', first: `- 1 ${2n ** 63n - 1n} IN IP4 h`, then: '- 1 1 IN IP4 h' },
    { what: 'the largest unsigned version', first: `- 1 ${2n ** 64n - 1n} IN IP4 h`, then: '- 1 1 IN IP4 h' },
    {
      what: 'a version above the largest signed one',
      first: `- 1 ${2n ** 63n} IN IP4 h`,
      then: `- 1 ${2n ** 63n + 1n} IN IP4 h`,
    },
    { what: 'a network type of another name', first: '- 1 7 X IP4 h', then: '- 1 8 X IP4 h' },
  ]) {
    it(`keeps an origin with ${what}, with another version`, () => {
      const origin = new SessionOrigin()
      origin.send(sdp(first, 4000))
      assert.equal(origin.send(sdp('human 99 1 IN IP4 127.0.0.9', 5000)), sdp(then, 5000))
    })
  }

  it('is that of the first description that has one', () => {
    const origin = new SessionOrigin()
    const without = sdp('x', 4000).replace('o=x\r\n', '')
    assert.equal(origin.send(without), without)
    assert.equal(origin.send(sdp('human 99 1 IN IP4 127.0.0.9', 5000)), sdp('human 99 1 IN IP4 127.0.0.9', 5000))
    assert.equal(origin.send(sdp('other 5 5 IN IP4 127.0.0.9', 5000)), sdp('human 99 2 IN IP4 127.0.0.9', 5000))
  })

  it('leaves alone what is no session description', () => {
    const origin = new SessionOrigin()
    assert.equal(origin.send('hello'), 'hello')
    assert.equal(origin.send('there'), 'there')
    assert.equal(origin.send(''), '')
  })
})
