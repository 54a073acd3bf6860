import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { calleeAnswered, callerAnswered, hangsUp, isReleased } from './parts.ts'

for (const stack of stacks) {
  describe(`OPTIONS in a call (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('is answered by Baton, and the agent does not get it', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-options-answered', pause: 100 },
        agents: { agent: { scenario: 'uas-call-answered' } },
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '> OPTIONS', ['< 200 OPTIONS', { Allow: /INVITE/ }], ...hangsUp],
          agent: [...calleeAnswered, ...isReleased],
        },
      })
    })
  })
}
