import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { asking, calleeAnswered, callerAnswered, isNotified } from './parts.ts'

for (const stack of stacks) {
  describe(`Transfers by BYE (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('the PBX takes the call back, with the headers on the BYE', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-released' },
        agents: { agent: asking('sip:back-to-pbx@baton') },
        handoffs: () => [
          {
            name: 'back-to-pbx',
            description: 'The PBX goes on by itself',
            default: true,
            method: 'bye',
            headers: { 'X-Next': 'queue-7', 'X-Caller': '$caller_id' },
          },
        ],
      })
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            [
              '< BYE',
              {
                'X-Next': 'queue-7',
                'X-Caller': '+14155550123',
                'X-Reason': 'billing question',
                Reason: 'Q.850;cause=16;text="Transferred"',
              },
            ],
            '> 200 BYE',
          ],
          agent: [
            ...calleeAnswered,
            '> REFER',
            '< 202 REFER',
            ...isNotified('100', '200'),
            ['< BYE', { Reason: 'Q.850;cause=16;text="Transferred"' }],
            '> 200 BYE',
          ],
        },
        call: { result: 'answered', reason: 'transferred', endedBy: 'baton' },
        transfers: [
          {
            handoff: 'back-to-pbx',
            result: 'succeeded',
            reason: 'returned',
            attempts: [
              {
                handoff: 'back-to-pbx',
                method: 'bye',
                result: 'succeeded',
                evidence: ['baton: BYE', 'caller: 200 OK'],
              },
            ],
          },
        ],
      })
    })
  })
}
