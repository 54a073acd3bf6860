import assert from 'node:assert/strict'
import { TimerWheel } from '../../../../engine/index.ts'
import type { MediaResult, MediaSession, MediaTerms } from '../../../../server/media/media-port.ts'
import { Rtpengines } from '../../../../server/media/rtpengine/pool.ts'
import { needs } from '../../../harness/needs.ts'
import { freePort } from '../../../harness/ports.ts'
import { RtpParty, type RtpPartyOptions } from '../../../harness/rtp-party.ts'
import { Rtpengine } from '../../../harness/rtpengine.ts'
import { until } from '../../../harness/until.ts'
import { tone } from '../../audio/tone.ts'

describe('Audio through rtpengine', function () {
  this.timeout(60_000)
  needs('rtpengine')
  const clock = new TimerWheel()
  const parties: RtpParty[] = []
  let rtpengine: Rtpengine
  let pool: Rtpengines
  const party = async (options: RtpPartyOptions = {}): Promise<RtpParty> => {
    const opened = await RtpParty.open(options)
    parties.push(opened)

    return opened
  }
  /** Two parties with a session of rtpengine between them. */
  const connected = async (caller: RtpParty, other: RtpParty, terms?: MediaTerms): Promise<MediaSession> => {
    const session = pool.open('audio')!
    const offered = valueOf(await session.offer('caller', caller.offer(), terms))
    caller.connect(valueOf(await session.answer('party', other.answer(offered))))

    return session
  }

  before(async () => {
    const port = await freePort()
    rtpengine = await Rtpengine.start(port)
    pool = await Rtpengines.open({
      settings: {
        servers: [{ host: '127.0.0.1', port: rtpengine.port }],
        ...{ timeoutMs: 1000, fallback: 'refuse', digits: { address: '127.0.0.1', port } },
      },
      ...{ nodeName: 'audio', clock, changed: () => undefined },
    })
  })
  afterEach(() => {
    for (const each of parties.splice(0)) each.close()
  })
  after(async () => {
    await pool.close()
    await rtpengine.kill()
    clock.clear()
  })

  const heardBothWays = async (caller: RtpParty, other: RtpParty): Promise<void> => {
    caller.say(500)
    other.say(1200)
    await Promise.all([caller.heard.tone(1200), other.heard.tone(500)])
    for (const { heard } of [caller, other]) assert.deepEqual([heard.rejected, heard.lost], [0, 0])
  }

  for (const [name, options, other, terms] of [
    ['as it is', {}, {}, undefined],
    ['from RTP to SRTP', {}, {}, { encryption: 'srtp' }],
    ['from SRTP to RTP', { srtp: 'AES_CM_128_HMAC_SHA1_80' }, {}, { encryption: 'rtp' }],
    ['as SRTP', { srtp: 'AES_CM_128_HMAC_SHA1_32' }, {}, undefined],
    ['from PCMU to PCMA', {}, { codecs: ['PCMA'] }, { transcode: ['PCMA'] }],
  ] as [string, RtpPartyOptions, RtpPartyOptions, MediaTerms | undefined][]) {
    it(`goes in both directions ${name}`, async () => {
      const [caller, callee] = [await party(options), await party(other)]
      const session = await connected(caller, callee, terms)
      await heardBothWays(caller, callee)
      // The shortest of several: a busy machine holds this process back at times, too.
      const delays: number[] = []
      for (const hz of [600, 700, 900]) {
        caller.say(hz)
        await callee.heard.tone(hz)
        delays.push(caller.delayTo(callee, hz) ?? Infinity)
      }
      assert.ok(Math.min(...delays) < 200, `the shortest delay is ${Math.min(...delays)} ms`)
      const statistics = valueOf(await session.close())
      assert.equal(statistics.caller?.encryption, options.srtp ? 'sdes' : 'none')
      assert.equal(statistics.party?.codec, other.codecs?.[0] ?? 'PCMU')
    })
  }

  for (const codec of ['G722', 'opus']) {
    it(`is transcoded to ${codec} and back`, async () => {
      // A second session stands for a party that has only this codec: it transcodes back.
      const [caller, callee] = [await party(), await party()]
      const [near, far] = [pool.open('near')!, pool.open('far')!]
      const offered = valueOf(await near.offer('caller', caller.offer(), { transcode: [codec] }))
      const only = withOnly(codec, offered)
      const onward = valueOf(await far.offer('caller', only, { transcode: ['PCMU'] }))
      const answered = valueOf(await far.answer('party', callee.answer(onward)))
      assert.match(answered, new RegExp(`^a=rtpmap:\\d+ ${codec}/`, 'm'))
      caller.connect(valueOf(await near.answer('party', answered)))
      await heardBothWays(caller, callee)
      assert.equal(valueOf(await near.close()).party?.codec, codec)
      await far.close()
    })
  }

  it('is heard by the one party that it is played to, and goes on when it is stopped', async () => {
    const [caller, callee] = [await party(), await party()]
    const session = await connected(caller, callee)
    await heardBothWays(caller, callee)
    valueOf(await session.play('caller', { bytes: tone(1, { hz: 800 }) }, 100))
    await caller.heard.tone(800)
    const alone = performance.now()
    await callee.heard.tone(500)
    await caller.heard.tone(800)
    assert.deepEqual(caller.heard.tones(alone), [800])
    valueOf(await session.stopMedia('caller'))
    await caller.heard.tone(1200)
    assert.equal(callee.heard.firstOf(800), undefined)
    await session.close()
  })

  it('is not passed on while it is blocked', async () => {
    const [caller, callee] = [await party(), await party()]
    const session = await connected(caller, callee)
    await heardBothWays(caller, callee)
    valueOf(await session.blockMedia('caller', true))
    await callee.heard.nothing()
    await caller.heard.tone(1200)
    valueOf(await session.blockMedia('caller', false))
    await callee.heard.tone(500)
    await session.close()
  })

  it('has the digits that either party presses, which the other one hears', async () => {
    const [caller, callee] = [await party(), await party()]
    const session = await connected(caller, callee)
    await heardBothWays(caller, callee)
    const pressed: string[] = []
    session.onDigit = (from, digit) => pressed.push(`${from} ${digit}`)
    await callee.press('1')
    await caller.press('2#')
    await until('Baton is told all digits', () => pressed.length === 3)
    assert.deepEqual(pressed, ['party 1', 'caller 2', 'caller #'])
    await Promise.all([caller.heard.pressed('1'), callee.heard.pressed('2#')])
    await session.close()
  })
})

/** An offer with one codec, and telephone-events. */
function withOnly(codec: string, sdp: string): string {
  const type = new RegExp(`^a=rtpmap:(\\d+) ${codec}/`, 'm').exec(sdp)?.[1] ?? 'none'

  return sdp.replace(/^(m=audio \d+ \S+) .*$/m, `$1 ${type}`)
}

function valueOf<T>(result: MediaResult<T>): T {
  if (result.problem !== undefined) throw new Error(result.problem)

  return result.value
}
