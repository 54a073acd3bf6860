import assert from 'node:assert/strict'
import type { LegMedia } from '../../../server/media/leg-media.ts'
import { MediaAnchors } from '../../../server/media/media-anchors.ts'
import type { Anchor } from '../../../server/media/anchor.ts'
import type { MediaPort } from '../../../server/media/media-port.ts'
import type { MediaStatistics, ReceivedMedia } from '../../../server/media/media-statistics.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { scriptedMedia } from './scripted-media.ts'

const sdp = (port: number, direction = 'sendrecv') =>
  `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=${direction}\r\n`
const anchor: Anchor = { reason: 'encryption', terms: { encryption: 'rtp' }, direct: (text) => `${text}a=direct\r\n` }
const received = (packets: number): ReceivedMedia => ({
  ...{ codec: 'PCMU', encryption: 'none', packets, lost: 0, jitterMs: undefined, mos: undefined, errors: 0 },
})
/** What a leg's peer got, without the origin, which is the leg's own. */
const withoutOrigin = (text: string | undefined) => text?.replace(/^o=.*\r\n/m, '')

describe('The media of a leg', () => {
  let clock: FakeClock
  let anchors: MediaAnchors

  function legOn(port: MediaPort): LegMedia {
    clock = new FakeClock()
    anchors = new MediaAnchors(port, clock, {
      file: () => Promise.resolve(undefined),
      spoken: () => Promise.resolve({ problem: 'no endpoint' }),
    })
    const leg = anchors.newLeg('call')
    leg.begun()

    return leg
  }

  /** Offer of the caller's side and answer of the party, both through the leg. */
  async function agreed(leg: LegMedia): Promise<void> {
    await leg.toPeer('offer', sdp(4000))
    await leg.fromPeer('answer', sdp(5000))
  }

  it('is direct without a reason: descriptions pass as they are, and no session is opened', async () => {
    const media = scriptedMedia(['one'])
    const leg = legOn(media)
    assert.equal(withoutOrigin(await leg.toPeer('offer', sdp(4000))), withoutOrigin(sdp(4000)))
    assert.equal(await leg.fromPeer('answer', sdp(5000)), sdp(5000))
    leg.ended()
    assert.deepEqual(
      [media.sessions, leg.peerSdp, leg.anchor, leg.session, leg.keep(), leg.closed, leg.isLost],
      [[], sdp(5000), undefined, undefined, undefined, undefined, false],
    )
  })

  it('passes through one session of a server, in both directions, with the terms of its reason', async () => {
    const media = scriptedMedia(['one', 'two'])
    const leg = legOn(media)
    leg.anchorFor(anchor)
    assert.match((await leg.toPeer('offer', sdp(4000))) ?? '', /a=by:one/)
    assert.equal(await leg.fromPeer('answer', sdp(5000)), `${sdp(5000)}a=by:one\r\n`)
    // The same description again costs no command: a refresh (RFC 4028 7.4).
    await leg.toPeer('offer', sdp(4000))
    // The party's own offer: the caller is offered what it has shown to be.
    assert.equal(await leg.fromPeer('offer', sdp(5002)), `${sdp(5002)}a=by:one\r\n`)
    const [session] = media.sessions
    assert.deepEqual(session?.commands, [
      'offer caller {"encryption":"rtp"}',
      'answer party',
      'offer party {"encryption":"rtp","family":"IP4","ice":"remove"}',
    ])
    assert.equal(leg.session, session)
    leg.ended()
    await leg.closed
    assert.deepEqual([session.isClosed, leg.isOver, leg.isLost], [true, true, false])
    assert.deepEqual([...anchors.counts], [['encryption anchored', 1]])
  })

  it('gives its peer one origin, whichever server writes its descriptions (RFC 3264 8)', async () => {
    const media = scriptedMedia(['one', 'two'])
    const leg = legOn(media)
    leg.anchorFor(anchor)
    const originOf = (text = '') => /^o=- (\d+) (\d+)/m.exec(text)?.slice(1).map(Number) ?? []
    const [id, version = 0] = originOf(await leg.toPeer('offer', sdp(4000)))
    media.sessions[0]?.onLost('it has restarted')
    const again = await leg.toPeer('offer', sdp(4000))
    assert.match(again ?? '', /a=by:two/)
    assert.deepEqual(originOf(again), [id, version + 1])
  })

  it('goes to the next server when one fails, and is refused when the last one does', async () => {
    const media = scriptedMedia(['dead', 'well'], { problems: { dead: 'time-out' } })
    const leg = legOn(media)
    leg.anchorFor(anchor)
    assert.match((await leg.toPeer('offer', sdp(4000))) ?? '', /a=by:well/)
    assert.deepEqual(
      media.sessions.map(({ server, isClosed }) => [server, isClosed]),
      [
        ['dead', true],
        ['well', false],
      ],
    )
    const none = legOn(scriptedMedia(['dead'], { problems: { dead: 'time-out' } }))
    none.anchorFor(anchor)
    assert.equal(await none.toPeer('offer', sdp(4000)), undefined)
    assert.deepEqual([...anchors.counts.keys()], ['encryption anchored', 'encryption refused'])
  })

  it('is direct without a server where MEDIA_FALLBACK and its reason let it', async () => {
    const leg = legOn(scriptedMedia([], { fallback: 'direct' }))
    leg.anchorFor(anchor)
    assert.match((await leg.toPeer('offer', sdp(4000))) ?? '', /a=direct/)
    assert.deepEqual([leg.anchor, leg.isLost, [...anchors.counts.keys()]], [undefined, false, ['encryption direct']])
    const strict = legOn(scriptedMedia([], { fallback: 'direct' }))
    strict.anchorFor({ ...anchor, direct: undefined })
    assert.equal(await strict.toPeer('offer', sdp(4000)), undefined)
  })

  it('that is lost says so once, and goes on with another session: its digits and its block hold', async () => {
    const media = scriptedMedia(['one', 'two'])
    const leg = legOn(media)
    const told: string[] = []
    leg.onLost = () => told.push('lost')
    leg.onDigit = (from, digit) => told.push(`${from} ${digit}`)
    leg.anchorFor(anchor)
    await agreed(leg)
    await leg.block(true)
    const [first] = media.sessions
    first?.onLost('it has restarted')
    first?.onLost('it has restarted')
    assert.deepEqual([told, leg.isLost, first?.isClosed], [['lost'], true, true])
    await agreed(leg)
    const second = media.sessions[1]
    second?.onDigit('party', '1')
    assert.deepEqual([told, leg.isLost], [['lost', 'party 1'], false])
    assert.deepEqual(
      second?.commands.filter((command) => command.startsWith('block')),
      ['block caller', 'block party'],
    )
    await leg.block(false)
    assert.deepEqual(second.commands.slice(-2), ['unblock caller', 'unblock party'])
  })

  it('whose server fails at the answer loses its session, and the answer passes as it is', async () => {
    const media = scriptedMedia(['one'])
    const leg = legOn(media)
    let lost = 0
    leg.onLost = () => lost++
    leg.anchorFor(anchor)
    await leg.toPeer('offer', sdp(4000))
    media.sessions[0]!.problem = 'time-out'
    assert.equal(await leg.fromPeer('answer', sdp(5000)), sdp(5000))
    assert.deepEqual([lost, leg.isLost], [1, true])
  })

  it('is taken up after a crash without a session, with its reason, terms and origin', async () => {
    const before = legOn(scriptedMedia(['one']))
    before.anchorFor(anchor)
    const first = await before.toPeer('offer', sdp(4000))
    const kept = before.keep()
    assert.deepEqual([kept?.reason, kept?.terms], ['encryption', { encryption: 'rtp' }])
    const after = legOn(scriptedMedia(['two']))
    after.takeUp(JSON.parse(JSON.stringify(kept)) as NonNullable<typeof kept>)
    assert.equal(after.isLost, true)
    const second = await after.toPeer('offer', sdp(4000))
    assert.equal(/^o=(\S+ \d+) /m.exec(second ?? '')?.[1], /^o=(\S+ \d+) /m.exec(first ?? '')?.[1])
    assert.equal(after.isLost, false)
  })

  it('that is recorded goes on so on each session that takes the place of the one before, after a crash, too', async () => {
    const recorded = (media: ReturnType<typeof scriptedMedia>) =>
      media.sessions.map(({ commands }) => commands.filter((command) => command.startsWith('record')))
    const media = scriptedMedia(['one', 'two'])
    const leg = legOn(media)
    const files: unknown[] = []
    leg.recording.onFile = (file) => files.push(file)
    await leg.recording.start('call 1')
    leg.anchorFor(anchor)
    await agreed(leg)
    await leg.recording.start('call 1')
    await leg.fromPeer('answer', sdp(5002))
    media.sessions[0]?.onLost('it has restarted')
    await agreed(leg)
    assert.deepEqual(recorded(media), [['record call 1'], ['record call 1']])
    assert.deepEqual(files, [
      { problem: 'its media goes through no media server' },
      { value: { server: 'one', name: 'session' } },
      { value: { server: 'two', name: 'session' } },
    ])
    const next = scriptedMedia(['three'])
    const after = legOn(next)
    after.takeUp(JSON.parse(JSON.stringify(leg.keep())) as NonNullable<ReturnType<LegMedia['keep']>>)
    await agreed(after)
    assert.deepEqual(recorded(next), [['record call 1']])
  })

  it('that is recorded no more is not recorded by the next session either', async () => {
    const media = scriptedMedia(['one', 'two'])
    const leg = legOn(media)
    leg.anchorFor(anchor)
    await agreed(leg)
    await leg.recording.start('call 1')
    assert.deepEqual(await leg.recording.stop(), { value: undefined })
    assert.equal(leg.keep()?.recording, undefined)
    media.sessions[0]?.onLost('it has restarted')
    await agreed(leg)
    const told = media.sessions.map(({ commands }) => commands.filter((command) => command.includes('record')))
    assert.deepEqual(told, [['record call 1', 'stop recording'], []])
  })

  it('opens no session once its INVITE and dialog are over', async () => {
    const media = scriptedMedia(['dead', 'well'], { problems: { dead: 'time-out' } })
    const leg = legOn(media)
    leg.anchorFor(anchor)
    const offered = leg.toPeer('offer', sdp(4000))
    leg.ended()
    assert.equal(await offered, undefined)
    assert.equal(withoutOrigin(await leg.toPeer('offer', sdp(4002))), withoutOrigin(sdp(4002)))
    assert.deepEqual(
      media.sessions.map(({ server, isClosed }) => [server, isClosed]),
      [['dead', true]],
    )
  })

  for (const [side, statistics, counted] of [
    ['the destination', { caller: received(200), party: received(0) }, 'party'],
    ['both sides', {}, 'both'],
  ] as [string, MediaStatistics, string][]) {
    it(`is found silent within five seconds where no packet has come from ${side}, once`, async () => {
      const media = scriptedMedia(['one'])
      const leg = legOn(media)
      leg.anchorFor(anchor)
      await agreed(leg)
      media.sessions[0]!.statistics = statistics
      for (const ms of [2000, 2000, 10_000]) {
        clock.advance(ms)
        await new Promise((resolve) => setImmediate(resolve))
        if (ms === 2000) continue
        assert.deepEqual([...anchors.silent], [[counted, 1]])
      }
      assert.deepEqual([leg.statistics, leg.silent.length], [statistics, counted === 'both' ? 2 : 1])
      leg.ended()
      await leg.closed
      assert.equal(clock.size, 0)
    })
  }

  it('is not found silent while a side is on hold', async () => {
    const media = scriptedMedia(['one'])
    const leg = legOn(media)
    leg.anchorFor(anchor)
    await leg.toPeer('offer', sdp(4000, 'inactive'))
    await leg.fromPeer('answer', sdp(5000, 'inactive'))
    for (const ms of [2000, 2000]) {
      clock.advance(ms)
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepEqual([...anchors.silent, ...leg.silent], [])
    leg.ended()
  })
})
