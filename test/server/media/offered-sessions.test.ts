import assert from 'node:assert/strict'
import { type HandoffMedia, isScreened } from '../../../routes/index.ts'
import { type AnchorFacts, anchorOf, bothAnchors } from '../../../server/media/anchor.ts'
import { offeredSessions, sessionsOfSetup, type OfferTerms } from '../../../server/media/offered-sessions.ts'
import { isEncrypted } from '../../../server/media/srtp.ts'

const plain = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
const secure = `${plain.replace('RTP/AVP', 'RTP/SAVP')}a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n`
const every = `${plain.replace('AVP 0', 'AVP 0 8 9 96')}a=rtpmap:96 opus/48000/2\r\n`
const terms: OfferTerms = {
  ...{ session: plain, encryption: undefined, refusesSrtp: false, isAnchorable: true, anchor: undefined },
}

/** Each offer: whether it is SRTP, why it is anchored and as what the peer is offered it, and what it gives up. */
function offersOf(more: Partial<OfferTerms>) {
  return offeredSessions({ ...terms, ...more }).map(({ sdp, anchor, instead }) =>
    [isEncrypted(sdp) ? 'srtp' : 'rtp', anchor?.reason, anchor?.terms.encryption, instead].filter(Boolean).join(' '),
  )
}

describe('The sessions that a leg is offered', () => {
  for (const [more, offers] of [
    [{}, ['rtp']],
    [{ session: '' }, ['rtp']],
    [{ session: secure }, ['srtp']],
    [{ session: secure, encryption: 'none' }, ['rtp']],
    [{ session: secure, encryption: 'required' }, ['srtp']],
    [{ session: plain, encryption: 'required' }, []],
    [{ session: plain, encryption: 'preferred' }, ['rtp']],
    [{ session: secure, encryption: 'preferred' }, ['srtp', 'rtp plain']],
    [{ session: secure, encryption: 'preferred', refusesSrtp: true }, ['rtp']],
  ] as [Partial<OfferTerms>, string[]][]) {
    it(`without a media server are ${offers.join(', then ') || 'none'}: ${nameOf(more)}`, () => {
      assert.deepEqual(offersOf({ ...more, isAnchorable: false }), offers)
    })
  }

  for (const [more, offers] of [
    [{ session: every }, ['rtp']],
    [{}, ['rtp', 'rtp codecs transcoded']],
    [{ session: '' }, ['rtp']],
    [{ session: plain, encryption: 'required' }, ['rtp encryption srtp', 'rtp codecs srtp transcoded']],
    [{ session: secure, encryption: 'none' }, ['srtp encryption rtp', 'srtp codecs rtp transcoded']],
    [{ session: secure, encryption: 'preferred' }, ['srtp', 'srtp encryption rtp plain', 'srtp codecs rtp transcoded']],
    [
      { session: secure, encryption: 'preferred', refusesSrtp: true },
      ['srtp encryption rtp', 'srtp codecs rtp transcoded'],
    ],
  ] as [Partial<OfferTerms>, string[]][]) {
    it(`with a media server are ${offers.join(', then ')}: ${nameOf(more)}`, () => {
      assert.deepEqual(offersOf(more), offers)
    })
  }

  it('of an agent that refuses SRTP are plain RTP by way of a media server', () => {
    const sessions = (session: string, isAnchorable: boolean) =>
      sessionsOfSetup({ session, isAnchorable, anchor: undefined }, undefined).map(
        ({ anchor }) => anchor?.terms.encryption ?? 'same',
      )
    assert.deepEqual(sessions(secure, true), ['same', 'rtp', 'rtp'])
    assert.deepEqual(sessions(plain, false), ['same'])
    assert.deepEqual(sessions(every, true), ['same'])
  })

  it('of a destination in the place of an agent are as its handoff says, in the profile of a caller that waits', () => {
    const offers = (session: string, isAnchorable: boolean, encryption: OfferTerms['encryption']) =>
      sessionsOfSetup({ session, isAnchorable, anchor: undefined }, encryption).map(({ sdp, anchor }) => [
        ...[sdp === session, anchor?.terms.encryption],
      ])
    const [same, asSrtp, asPlain] = [
      [true, undefined],
      [true, 'srtp'],
      [true, 'rtp'],
    ]
    assert.deepEqual(offers(plain, false, 'required'), [])
    assert.deepEqual(offers(secure, false, 'required'), [same])
    assert.deepEqual(offers(secure, false, 'none'), [same])
    assert.deepEqual(offers(secure, false, 'preferred'), [same])
    assert.deepEqual(offers(plain, true, 'required').slice(0, 1), [asSrtp])
    assert.deepEqual(offers(secure, true, 'none').slice(0, 1), [asPlain])
    assert.deepEqual(offers(secure, true, 'preferred').slice(0, 2), [same, asPlain])
  })
})

