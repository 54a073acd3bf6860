import assert from 'node:assert/strict'

import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552701'

for (const stack of stacks) {
  describe(`Bounds of one call (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawPhone
    let agent: RawPhone

    before(async () => {
      ;[caller, agent] = [await RawPhone.open(baton().sip()), await RawPhone.open(baton().sip())]
    })

    after(async () => {
      const { calls } = await baton().api<{ calls: { id: string; state: string }[] }>('GET', '/v1/calls')
      for (const { id, state } of calls) if (state !== 'ended') await baton().api('POST', `/v1/calls/${id}/hangup`)
      for (const party of [caller, agent]) party.respond(await party.next(/^BYE /), '200 OK')
      for (const party of [caller, agent]) party.close()
    })

    it('a thousand provisional responses and forks, and many requests at once, are not relayed one for one', async () => {
      await baton().project({
        project: 'bounds',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: agent.uri }] },
      })
      caller.call(number)
      const invite = await agent.invited()
      const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${invite.header(name)}`)
      for (let at = 0; at < 1000; at++) {
        const fork = at < 500 ? 'raw' : `fork${at}`
        agent.party.send([
          'SIP/2.0 180 Ringing',
          ...copied,
          `To: ${invite.header('To')};tag=${fork}`,
          `Contact: <${agent.uri}>`,
        ])
        // No datagram is lost for want of room in a buffer.
        if (at % 50 === 0) await new Promise(setImmediate)
      }
      await agent.answer(invite)
      let rings = 0
      for (;;) {
        const response = await caller.next(/^SIP\/2\.0 (?:180|200) /)
        if (response.startLine.startsWith('SIP/2.0 200')) {
          caller.acknowledge(response)
          break
        }
        rings += 1
      }
      assert.ok(rings >= 1 && rings <= 100, `${rings} provisional responses were relayed`)

      const infos = Array.from({ length: 100 }, () =>
        caller.send('INFO', { headers: ['Content-Type: application/dtmf-relay'], body: 'Signal=5' }),
      )
      const taken = infos.slice(0, 32)
      for (const cseq of infos.slice(32)) {
        const refused = await caller.next(new RegExp('^SIP/2.0 500 '))
        assert.equal(refused.header('CSeq'), `${cseq} INFO`)
        assert.equal(refused.header('Retry-After'), '1')
      }
      for (const cseq of taken) {
        agent.respond(await agent.next(/^INFO /), '200 OK')
        assert.equal((await caller.next(/^SIP\/2\.0 200 /)).header('CSeq'), `${cseq} INFO`)
      }
    })
  })
}
