import assert from 'node:assert/strict'
import type { Dialog, InitialInvite, Response } from '../../../engine/index.ts'
import { hasIPv6 } from '../../harness/ipv6.ts'
import { FakeClock } from '../fake-clock.ts'
import { inviteUser, type Party, party, settle } from './two-agents.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n'

for (const [transport, address] of [
  ['udp', '127.0.0.1'],
  ['tcp', '127.0.0.1'],
  ['ws', '127.0.0.1'],
  ['udp', '::1'],
  ['tcp', '::1'],
] as const) {
  describe(`a call between two user agents over ${transport} at ${address}`, () => {
    let alice: Party
    let bob: Party
    let clock: FakeClock

    before(function () {
      if (address === '::1' && !hasIPv6) this.skip()
    })
    beforeEach(async () => {
      // On a busy machine no timer may fire and retransmit.
      clock = new FakeClock()
      const listen = [{ transport, address, port: 0 }]
      alice = await party({ listen, clock })
      bob = await party({ listen, clock })
    })

    afterEach(async () => {
      clock.advance(1_000_000)
      await settle(alice, bob)
    })

    it('is rung, answered, acknowledged and ended, with no message too many', async () => {
      alice.agent.invite({ uri: bob.uri, from: '"Ann" <sip:ann@localhost>', body: offer }, inviteUser(alice.log))
      const invite = await bob.log.next<InitialInvite>('invite')
      assert.match(invite.request.header('From') ?? '', /^"Ann" <sip:ann@(127\.0\.0\.1|\[::1\]):\d+>;tag=\w+$/)
      assert.equal(invite.request.body, offer)
      assert.equal(invite.request.header('Content-Type'), 'application/sdp')
      invite.respond(180)
      await alice.log.next('180')
      invite.respond(200, { body: offer })
      const { response, dialog } = await alice.log.next<{ response: Response; dialog: Dialog }>('accepted')
      assert.equal(response.toTag, invite.localTag)
      dialog.ack()
      await bob.log.next('ack')
      invite.dialog?.send('BYE', {}, { response: () => bob.log.add('bye answered'), unanswered: () => assert.fail() })
      await alice.log.next('ended')
      await bob.log.next('bye answered')
      const expected = ['out INVITE', 'in 180 INVITE', 'in 200 INVITE', 'out ACK', 'in BYE', 'out 200 BYE']
      assert.deepEqual(alice.messages, expected)
    })

    it('is refused, and the refusal is acknowledged by the stack', async () => {
      alice.agent.invite({ uri: bob.uri }, inviteUser(alice.log))
      const invite = await bob.log.next<InitialInvite>('invite')
      invite.respond(486, { headers: [['Retry-After', '5']] })
      const response = await alice.log.next<Response>('refused')
      assert.equal(response.status, 486)
      assert.equal(response.header('Retry-After'), '5')
      assert.equal(alice.agent.state().dialogs, 0)
      assert.equal(bob.agent.state().dialogs, 0)
    })

    it('is cancelled while it rings', async () => {
      const outgoing = alice.agent.invite({ uri: bob.uri }, inviteUser(alice.log))
      const invite = await bob.log.next<InitialInvite>('invite')
      invite.respond(180)
      await alice.log.next('180')
      const cancel = outgoing.cancel([['Reason', 'SIP ;cause=200']])
      assert.equal(cancel?.header('Reason'), 'SIP ;cause=200')
      await bob.log.next('cancelled')
      assert.equal((await alice.log.next<Response>('refused')).status, 487)
      assert.equal(invite.respond(200), undefined)
    })
  })
}
