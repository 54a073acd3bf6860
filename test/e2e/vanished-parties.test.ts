import assert from 'node:assert/strict'

import type { DialogEnd } from '../../engine/index.ts'
import { dialogUser } from '../engine/user-agent/two-agents.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { EngineParties } from './engine-parties.ts'

const trunk = { name: 'local', peers: ['127.0.0.0/8'] }

/** The Reason of the BYE that ended it. */
const reasonIn = (end: DialogEnd) => (end.by === 'peer' ? (end.request.header('Reason') ?? '') : '')

for (const stack of stacks) {
  describe(`Parties that have vanished (${stack.name})`, () => {
    const baton = sharedBaton({ stack, file: { trunks: [{ ...trunk, keepalive: 1 }], sip_t1: 50 } })
    const parties = new EngineParties(baton)

    afterEach(() => parties.settle())

    it('a caller that is gone without a BYE ends its call, and the agent hears why', async () => {
      const { id, caller, agent } = await parties.connected()
      await parties.vanish(caller)
      const { result, reason, endedBy } = await parties.ended(id, 30)
      assert.deepEqual([result, reason, endedBy], ['answered', 'keepalive_timeout', 'baton'])
      const end = await agent.log.next<DialogEnd>('ended')
      assert.match(reasonIn(end), /cause=102;text="No answer to OPTIONS"/)
    })

    it('an agent that no longer knows the dialog ends its call', async () => {
      const { id, caller, invite } = await parties.connected()
      invite.dialogUser = { ...dialogUser(caller.log), request: (request) => request.respond(481) }
      const { reason } = await parties.ended(id, 30)
      assert.equal(reason, 'keepalive_timeout')
      await caller.log.next<DialogEnd>('ended')
    })

    it('parties that answer OPTIONS with an error are there, and their call goes on', async () => {
      const connected = await parties.connected()
      const { dialog, caller, invite, agent } = connected
      let asked = 0
      let wake: () => void = () => undefined
      const often = new Promise<void>((resolve) => (wake = resolve))
      const refuse = {
        request: (request: { respond: (status: number) => unknown }) => {
          request.respond(405)
          if (++asked === 4) wake()
        },
      }
      dialog.user = { ...dialogUser(caller.log), ...refuse }
      invite.dialogUser = { ...dialogUser(agent.log), ...refuse }
      await often
      assert.equal((await baton().call(connected.id)).state, 'connected')
      const { reason } = await parties.hangUp(connected)
      assert.equal(reason, 'hangup')
    })
  })

  describe(`The longest call (${stack.name})`, () => {
    const baton = sharedBaton({ stack, file: { trunks: [trunk], max_call_duration: 2 } })
    const parties = new EngineParties(baton)

    afterEach(() => parties.settle())

    it('ends, and both parties hear why', async () => {
      const { id, caller, agent } = await parties.connected()
      const { result, reason, endedBy } = await parties.ended(id)
      assert.deepEqual([result, reason, endedBy], ['answered', 'max_duration', 'baton'])
      for (const { log } of [caller, agent]) {
        const end = await log.next<DialogEnd>('ended')
        assert.match(reasonIn(end), /text="Longest call"/)
      }
    })
  })
}
