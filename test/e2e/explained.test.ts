import assert from 'node:assert/strict'

import { RawParty, type RawMessage } from '../harness/raw-party.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

interface Explained {
  attempts: { messages: { method: string; text: string; bytes: number }[] }[]
}

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'

/** What only the real call could say. */
const standIns: [RegExp, string][] = [
  [/branch=z9hG4bK[0-9a-f]+/, 'branch='],
  [/;tag=[^\r\n;]+/g, ';tag='],
  [/^Call-ID: .*$/m, 'Call-ID: '],
  [/^X-Call: .*$/m, 'X-Call: '],
]

const comparable = (text: string) =>
  standIns.reduce((now, [from, to]) => now.replace(from, to), text.slice(0, text.indexOf('\r\n\r\n')))

for (const stack of stacks.filter(({ name }) => name === 'embedded')) {
  describe(`What explain says (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawParty
    let agent: RawParty
    let desk: RawParty
    before(async () => {
      for (const open of [(p: RawParty) => (caller = p), (p: RawParty) => (agent = p), (p: RawParty) => (desk = p)])
        open(await RawParty.open(baton().sip()))
      const handoff = {
        name: 'desk',
        default: true,
        method: 'invite',
        route: `sip:desk@${desk.address}`,
        headers: { 'X-Who': '$caller_id', 'X-Foo': '${header.X-Foo}', 'X-Call': '$call_id', 'X-Account': '$account' },
      }
      await baton().project({
        project: 'explained',
        environments: { live: { numbers: ['+14155552201'], agents: [`sip:agent@${agent.address}`] } },
        table: { handoffs: [handoff] },
      })
    })
    after(() => {
      for (const party of [caller, agent, desk]) party.close()
    })

    it('is, but for what only the call can know, the very INVITE that is sent', async () => {
      caller.invite('+14155552201', ['Max-Forwards: 70', 'X-Foo: bar'])
      const invite = await agent.next(/^INVITE /)
      agent.respond(invite, '200 OK', ['Content-Type: application/sdp'], session)
      const answer = await caller.next(/^SIP\/2\.0 200 /)
      caller.ack(answer, '+14155552201')
      const { calls } = await baton().api<{ calls: { id: string }[] }>('GET', '/v1/calls?state=connected')
      const call = calls[0]?.id ?? ''
      await baton().api('POST', `/v1/calls/${call}/transfer`, { handoff: 'desk', variables: { account: '7' } })
      const sent: RawMessage = await desk.next(/^INVITE /)
      desk.respond(sent, '486 Busy Here')

      const { attempts } = await baton().api<Explained>('POST', '/v1/projects/explained/explain', {
        environment: 'live',
        handoff: 'desk',
        call: {
          caller: '+14155550123',
          called: '+14155552201',
          headers: { 'X-Foo': 'bar' },
          variables: { account: '7' },
        },
      })
      const [message] = attempts[0]?.messages ?? []
      const explained = comparable(message?.text ?? '').replace(
        `sip:+14155550123@${baton().sip()}`,
        `sip:+14155550123@${caller.address}`,
      )
      assert.equal(message?.bytes, message?.text.length)
      // The session is the caller's, and the caller of this call brought none.
      const without = (text: string) => text.replace(/\r\n(Content-Type|Content-Length|Supported): [^\r\n]*/g, '')
      assert.equal(without(explained), without(comparable(sent.text)))
      await desk.next(/^ACK /)
      await baton().api('POST', `/v1/calls/${call}/hangup`)
      for (const party of [caller, agent]) party.respond(await party.next(/^BYE /), '200 OK')
    })
  })
}
