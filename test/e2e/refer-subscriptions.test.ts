import assert from 'node:assert/strict'
import { type RawMessage, RawParty } from '../harness/raw-party.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
const number = '+14155552201'
const uriOf = (header: string) => /<([^>]+)>/.exec(header)?.[1] ?? ''

for (const stack of stacks) {
  describe(`the subscription of an agent's REFER (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawParty
    let agent: RawParty
    let destination: RawParty
    let cseq = 0

    before(async () => {
      ;[caller, agent, destination] = (await Promise.all([1, 2, 3].map(() => RawParty.open(baton().sip())))) as [
        RawParty,
        RawParty,
        RawParty,
      ]
      await baton().project({
        project: 'subscribed',
        environments: { live: { numbers: [number], agents: [`sip:agent@${agent.address}`] } },
        table: {
          handoffs: [{ name: 'desk', default: true, method: 'invite', route: `sip:desk@${destination.address}` }],
        },
      })
    })

    after(() => {
      for (const party of [caller, agent, destination]) party.close()
    })

    /** A request of the agent, or of the caller, in the dialog that an INVITE and its 200 made. */
    const inDialog = (party: RawParty, method: string, ids: readonly string[], target: string, more: string[] = []) => {
      cseq += 1
      party.send([
        `${method} ${target} SIP/2.0`,
        `Via: SIP/2.0/UDP ${party.address};branch=z9hG4bK-${method}-${cseq};rport`,
        ...ids,
        `CSeq: ${method === 'ACK' ? 1 : cseq} ${method}`,
        `Contact: <sip:${party.address}>`,
        'Max-Forwards: 70',
        ...more,
      ])
    }

    /** The next NOTIFY, answered: how the subscription stands, and what it says. */
    const notified = async () => {
      const notify = await agent.next(/^NOTIFY /)
      agent.respond(notify, '200 OK')

      return [notify.header('Event'), notify.header('Subscription-State'), notify.body.trim()]
    }

    it('can be prolonged, ended early, and is not there afterwards, nor for other events', async () => {
      caller.invite(number, ['Max-Forwards: 70', 'Content-Type: application/sdp'], session)
      const invite = await agent.next(/^INVITE /)
      const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${invite.header(name)}`)
      const to = `To: ${invite.header('To')};tag=raw`
      agent.send(
        ['SIP/2.0 200 OK', ...copied, to, `Contact: <sip:${agent.address}>`, 'Content-Type: application/sdp'],
        session,
      )
      const ok: RawMessage = await caller.next(/^SIP\/2\.0 200 /)
      const callers = ['From', 'To', 'Call-ID'].map((name) => `${name}: ${ok.header(name)}`)
      inDialog(caller, 'ACK', callers, uriOf(ok.header('Contact')))
      await agent.next(/^ACK /)

      const agents = [
        `From: ${invite.header('To')};tag=raw`,
        `To: ${invite.header('From')}`,
        `Call-ID: ${invite.header('Call-ID')}`,
      ]
      const target = uriOf(invite.header('Contact'))
      // RFC 7614: who requires a subscription of its own finds none here.
      inDialog(agent, 'REFER', agents, target, ['Refer-To: <sip:desk@baton>', 'Require: explicitsub'])
      assert.equal((await agent.next(/^SIP\/2\.0 420 /)).header('Unsupported'), 'explicitsub')
      inDialog(agent, 'REFER', agents, target, ['Refer-To: <sip:desk@baton>'])
      await agent.next(/^SIP\/2\.0 202 /)
      assert.deepEqual(await notified(), ['refer', 'active;expires=180', 'SIP/2.0 100 Trying'])
      const called = await destination.next(/^INVITE /)
      destination.respond(called, '180 Ringing')
      assert.equal((await notified())[2], 'SIP/2.0 180 Ringing')

      const subscribe = async (event: string, expires: number, answer: RegExp) => {
        inDialog(agent, 'SUBSCRIBE', agents, target, [`Event: ${event}`, `Expires: ${expires}`])

        return agent.next(answer)
      }
      assert.equal((await subscribe('refer', 60, /^SIP\/2\.0 200 /)).header('Expires'), '60')
      assert.deepEqual(await notified(), ['refer', 'active;expires=60', 'SIP/2.0 180 Ringing'])
      const other = await subscribe('presence', 60, /^SIP\/2\.0 489 /)
      assert.equal(other.header('Allow-Events'), 'refer')
      assert.equal((await subscribe('refer', 0, /^SIP\/2\.0 200 /)).header('Expires'), '0')
      assert.deepEqual(await notified(), ['refer', 'terminated;reason=timeout', 'SIP/2.0 180 Ringing'])
      await subscribe('refer', 60, /^SIP\/2\.0 481 /)

      inDialog(caller, 'BYE', callers, uriOf(ok.header('Contact')))
      await caller.next(/^SIP\/2\.0 200 /)
      destination.respond(await destination.next(/^CANCEL /), '200 OK')
      destination.respond(called, '487 Request Terminated')
      agent.respond(await agent.next(/^BYE /), '200 OK')
    })
  })
}
