import assert from 'node:assert/strict'

import type { RawMessage } from '../harness/raw-party.ts'
import { RawParty } from '../harness/raw-party.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { total } from '../harness/metrics.ts'

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
const garbage = ['X-Genesys-Peg>=9: 1', 'no colon here']
const number = '+14155552201'

for (const stack of stacks) {
  describe(`messages with malformed header lines (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawParty
    let agent: RawParty
    before(async () => {
      caller = await RawParty.open(baton().sip())
      agent = await RawParty.open(baton().sip())
      await baton().project({
        project: 'malformed',
        environments: { live: { numbers: [number], agents: [`sip:agent@${agent.address}`] } },
        table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:9', notify_timeout: 5 }] },
      })
    })
    after(() => {
      caller.close()
      agent.close()
    })

    /** A call whose INVITE, 200 and ACK hold lines that are no headers. */
    const connected = async (): Promise<RawMessage> => {
      caller.invite(number, ['Max-Forwards: 70', ...garbage, 'Content-Type: application/sdp'], session)
      const invite = await agent.next(/^INVITE /)
      agent.respond(invite, '200 OK', [...garbage, 'Content-Type: application/sdp'], session)
      await agent.next(/^ACK /)
      const success = await caller.next(/^SIP\/2\.0 200 /)
      caller.inDialog(success, 'ACK', 1, ['Contact: ', ...garbage])

      return success
    }

    const over = async (): Promise<void> => {
      agent.respond(await agent.next(/^BYE /), '200 OK', ['Contact: <', 'Max-Forwards: x', ...garbage])
    }

    for (const headers of [
      garbage,
      ['Contact: '],
      ['Contact: <sip:x@y'],
      ['Max-Forwards: abc'],
      ['Max-Forwards: 300'],
      ['Max-Forwards: 70', 'Max-Forwards: 69'],
    ]) {
      it(`a BYE ends the call in spite of ${headers.join(' and ')}`, async () => {
        const success = await connected()
        caller.inDialog(success, 'BYE', 2, headers)
        assert.match((await caller.next(/^SIP\/2\.0 [2-6]/)).startLine, /^SIP\/2\.0 200 /)
        await over()
      })
    }

    it('lines passed over are counted, drawn in the ladder and told as evidence', async () => {
      const before = total(await baton().metrics([]), 'baton_engine_passed_over_headers_total')
      const success = await connected()
      const callId = success.header('Call-ID')
      const { callId: id = '' } = await baton().events.of('call.started', callId)
      const ended = baton().events.of('call.ended', callId)
      const transferred = baton().events.of('transfer.ended', id)
      await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk' })
      const refer = await caller.next(/^REFER /)
      caller.respond(refer, '202 Accepted')
      caller.inDialog(success, 'NOTIFY', 2, [
        'Event: refer',
        'Subscription-State: terminated',
        'Contact: <sip:x',
        'X: 1',
      ])
      await caller.next(/^SIP\/2\.0 200 /)
      caller.inDialog(success, 'BYE', 3, ['Contact: '])
      await caller.next(/^SIP\/2\.0 200 /)
      await over()
      await Promise.all([ended, transferred])

      const call = await baton().call(id)
      const evidence = call.transfers[0]?.attempts[0]?.evidence.map(({ what }) => what)
      assert.ok(
        evidence?.includes('NOTIFY without a status, terminated, passed over: Contact: <sip:x (malformed)'),
        evidence?.join('\n'),
      )
      const ladder = await baton().ladder(id)
      const passedOver = ladder.messages.flatMap((message) => message.passedOver ?? [])
      assert.ok(passedOver.includes('X-Genesys-Peg>=9: 1 (no header name)') || !stack.tellsAll, passedOver.join('\n'))
      assert.ok(passedOver.includes('Contact: <sip:x (malformed)'), passedOver.join('\n'))
      if (stack.tellsAll) {
        assert.ok(total(await baton().metrics([]), 'baton_engine_passed_over_headers_total') > before)
      }
    })
  })
}