describe('The reason to anchor a leg', () => {
  const facts = { target: 'sip:desk@192.0.2.9', session: plain, source: '192.0.2.1' }
  const none = { recording: 'off', announce: undefined, accept: undefined } as HandoffMedia
  const accept = { digits: {}, timeout: 10, isRequired: true } as HandoffMedia['accept']
  const inPrivate = plain.replaceAll('192.0.2.1', '192.168.1.5')
  for (const [what, reason, more] of [
    ['a destination that needs nothing', undefined, { media: none }],
    ['an address of IPv6 for a session of IPv4', 'ip_family', { target: 'sip:desk@[2001:db8::9]' }],
    ['a name', undefined, { target: 'sip:desk@pbx.example.com' }],
    ['a private session from a public address', 'nat', { session: inPrivate }],
    ['a private session from a private address', undefined, { session: inPrivate, source: '192.168.1.1' }],
    ['an announcement', 'announce', { media: { ...none, announce: { file: 'hello.wav' } } }],
    ['a digit that accepts', 'accept', { media: { ...none, accept } }],
    ['a recording', 'recording', { media: { ...none, accept }, isRecorded: true }],
    ['an agent whose caller may hear music', 'hold_music', { hasHoldMusic: true }],
  ] as [string, string | undefined, Partial<AnchorFacts>][]) {
    it(`is ${reason ?? 'none'} for ${what}`, () => {
      const anchor = anchorOf({ ...facts, ...more })
      assert.equal(anchor?.reason, reason)
      // Without a server, a person who is told or asked anything is held, and others get the session as it is.
      const direct = anchor?.direct?.(plain)
      const isHeld = direct?.includes('a=inactive') ?? false
      assert.equal(isHeld, anchor?.direct !== undefined && more.media !== undefined && isScreened(more.media))
    })
  }

  it('of two is that of the later one, and media may be direct where both can do without a server', () => {
    const one = { reason: 'nat', terms: { isBehindNat: true }, direct: (sdp: string) => `${sdp}1` } as const
    const other = { reason: 'codecs', terms: { transcode: ['PCMA'] }, direct: (sdp: string) => `${sdp}2` } as const
    const both = bothAnchors(one, other)
    assert.deepEqual([both?.reason, both?.terms], ['codecs', { isBehindNat: true, transcode: ['PCMA'] }])
    assert.equal(both?.direct?.(''), '12')
    assert.equal(bothAnchors(one, { ...other, direct: undefined })?.direct, undefined)
    assert.deepEqual([bothAnchors(one, undefined), bothAnchors(undefined, other)], [one, other])
  })
})

function nameOf({ session = plain, encryption, refusesSrtp }: Partial<OfferTerms>): string {
  const named = new Map([
    ['', 'no offer'],
    [every, 'every codec'],
    [secure, 'SRTP'],
  ])
  const caller = named.get(session) ?? 'RTP'

  return [caller, encryption, refusesSrtp === true && 'SRTP refused lately'].filter(Boolean).join(', ')
}
