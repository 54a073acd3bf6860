import assert from 'node:assert/strict'

import { RawParty } from '../harness/raw-party.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'

for (const stack of stacks) {
  describe(`INVITEs that are out of the ordinary (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawParty
    let agent: RawParty
    before(async () => {
      caller = await RawParty.open(baton().sip())
      agent = await RawParty.open(baton().sip())
      await baton().project({
        project: 'unusual',
        environments: {
          live: { numbers: ['+14155552101'], agents: [`sip:agent@${agent.address}`] },
          // Baton calls this agent through itself, again and again.
          sandbox: { numbers: ['+14155552102'], agents: [`sip:+14155552102@${baton().sip()}`] },
        },
        table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
      })
    })
    after(() => {
      caller.close()
      agent.close()
    })

    /** What the agent gets of an INVITE; it is busy. */
    const reaching = async (headers: readonly string[], body: string) => {
      caller.invite('+14155552101', headers, body)
      const invite = await agent.next(/^INVITE /)
      agent.respond(invite, '486 Busy Here')
      caller.ack(await caller.next(/^SIP\/2\.0 486 /), '+14155552101')

      return invite
    }

    it('the agent is told how many hops are left', async () => {
      const invite = await reaching(['Max-Forwards: 20', 'Content-Type: application/sdp'], session)
      assert.equal(invite.header('Max-Forwards'), '19')
    })

    it('a call that comes round to Baton again and again ends', async () => {
      caller.invite('+14155552102', ['Max-Forwards: 5', 'Content-Type: application/sdp'], session)
      const refusal = await caller.next(/^SIP\/2\.0 [3-6]/)
      caller.ack(refusal, '+14155552102')
      // The last 483 speaks of the hops of one leg: the caller hears that its agents are not there (docs/calls.md).
      assert.match(refusal.startLine, stack.tellsAll ? /^SIP\/2\.0 503 / : /^SIP\/2\.0 (483|503) /)
    })

    it('a body of several parts reaches the agent untouched, with its type', async () => {
      const parts = [
        '--part\r\nContent-Type: application/pidf+xml\r\n\r\n<presence/>',
        `--part\r\nContent-Type: application/sdp\r\n\r\n${session}`,
        '--part--\r\n',
      ].join('\r\n')
      const type = 'multipart/mixed;boundary=part'
      const invite = await reaching(['Max-Forwards: 70', `Content-Type: ${type}`], parts)
      assert.deepEqual([invite.header('Content-Type').replace('; ', ';'), invite.body], [type, parts])
    })

    it('a client behind a NAT that does not ask for rport gets its answers', async () => {
      const call = Math.random().toString(36).slice(2)
      const lines = [
        'Via: SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK-nat',
        `From: <sip:+14155550123@192.168.1.2>;tag=${call}`,
        `To: <sip:+14155552109@${baton().sip()}>`,
        `Call-ID: ${call}`,
        'Contact: <sip:192.168.1.2>',
        'Max-Forwards: 70',
      ]
      caller.send([`INVITE sip:+14155552109@${baton().sip()} SIP/2.0`, ...lines, 'CSeq: 1 INVITE'])
      const refusal = await caller.next(/^SIP\/2\.0 404 /)
      const port = caller.address.split(':')[1]!
      assert.match(refusal.header('Via'), /;received=127\.0\.0\.1/)
      assert.match(refusal.header('Via'), new RegExp(`;rport=${port}`))
      caller.send([
        `ACK sip:+14155552109@${baton().sip()} SIP/2.0`,
        ...lines.filter((line) => !line.startsWith('To:')),
        `To: ${refusal.header('To')}`,
        'CSeq: 1 ACK',
      ])
    })

    for (const { what, headers, accept } of [
      { what: 'of a type that is no session', headers: ['Content-Type: application/xml'], accept: /application\/sdp/ },
      {
        what: 'in an unknown encoding',
        headers: ['Content-Type: application/sdp', 'Content-Encoding: gzip'],
        accept: /application\/sdp/,
      },
    ]) {
      it(`a body ${what} is refused with 415 and what would be taken`, async () => {
        caller.invite('+14155552101', ['Max-Forwards: 70', ...headers], '<x/>')
        const refusal = await caller.next(/^SIP\/2\.0 [3-6]/)
        caller.ack(refusal, '+14155552101')
        assert.match(refusal.startLine, /^SIP\/2\.0 415 /)
        assert.match(refusal.header('Accept'), accept)
      })
    }
  })
}
