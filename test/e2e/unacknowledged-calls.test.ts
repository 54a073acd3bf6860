import assert from 'node:assert/strict'

import type { Dialog, DialogEnd, InitialInvite } from '../../engine/index.ts'
import { inviteUser } from '../engine/user-agent/two-agents.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { dialled, EngineParties, sessionOf } from './engine-parties.ts'

for (const stack of stacks) {
  describe(`A call that is never acknowledged (${stack.name})`, () => {
    const baton = sharedBaton({ stack, file: { sip_t1: 50 } })
    const parties = new EngineParties(baton)

    afterEach(() => parties.settle())

    it('ends with a BYE to both that says why', async () => {
      const { agent, id: first, dialog: other } = await parties.connected()
      await parties.hangUp({ id: first, dialog: other })
      const caller = await parties.open()
      const uri = `sip:${dialled}@${baton().sip()}`
      caller.agent.invite({ uri, body: sessionOf(4000) }, inviteUser(caller.log))
      const invite = await agent.log.next<InitialInvite>('invite')
      invite.respond(200, { body: sessionOf(4002) })
      await caller.log.next<{ dialog: Dialog }>('accepted')
      await agent.log.next<DialogEnd>('ended')
      for (const { log } of [caller, agent]) {
        const end = await log.next<DialogEnd>('ended')
        assert.match(end.by === 'peer' ? (end.request.header('Reason') ?? '') : '', /ACK/)
      }
    })
  })
}
