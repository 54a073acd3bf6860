import assert from 'node:assert/strict'

import type { Dialog, InitialInvite, Response } from '../../engine/index.ts'
import { inviteUser } from '../engine/user-agent/two-agents.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { dialled, EngineParties, sessionOf } from './engine-parties.ts'

for (const stack of stacks) {
  describe(`What the parties of a call are told that Baton supports (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    const parties = new EngineParties(baton)

    afterEach(() => parties.settle())

    it('replaces, to the agent alone: its REFER may have Replaces, and no INVITE with it is taken', async () => {
      const { agent, id: first, dialog: other } = await parties.connected()
      await parties.hangUp({ id: first, dialog: other })
      const caller = await parties.open()
      const uri = `sip:${dialled}@${baton().sip()}`
      caller.agent.invite({ uri, body: sessionOf(4000) }, inviteUser(caller.log))
      const invite = await agent.log.next<InitialInvite>('invite')
      assert.deepEqual(invite.request.list('Supported').sort(), ['100rel', 'norefersub', 'replaces', 'timer'])
      invite.respond(200, { body: sessionOf(4002) })
      const { dialog, response } = await caller.log.next<{ dialog: Dialog; response: Response }>('accepted')
      assert.deepEqual(response.list('Supported').sort(), ['100rel', 'norefersub', 'timer'])
      dialog.ack()
      await parties.hangUp({ id: invite.request.header('X-Baton-Call-Id') ?? '', dialog })
    })
  })
}
