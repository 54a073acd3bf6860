import assert from 'node:assert/strict'

import { dialogUser } from '../engine/user-agent/two-agents.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { EngineParties, finalResponse, sessionOf } from './engine-parties.ts'

for (const stack of stacks) {
  describe(`A session that is offered once more (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    const parties = new EngineParties(baton)

    afterEach(() => parties.settle())

    for (const method of ['INVITE', 'UPDATE']) {
      it(`${method}: one that has not changed is answered with the agent's, which is not asked`, async () => {
        const connected = await parties.connected()
        const { dialog, agent, invite } = connected
        const asked: string[] = []
        invite.dialogUser = {
          ...dialogUser(agent.log),
          invite: (reinvite) => {
            asked.push(reinvite.request.body)
            reinvite.respond(488)
          },
          request: (request) => {
            asked.push(request.request.body)
            request.respond(488)
          },
        }
        const same = await finalResponse(dialog, method, { body: sessionOf(4000) })
        if (method === 'INVITE') dialog.ack()
        assert.deepEqual([same.status, same.body], [200, sessionOf(4002)])
        assert.deepEqual(asked, [])
        const other = await finalResponse(dialog, method, { body: sessionOf(4000, 2) })
        assert.equal(other.status, 488)
        assert.equal(asked.length, 1)
        const { result, reason } = await parties.hangUp(connected)
        assert.deepEqual([result, reason], ['answered', 'hangup'])
      })
    }
  })
}
