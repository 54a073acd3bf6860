import assert from 'node:assert/strict'

import { RawParty } from '../harness/raw-party.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
const claims = [
  'P-Asserted-Identity: "Mallory" <sip:+15550001111@example.com>',
  'p-asserted-identity: <tel:+15550001111>',
  'P-Preferred-Identity: <sip:+15550001111@example.com>',
  'Remote-Party-ID: <sip:+15550001111@example.com>;party=calling',
  'DIVERSION: <sip:+15550001111@example.com>;reason=unconditional',
  'History-Info: <sip:+15550001111@example.com>;index=1',
  'Call-Info: <https://example.com/Mallory.png>;purpose=icon',
  'X-Baton-Call-Id: forged',
  'x-baton-environment: forged',
  'X_Baton_Project: forged',
  'P_Asserted_Identity: <sip:+15550001111@example.com>',
]

for (const stack of stacks) {
  describe(`A trunk that is not trusted (${stack.name})`, () => {
    const trunks = [{ name: 'internet', peers: ['127.0.0.1/32'], trust: false }]
    const baton = sharedBaton({ stack, file: { trunks } })
    let caller: RawParty
    let agent: RawParty
    before(async () => {
      ;[caller, agent] = await Promise.all([RawParty.open(baton().sip()), RawParty.open(baton().sip())])
      const uri = `sip:agent@${agent.address}`
      await baton().project({
        project: 'untrusted',
        environments: { live: { numbers: ['+14155552901'], agents: [uri] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: uri }] },
      })
    })
    after(() => {
      caller.close()
      agent.close()
    })

    it('says by From alone who calls: what else it claims is believed by no leg and no record', async () => {
      caller.invite(
        '+14155552901',
        ['Max-Forwards: 20', 'Content-Type: application/sdp', 'X-Own: 1', ...claims],
        session,
      )
      const invite = await agent.next(/^INVITE /)
      agent.respond(invite, '486 Busy Here')
      caller.ack(await caller.next(/^SIP\/2\.0 486 /), '+14155552901')

      assert.match(invite.header('From'), /\+14155550123/)
      assert.equal(invite.header('X-Own'), '1')
      assert.doesNotMatch(invite.text, /15550001111|forged|Mallory/)
      const { calls } = await baton().api<{ calls: { caller: { number: string }; identity?: object }[] }>(
        'GET',
        '/v1/calls?limit=1',
      )
      assert.deepEqual([calls[0]?.caller.number, calls[0]?.identity], ['+14155550123', undefined])
    })
  })
}
