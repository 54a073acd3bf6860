import assert from 'node:assert/strict'
import type { CallView } from '../../server/legs/views.ts'
import { Crowd } from '../harness/crowd.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const number = '+14155552701'
const sealed = '+14155552702'
const gauges = ['baton_calls_active', 'baton_transfers_active', 'baton_target_calls', 'baton_engine_dialogs']

for (const stack of stacks) {
  describe(`agent_down to a number (${stack.name})`, () => {
    const crowds: Crowd[] = []
    let gateway: Crowd
    const open = async (): Promise<Crowd> => {
      const crowd = await Crowd.open()
      crowds.push(crowd)

      return crowd
    }
    const baton = sharedBaton(async () => {
      gateway = await open()
      const carrier = { name: 'carrier', peers: ['127.0.0.0/8'], gateways: [gateway.uri.replace('crowd@', '')] }

      return { stack, file: { trunks: [carrier] } }
    })

    before(() =>
      baton().project({
        ...{ project: 'unattended', agent_down: 'desk' },
        environments: { live: { numbers: [number], agents: [] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: '+14155550177' }] },
      }),
    )

    after(() => {
      for (const crowd of crowds) crowd.close()
    })

    const callsThatAreUp = async (): Promise<CallView[]> => {
      const { calls } = await baton().api<{ calls: CallView[] }>('GET', '/v1/calls?state=bridged&limit=200')

      return calls
    }

    it('many calls to a gateway are bridged, and nothing is left of them once they are hung up', async () => {
      const callers = await open()
      await callers.call(45, number, baton().sip())
      assert.deepEqual([callers.answered.size, gateway.answered.size], [45, 45])
      const up = await callsThatAreUp()
      assert.equal(up.length, 45)
      for (const { via } of up) assert.equal(via, 'agent_down')
      for (const { id } of up) await baton().api('POST', `/v1/calls/${id}/hangup`)
      await until('both sides of each have had BYE', () => callers.released.size === 45 && gateway.released.size === 45)
      await baton().idle(gauges)
    })

    it('a gateway that has gone does not keep its calls: their callers are released', async () => {
      const callers = await open()
      await callers.call(3, number, baton().sip())
      const up = await callsThatAreUp()
      assert.equal(up.length, 3)
      gateway.close()
      crowds.splice(crowds.indexOf(gateway), 1)
      for (const { id } of up) await baton().api('POST', `/v1/calls/${id}/hangup`)
      await until('each caller has had BYE', () => callers.released.size === 3)
      await baton().idle(gauges, 20)
    })
  })

  describe(`agent_down to a destination that requires SRTP (${stack.name})`, () => {
    const baton = sharedBaton(() => Promise.resolve({ stack }))
    let caller: RawPhone
    let desk: RawPhone

    beforeEach(async () => {
      caller = await RawPhone.open(baton().sip())
      desk = await RawPhone.open(baton().sip())
      await baton().project({
        ...{ project: 'sealed', agent_down: 'desk' },
        environments: { live: { numbers: [sealed], agents: [] } },
        table: {
          handoffs: [{ name: 'desk', default: true, method: 'invite', encryption: 'required', route: desk.uri }],
        },
      })
    })

    afterEach(async () => {
      caller.close()
      desk.close()
      await baton().idle(gauges)
    })

    const calls = (session: string): void => {
      caller.party.invite(sealed, ['Max-Forwards: 70', 'Content-Type: application/sdp'], session)
    }

    /** The call has come to nothing for this reason, which the destination's try has, too. */
    const expectUnencrypted = async (what: string): Promise<void> => {
      const refusal = await caller.next(/^SIP\/2\.0 [3-6]/)
      caller.party.ack(refusal, sealed)
      const { data } = await baton().events.of('call.ended', refusal.header('Call-ID'))
      const { result, tried } = data.call ?? assert.fail('the event has no call')
      assert.equal(result, 'failed')
      assert.deepEqual(tried, [{ uri: desk.uri, what, reason: 'not_encrypted' }])
    }

    it('a caller without SRTP is not put through', async () => {
      calls(caller.session)
      await expectUnencrypted('the caller’s session is not SRTP, and the handoff requires it')
    })

    it('a destination that answers without SRTP is released, and the caller hears nothing of it', async () => {
      calls(withKey(caller.session))
      const invite = await desk.invited()
      assert.match(invite.body, /m=audio \d+ RTP\/SAVP [^]*a=crypto:/)
      await desk.answer(invite)
      await desk.released()
      await expectUnencrypted('200 with a session without SRTP')
    })

    it('caller and destination with SRTP are connected', async () => {
      calls(withKey(caller.session))
      const invite = await desk.invited()
      desk.respond(invite, '200 OK', { body: withKey(desk.session) })
      const ok = await caller.answered()
      assert.match(ok.body, /m=audio \d+ RTP\/SAVP [^]*a=crypto:/)
      await desk.next(/^ACK /)
      await caller.ask('BYE')
      await desk.released()
    })
  })
}

/** RFC 4568: a session by SRTP. */
const withKey = (session: string): string =>
  session
    .replace('RTP/AVP', 'RTP/SAVP')
    .replace(
      'a=sendrecv',
      `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.alloc(30, 7).toString('base64')}\r\na=sendrecv`,
    )
