import assert from 'node:assert/strict'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { Phones } from './phones.ts'

for (const stack of stacks) {
  describe(`Audio between the parties (${stack.name})`, function () {
    this.timeout(30_000)
    const baton = sharedBaton({ stack })
    const phones = new Phones(baton)

    afterEach(() => phones.settle())

    it('goes from caller to agent, to the destination after a transfer, and back', async () => {
      const desk = await phones.open()
      const { id, caller, agent } = await phones.connected([
        { name: 'desk', description: 'Desk', default: true, method: 'invite', route: desk.uri },
      ])
      caller.audio.say(500)
      agent.audio.say(700)
      desk.audio.say(900)
      await Promise.all([caller.audio.heard.tone(700), agent.audio.heard.tone(500)])
      await agent.refers('<sip:desk@baton>')
      const rung = await desk.rings()
      await caller.audio.heard.tone(700)
      await desk.answers(rung)
      await Promise.all([caller.audio.heard.tone(900), desk.audio.heard.tone(500), agent.hungUp()])
      // The agent speaks until it is released: both are heard for a moment.
      const released = performance.now()
      await caller.audio.heard.tone(900)
      assert.deepEqual(caller.audio.heard.tones(released), [900])
      assert.ok((caller.audio.heard.firstOf(700) ?? Infinity) < (caller.audio.heard.firstOf(900) ?? 0))
      caller.hangsUp()
      await desk.hungUp()
      const { data } = await baton().events.of('transfer.ended', id)
      assert.equal(data.transfer?.result, 'succeeded')
    })
  })
}
