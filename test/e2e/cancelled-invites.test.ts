import assert from 'node:assert/strict'

import { RawPhone } from '../harness/raw-call.ts'
import type { RawMessage } from '../harness/raw-party.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552401'

for (const stack of stacks) {
  describe(`CANCEL (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawPhone
    let agent: RawPhone
    let desk: RawPhone
    let second: RawPhone

    beforeEach(async () => {
      const open = () => RawPhone.open(baton().sip())
      ;[caller, agent, desk, second] = [await open(), await open(), await open(), await open()]
      await baton().project({
        project: 'cancelled',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: {
          handoffs: [
            {
              ...{ name: 'desk', default: true, method: 'invite', route: desk.uri, ring_timeout: 1 },
              on_failure: ['second'],
            },
            { name: 'second', method: 'invite', route: second.uri },
          ],
        },
      })
    })

    afterEach(() => {
      for (const party of [caller, agent, desk, second]) party.close()
    })

    it('whose 487 never comes: the next destination is called half a second later, and a late 200 is released', async () => {
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await baton().events.of('call.answered', caller.callId)
      void agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
      const invite = await desk.invited()
      desk.respond(invite, '180 Ringing')
      const cancel = await desk.next(/^CANCEL /)
      const at = Date.now()
      desk.respond(cancel, '200 OK')
      const onward = await second.invited()
      const after = Date.now() - at
      assert.ok(after < 2000, `the next destination was called after ${after} ms`)
      // The first one has picked up in the same moment.
      desk.respond(invite, '200 OK', { body: desk.session })
      await desk.next(/^ACK /)
      await desk.takes('BYE')

      await second.answer(onward)
      const move = await caller.next(/^INVITE /)
      assert.match(move.body, new RegExp(`m=audio ${second.port} `))
      caller.respond(move, '200 OK', { body: caller.session })
      await agent.released()
      await baton().events.of('transfer.ended', callId)
      const { transfers } = await baton().call(callId)
      const [transfer = assert.fail()] = transfers
      assert.deepEqual(
        [transfer.result, transfer.attempts.map(({ handoff, reason, code }) => [handoff, reason, code])],
        [
          'succeeded',
          [
            ['desk', 'no_answer', 408],
            ['second', 'answered', 200],
          ],
        ],
      )
      await caller.ask('BYE')
      await second.takes('BYE')
      await baton().events.of('call.ended', callId)
    })

    it('is what the agent gets when its caller says BYE while it rings (RFC 3261 15.1.2): 200, and 487 to the INVITE', async function () {
      if (stack.isOriginal) this.skip()
      const { party } = caller
      const lines = (method: string, cseq: number, to: string) => [
        `${method} sip:${number}@${baton().sip()} SIP/2.0`,
        `Via: SIP/2.0/UDP ${party.address};branch=z9hG4bKearly${method}${caller.port};rport`,
        `From: <sip:+14155550123@${party.address}>;tag=early`,
        `To: ${to}`,
        `Call-ID: early-${caller.port}`,
        `CSeq: ${cseq} ${method}`,
        'Max-Forwards: 70',
        `Contact: <sip:${party.address}>`,
      ]
      const to = `<sip:${number}@${baton().sip()}>`
      party.send([...lines('INVITE', 1, to), 'Content-Type: application/sdp'], caller.session)
      const invite = await agent.invited()
      agent.respond(invite, '180 Ringing')
      const ringing = await caller.next(/^SIP\/2\.0 180 /)
      party.send(lines('BYE', 2, ringing.header('To')))
      const responses = [await caller.next(/^SIP\/2\.0 [2-6]/), await caller.next(/^SIP\/2\.0 [2-6]/)]
      assert.deepEqual(responses.map(statusAndMethod).sort(), ['200 BYE', '487 INVITE'])
      party.send([...lines('ACK', 1, ringing.header('To')).map((line) => line.replace('earlyACK', 'earlyINVITE'))])
      await agent.takes('CANCEL')
      agent.respond(invite, '487 Request Terminated')
      await agent.next(/^ACK /)
      const { data } = await baton().events.of('call.ended', `early-${caller.port}`)
      assert.deepEqual([data.call?.result, data.call?.endedBy], ['abandoned', 'caller'])
    })

    it('and ACK with another sent-by than their INVITE’s find it, and a repeated CANCEL gets 200', async function () {
      if (stack.isOriginal) this.skip()
      const { party } = caller
      const lines = (method: string, to: string, sentBy: string) => [
        `${method} sip:${number}@${baton().sip()} SIP/2.0`,
        `Via: SIP/2.0/UDP ${sentBy};branch=z9hG4bKnat${caller.port};rport`,
        `From: <sip:+14155550123@${party.address}>;tag=nat`,
        `To: ${to}`,
        `Call-ID: nat-${caller.port}`,
        `CSeq: 1 ${method}`,
        'Max-Forwards: 70',
        `Contact: <sip:${party.address}>`,
      ]
      const to = `<sip:${number}@${baton().sip()}>`
      party.send([...lines('INVITE', to, '192.168.1.5:5060'), 'Content-Type: application/sdp'], caller.session)
      const invite = await agent.invited()
      agent.respond(invite, '180 Ringing')
      await caller.next(/^SIP\/2\.0 180 /)
      party.send(lines('CANCEL', to, '203.0.113.7:40000'))
      const responses = [await caller.next(/^SIP\/2\.0 [2-6]/), await caller.next(/^SIP\/2\.0 [2-6]/)]
      assert.deepEqual(responses.map(statusAndMethod).sort(), ['200 CANCEL', '487 INVITE'])
      const refusal = responses.find(({ startLine }) => startLine.startsWith('SIP/2.0 487')) ?? assert.fail()
      party.send(lines('CANCEL', to, '203.0.113.8:40001'))
      assert.equal(statusAndMethod(await caller.next(/^SIP\/2\.0 [2-6]/)), '200 CANCEL')
      party.send(lines('ACK', refusal.header('To'), '203.0.113.7:40000'))
      await agent.takes('CANCEL')
      agent.respond(invite, '487 Request Terminated')
      await agent.next(/^ACK /)
      await baton().events.of('call.ended', `nat-${caller.port}`)
    })
  })
}

const statusAndMethod = (response: RawMessage) =>
  `${response.startLine.split(' ')[1] ?? ''} ${response.header('CSeq').split(' ')[1] ?? ''}`
