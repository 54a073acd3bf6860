import assert from 'node:assert/strict'
import type { InitialInvite } from '../../engine/index.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { total } from '../harness/metrics.ts'
import { Rtpengine } from '../harness/rtpengine.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { type Phone, Phones } from './phones.ts'

const suite = 'AES_CM_128_HMAC_SHA1_80'
const secure = /m=audio \d+ RTP\/SAVP [^]*a=crypto:/
const plain = /m=audio \d+ RTP\/AVP (?![^]*a=crypto)/

for (const stack of stacks) {
  describe(`Calls whose audio goes through an rtpengine (${stack.name})`, function () {
    this.timeout(120_000)
    needs('rtpengine')
    let rtpengine: Rtpengine
    let baton: Baton
    const phones = new Phones(() => baton)

    before(async () => {
      rtpengine = await Rtpengine.start()
      baton = await Baton.start({ stack, env: { MEDIA: 'rtpengine', RTPENGINE: rtpengine.address } })
    })
    afterEach(async () => {
      await phones.settle()
      await until('no session is left on the rtpengine', async () => (await rtpengine.sessions()).length === 0)
      await baton.idle(['baton_calls_active', 'baton_media_sessions'])
    })
    after(async () => {
      await baton.stop()
      await rtpengine.kill()
    })

    const handoff = (desk: Phone, fields: object = {}) => [
      { name: 'desk', description: 'Desk', default: true, method: 'invite', route: desk.uri, ...fields },
    ]
    const legs = async (reason: string) =>
      (await baton.metrics()).get(`baton_media_legs_total{reason="${reason}",result="anchored"}`) ?? 0
    const hearEachOther = async (one: Phone, hz: number, other: Phone, otherHz: number): Promise<void> => {
      one.audio.say(hz)
      other.audio.say(otherHz)
      await Promise.all([one.audio.heard.tone(otherHz), other.audio.heard.tone(hz)])
    }
    const refuses = async (phone: Phone): Promise<InitialInvite> => {
      const invite = await phone.party.log.next<InitialInvite>('invite')
      invite.respond(488)

      return invite
    }
    /** The last offer that a phone got in its call. */
    const offered = async (phone: Phone): Promise<string> => {
      const { request } = await phone.party.log.next<{ request: { body: string } }>('reinvite')

      return request.body
    }
    const succeeded = async (id: string) => {
      const { data } = await baton.events.of('transfer.ended', id)
      assert.equal(data.transfer?.result, 'succeeded', JSON.stringify(data.transfer))

      return data.transfer
    }

    it('does not, where the parties need nothing', async () => {
      const desk = await phones.open()
      const { id, caller, agent } = await phones.connected(handoff(desk))
      await hearEachOther(caller, 500, agent, 700)
      await agent.refers('<sip:desk@baton>')
      await desk.answers()
      await hearEachOther(caller, 600, desk, 900)
      await succeeded(id)
      assert.deepEqual(await rtpengine.sessions(), [])
      assert.equal(total(await baton.metrics(), 'baton_media_legs_total'), 0)
    })

    it('connects a caller with SRTP and a plain destination, and keeps the caller’s SRTP', async () => {
      const before = await legs('encryption')
      const desk = await phones.open()
      const { id, caller, agent } = await phones.connected(handoff(desk, { encryption: 'none' }), {
        caller: { srtp: suite },
      })
      await hearEachOther(caller, 500, agent, 700)
      assert.deepEqual(await rtpengine.sessions(), [])
      await agent.refers('<sip:desk@baton>')
      const { request } = await desk.answers()
      assert.match(request.body, plain)
      assert.match(await offered(caller), secure)
      await hearEachOther(caller, 600, desk, 900)
      const transfer = await succeeded(id)
      const evidence = transfer.attempts[0]?.evidence.map(({ from, what }) => `${from}: ${what}`) ?? []
      assert.ok(evidence.includes('baton: its media goes through a media server: encryption'), evidence.join('\n'))
      assert.equal((await rtpengine.sessions()).length, 1)
      assert.equal((await legs('encryption')) - before, 1)
      assert.equal(desk.audio.heard.rejected, 0)
      caller.hangsUp()
      await desk.hungUp()
      await baton.events.of('call.ended', id)
      const { media, diagnosis } = await baton.call(id)
      const heard = Object.entries(media?.legs ?? {}).map(([leg, { codec, encryption, loss, packets }]) => {
        assert.ok(packets >= 5, `${packets} packets of the ${leg}`)

        return [leg, codec, encryption, loss]
      })
      assert.deepEqual(heard, [
        ['caller', 'PCMU', 'sdes', 0],
        ['destination', 'PCMU', 'none', 0],
      ])
      assert.deepEqual({ ...media, legs: {} }, { anchored: 'rtpengine', reason: 'encryption', legs: {} })
      assert.equal(diagnosis, undefined)
    })

    it('names a destination that no packet comes from, within five seconds of its answer', async () => {
      const desk = await phones.open()
      const { id, caller, agent } = await phones.connected(handoff(desk, { encryption: 'required' }))
      desk.audio.say(undefined)
      caller.audio.say(600)
      await agent.refers('<sip:desk@baton>')
      await desk.answers()
      await desk.audio.heard.tone(600)
      await until('the silence is found', async () => (await baton.call(id)).media?.problem !== undefined, 5)
      const problem = 'one-way audio: no packet ever came from the destination: firewall?'
      assert.equal((await baton.metrics()).get('baton_media_silent_total{side="party"}'), 1)
      caller.hangsUp()
      await desk.hungUp()
      await baton.events.of('call.ended', id)
      const { media, diagnosis } = await baton.call(id)
      assert.deepEqual([media?.problem, diagnosis], [problem, problem])
      assert.equal(media?.legs.destination?.packets, 0)
    })

    it('connects a plain caller and a destination that is promised SRTP', async () => {
      const desk = await phones.open()
      const { id, caller, agent } = await phones.connected(handoff(desk, { encryption: 'required' }))
      await agent.refers('<sip:desk@baton>')
      const { request } = await desk.answers()
      assert.match(request.body, secure)
      assert.match(await offered(caller), plain)
      await hearEachOther(caller, 600, desk, 900)
      await succeeded(id)
      desk.hangsUp()
      await caller.hungUp()
    })

    it('transcodes for a destination that refuses the caller’s codecs', async () => {
      const desk = await phones.open({ codecs: ['PCMA'] })
      const { id, caller, agent } = await phones.connected(handoff(desk))
      await agent.refers('<sip:desk@baton>')
      const first = await refuses(desk)
      assert.doesNotMatch(first.request.body, /PCMA/)
      const { request } = await desk.answers()
      assert.match(request.body, /a=rtpmap:8 PCMA\/8000/)
      await hearEachOther(caller, 600, desk, 900)
      await succeeded(id)
      assert.equal(await legs('codecs'), 1)
      caller.hangsUp()
      await desk.hungUp()
    })

    it('connects a caller with SRTP and an agent that takes plain RTP alone', async () => {
      const agent = await phones.open()
      const caller = await phones.open({ srtp: suite })
      await baton.project({
        project: 'phones',
        environments: { live: { numbers: ['+14155550178'], agents: [agent.uri] } },
        table: { handoffs: handoff(agent) },
      })
      const calling = caller.calls(`sip:+14155550178@${baton.sip()}`)
      await refuses(agent)
      const { request } = await agent.answers()
      await calling
      assert.match(request.body, plain)
      await hearEachOther(caller, 600, agent, 900)
      agent.hangsUp()
      await caller.hungUp()
    })
  })
}
