import assert from 'node:assert/strict'

import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552451'
const timer = (seconds: number) => ['Supported: timer', `Session-Expires: ${seconds};refresher=uas`]

for (const stack of stacks) {
  describe(`Sessions shorter than SIP_MIN_SE (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawPhone
    let agent: RawPhone

    beforeEach(async () => {
      ;[caller, agent] = [await RawPhone.open(baton().sip()), await RawPhone.open(baton().sip())]
      await baton().project({
        project: 'sessions',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, route: '+14155550199' }] },
      })
    })

    afterEach(() => {
      for (const party of [caller, agent]) party.close()
    })

    it('are refused with 422 and Min-SE, in an INVITE and in its dialog: what cannot be kept is not promised', async () => {
      caller.call(number, timer(4))
      const refusal = await caller.next(/^SIP\/2\.0 [2-6]/)
      caller.party.ack(refusal, number)
      assert.match(refusal.startLine, / 422 /)
      assert.equal(refusal.header('Min-SE'), '90')

      caller.call(number, timer(90))
      await agent.answer(await agent.invited())
      const ok = await caller.answered()
      assert.equal(ok.header('Session-Expires'), '90;refresher=uas')
      for (const method of ['INVITE', 'UPDATE']) {
        const refused = await caller.ask(method, {
          headers: timer(4),
          ...(method === 'INVITE' && { body: caller.session }),
        })
        assert.match(refused.startLine, / 422 /, method)
        assert.equal(refused.header('Min-SE'), '90', method)
      }
      const released = agent.takes('BYE')
      await caller.ask('BYE')
      await released
      await baton().events.of('call.ended', caller.callId)
    })
  })
}
