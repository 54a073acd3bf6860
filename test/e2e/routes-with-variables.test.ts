import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { calleeAnswered, callerAnswered, hangsUp, isReleased } from './parts.ts'

for (const stack of stacks) {
  describe(`Routes with variables (${stack.name})`, function () {
    this.timeout(60_000)
    needs('sipp')
    const baton = sharedBaton({ stack })

    const transferred = (variables: Record<string, string>) =>
      play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: ({ id }) => baton().events.of('transfer.ended', id) },
        agents: { agent: { scenario: 'uas-call-answered' } },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [
          { name: 'queue', method: 'invite', route: uri('desk').replace(/:\w+@/, ':${queue}@'), on_failure: ['desk'] },
          { name: 'desk', default: true, method: 'invite', route: uri('desk') },
        ],
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'queue', variables })
        },
      })
    const usual = {
      caller: [...callerAnswered, '< INVITE', '> 200 INVITE', '< ACK', ...hangsUp],
      agent: [...calleeAnswered, ...isReleased],
      desk: [...calleeAnswered, ...isReleased],
    }
    const answered = (user: string, port: number | undefined) => [
      `baton: INVITE sip:${user}@127.0.0.1:${port}`,
      'destination: 180 Ringing',
      'destination: 200 OK',
      'caller: 200 OK to the re-INVITE',
    ]

    it('lead where the agent’s values say, whose characters are escaped', async () => {
      const played = await transferred({ queue: 'gold;x=1@evil.example' })
      const evidence = answered('gold%3Bx=1%40evil.example', played.ports.desk)
      await expectStory(played, {
        messages: usual,
        transfers: [
          { handoff: 'queue', attempts: [{ handoff: 'queue', method: 'invite', result: 'succeeded', evidence }] },
        ],
      })
    })

    it('are passed over by a transfer that lacks a value', async () => {
      const played = await transferred({})
      const lacking = /^baton: its route sip:\$\{queue\}@\S+ needs \$queue, which this call does not have$/
      const reason = 'route_incomplete'
      await expectStory(played, {
        messages: usual,
        transfers: [
          {
            handoff: 'queue',
            attempts: [
              { handoff: 'queue', method: 'invite', result: 'failed', reason, evidence: [lacking] },
              {
                ...{ handoff: 'desk', method: 'invite', result: 'succeeded' },
                evidence: answered('desk', played.ports.desk),
              },
            ],
          },
        ],
      })
    })
  })
}
