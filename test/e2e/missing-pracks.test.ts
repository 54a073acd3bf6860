import assert from 'node:assert/strict'

import type { DialogEnd, InitialInvite, Request } from '../../engine/index.ts'
import { RawPeer } from '../engine/user-agent/raw-peer.ts'
import { fastTimers, type Party, party, settle } from '../engine/user-agent/two-agents.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { dialled, EngineParties, sessionOf } from './engine-parties.ts'

for (const stack of stacks) {
  describe(`A caller that wants reliable responses and never sends a PRACK (${stack.name})`, () => {
    const baton = sharedBaton({ stack, file: { sip_t1: 50 } })
    const parties = new EngineParties(baton)
    let agent: Party
    let peer: RawPeer
    let sent: Request
    let invite: InitialInvite

    beforeEach(async () => {
      // The agent rings for longer than a PRACK is waited for.
      agent = await party({ timers: { ...fastTimers, c: 60_000 } })
      await baton().project({
        project: 'parties',
        environments: { live: { numbers: [dialled], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: 'sip:desk@127.0.0.1:9' }] },
      })
      const uri = `sip:${dialled}@${baton().sip()}`
      peer = await RawPeer.open(uri)
      const headers: [string, string][] = [
        ['Require', '100rel'],
        ['Content-Type', 'application/sdp'],
      ]
      sent = peer.make('INVITE', { uri, headers, body: sessionOf(4000) })
      peer.send(sent)
      invite = await agent.log.next<InitialInvite>('invite')
      invite.respond(180)
      await peer.response('INVITE', 180)
    })

    afterEach(async () => {
      peer.close()
      await settle(agent)
    })

    async function isRefusedAndUnanswered(): Promise<void> {
      const refused = await peer.response('INVITE', 504)
      peer.send(peer.inDialog('ACK', refused, { via: sent.header('Via') ?? '' }))
      const call = await parties.ended(invite.request.header('X-Baton-Call-Id') ?? '')
      // A drachtio server gives such a call up by itself, and tells of it as of a CANCEL.
      const end = stack.tellsAll ? ['failed', 'no_prack', 504, 'baton'] : ['abandoned', 'cancelled', 487, 'caller']
      assert.deepEqual([call.result, call.reason, call.sipStatus, call.endedBy], end)
      assert.equal(call.answeredAt, undefined)
      assert.equal(peer.seen.includes('200 INVITE'), false)
    }

    it('is refused with 504, and its agent rings no longer', async () => {
      await agent.log.next('cancelled')
      await isRefusedAndUnanswered()
    })

    it('is not answered when its agent has answered, who is released and hears why', async () => {
      invite.respond(200, { body: sessionOf(4002) })
      const end = await agent.log.next<DialogEnd>('ended')
      if (stack.tellsAll) {
        assert.equal(end.by === 'peer' && end.request.header('Reason'), 'Q.850;cause=102;text="No PRACK"')
      }
      await isRefusedAndUnanswered()
    })
  })
}
