import assert from 'node:assert/strict'

import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { calleeAnswered, callerAnswered, isReleased, notifies } from './parts.ts'
import { frontDesk } from './traps.ts'

for (const stack of stacks) {
  describe(`Transfers that are asked for twice (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('under one Idempotency-Key are one transfer, also when it is over; another body with that key is refused', async () => {
      const answers: string[] = []
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
        agents: { agent: { scenario: 'uas-call-answered' } },
        handoffs: () => [frontDesk],
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          const ask = async (handoff: string): Promise<void> => {
            const response = await fetch(`${baton().http}/v1/calls/${id}/transfer`, {
              method: 'POST',
              headers: { 'content-type': 'application/json', 'idempotency-key': 'one-transfer' },
              body: JSON.stringify({ handoff }),
            })
            const { transferId = '' } = (await response.json()) as { transferId?: string }
            answers.push(`${response.status} ${transferId}`)
          }
          await ask('front-desk')
          await ask('front-desk')
          await baton().events.of('transfer.ended', id)
          await ask('front-desk')
          await ask('duty-manager')
        },
      })
      const [transfer] = played.call.transfers
      const accepted = `202 ${transfer?.id}`
      assert.deepEqual(answers, [accepted, accepted, accepted, '422 '])
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '< REFER', '> 202 REFER', ...notifies('100', '180', '200'), ...isReleased],
          agent: [...calleeAnswered, ...isReleased],
        },
        call: { result: 'answered', reason: 'transferred' },
        transfers: [
          {
            ...{ handoff: 'front-desk', requestedBy: 'api', result: 'succeeded', reason: 'answered' },
            attempts: [{ handoff: 'front-desk', method: 'refer', evidence: [/REFER/, /202/, /100/, /180/, /200/] }],
          },
        ],
      })
    })
  })
}
