import assert from 'node:assert/strict'
import { RtpParty, type RtpPartyOptions } from './rtp-party.ts'
import { hzOf, levelOf, toneOf } from './sound.ts'
import { sessionKeysOf, SrtpContext } from './srtp.ts'
import { until } from './until.ts'

describe('A party on RTP', function () {
  this.timeout(30_000)
  const open: RtpParty[] = []
  const pair = async (offerer: RtpPartyOptions = {}, answerer: RtpPartyOptions = {}): Promise<[RtpParty, RtpParty]> => {
    const [one, two] = [await RtpParty.open(offerer), await RtpParty.open(answerer)]
    open.push(one, two)
    one.connect(two.answer(one.offer()))

    return [one, two]
  }
  afterEach(() => {
    for (const party of open.splice(0)) party.close()
  })

  it('tells tones, silence and level of samples', () => {
    for (const hz of [200, 450, 1000, 3400]) assert.equal(hzOf(toneOf(hz, 77, 160)), hz)
    assert.equal(hzOf(new Int16Array(160)), 0)
    assert.equal(hzOf(toneOf(600, 0, 160).map((sample, at) => sample + (toneOf(1500, 0, 160)[at] ?? 0))), undefined)
    assert.ok(Math.abs(levelOf(toneOf(1000, 0, 800, 0.1)) + 20) < 0.1)
  })

  for (const codec of ['PCMU', 'PCMA'] as const) {
    it(`hears the tone that the other one says, in ${codec}`, async () => {
      const [one, two] = await pair({ codecs: [codec] }, { codecs: ['PCMA', 'PCMU'] })
      one.say(600)
      two.say(1100)
      await Promise.all([one.heard.tone(1100), two.heard.tone(600)])
      assert.ok(Math.abs(two.heard.level + 8) < 1)
      assert.ok((one.delayTo(two, 600) ?? Infinity) < 100)
      one.say(0)
      await two.heard.tone(0)
      one.say(undefined)
      await two.heard.nothing()
      assert.deepEqual([two.heard.lost, two.heard.rejected, two.heard.undecoded], [0, 0, 0])
      assert.deepEqual(two.heard.tones(two.heard.firstOf(600)), [600, 0])
    })
  }

  it('hears the digits that the other one presses, and the gap between two tones', async () => {
    const [one, two] = await pair()
    one.say(700)
    await two.heard.tone(700)
    await one.press('19#')
    await two.heard.pressed('19#')
    one.say(undefined)
    await two.heard.nothing(200)
    one.say(700)
    await two.heard.tone(700)
    assert.ok(two.heard.gaps(200).length > 0)
    assert.equal(two.heard.lost, 0)
  })

  for (const suite of ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const) {
    it(`hears SRTP of the suite ${suite}, and nothing that is not authentic`, async () => {
      const [one, two] = await pair({ srtp: suite })
      one.say(900)
      two.say(1300)
      await Promise.all([one.heard.tone(1300), two.heard.tone(900)])
      const [stranger] = await pair()
      stranger.connect(two.offer())
      stranger.say(500)
      await until('packets of the stranger come', () => two.heard.rejected > 5)
      assert.equal(two.heard.firstOf(500), undefined)
    })
  }

  it('derives session keys as RFC 3711 B.3 says, and gets its packets back over a rollover', () => {
    const inline = Buffer.from('E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6', 'hex')
    assert.deepEqual(
      Object.values(sessionKeysOf(inline)).map((key) => key.toString('hex')),
      ['c61e7a93744f39ee10734afe3ff7a087', 'cebe321f6ff7716b6fd4ab49af256a156d38baa4', '30cbbc08863d8c85d49db34a9ae1'],
    )
    const [from, to] = [1, 2].map(() => new SrtpContext({ suite: 'AES_CM_128_HMAC_SHA1_80', inline }))
    for (const sequence of [65_534, 65_535, 0, 1]) {
      const packet = Buffer.from('80000000000000010000000211223344', 'hex')
      packet.writeUInt16BE(sequence, 2)
      const sealed = from!.protect(packet)
      assert.notDeepEqual(sealed.subarray(12, 16), packet.subarray(12))
      assert.deepEqual(to!.unprotect(sealed), packet)
      sealed[13]! ^= 1
      assert.equal(to!.unprotect(sealed), undefined)
    }
  })
})
