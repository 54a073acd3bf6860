import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { agentTold } from './moments.ts'
import { asking, audioAt, calleeAnswered, callerAnswered, hangsUp, isNotified, isReleased } from './parts.ts'

const type = 'application/sdp'

for (const stack of stacks) {
  describe(`Sessions inside multipart bodies (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('a destination and a caller that speak multipart are bridged, and hold, with the sessions alone', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-multipart-bridged', until: agentTold },
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-multipart-answered', pause: 100 } },
        handoffs: (uri) => [
          { name: 'front-desk', description: 'Reception', default: true, method: 'invite', route: uri('desk') },
        ],
      })
      const { ports } = played
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< INVITE', { 'Content-Type': type, body: audioAt(ports.desk) }],
            '> 200 INVITE',
            '< ACK',
            ['> INVITE', { 'Content-Type': /^multipart\/mixed/ }],
            ['< 200 INVITE', { 'Content-Type': type, body: /^v=0\r\n[^]*a=recvonly\r\n$/ }],
            '> ACK',
            ...hangsUp,
          ],
          agent: [...calleeAnswered, '> REFER', '< 202 REFER', ...isNotified('100', '183', '200'), ...isReleased],
          desk: [
            ['< INVITE', { 'Content-Type': type, body: audioAt(ports.caller) }],
            ['> 183 INVITE', { 'Content-Type': /^multipart\/mixed/ }],
            ['> 200 INVITE', { 'Content-Type': /^multipart\/mixed/ }],
            '< ACK',
            ['< INVITE', { 'Content-Type': type, body: audioAt(40_000) }],
            '> 200 INVITE',
            '< ACK',
            ['< INVITE', { 'Content-Type': type, body: /^v=0\r\n[^]*m=audio 40000 [^]*a=sendonly\r\n$/ }],
            '> 200 INVITE',
            '< ACK',
            ...isReleased,
          ],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            ...{ handoff: 'front-desk', result: 'succeeded', reason: 'answered' },
            attempts: [
              {
                ...{ handoff: 'front-desk', method: 'invite', result: 'succeeded' },
                evidence: [
                  /^baton: INVITE /,
                  'destination: 183 Session Progress',
                  'destination: 200 OK',
                  'caller: 200 OK to the re-INVITE',
                  'destination: 200 OK to the re-INVITE',
                ],
              },
            ],
          },
        ],
      })
    })
  })
}
