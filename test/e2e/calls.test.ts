import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { audioAt, calleeAnswered, callerAnswered, hangsUp, isReleased } from './parts.ts'

for (const stack of stacks) {
  describe(`Calls between a caller and an agent (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('a caller reaches the agent of the number, who is told which call of which project it is', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-answered', pause: 100 },
        agents: { agent: { scenario: 'uas-call-answered' } },
      })
      const { call, ports } = played
      await expectStory(played, {
        messages: {
          caller: [
            '> INVITE',
            ['< 180 INVITE', { body: '' }],
            ['< 200 INVITE', { 'Content-Type': 'application/sdp', body: audioAt(ports.agent), Contact: /^<sip:.+>/ }],
            '> ACK',
            ...hangsUp,
          ],
          agent: [
            [
              '< INVITE',
              {
                uri: new RegExp(`^INVITE sip:agent@127.0.0.1:${ports.agent} `),
                From: /^"Ann Caller" <sip:\+14155550123@/,
                'X-Customer': 'gold-42',
                'X-Baton-Call-Id': call.id,
                'X-Baton-Project': call.project,
                'X-Baton-Environment': 'live',
                'X-Baton-Version': '1',
                'Max-Forwards': /^[1-9]\d?$/,
                body: audioAt(ports.caller),
              },
            ],
            '> 180 INVITE',
            '> 200 INVITE',
            ['< ACK', { body: '' }],
            ...isReleased,
          ],
        },
        call: {
          state: 'ended',
          result: 'answered',
          reason: 'hangup',
          endedBy: 'caller',
          version: 1,
          environment: 'live',
        },
      })
    })

    it('an agent that hangs up ends the call for the caller', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-released' },
        agents: { agent: { scenario: 'uas-call-answered-hangs-up', pause: 100 } },
      })
      await expectStory(played, {
        messages: { caller: [...callerAnswered, ...isReleased], agent: [...calleeAnswered, ...hangsUp] },
        call: { result: 'answered', reason: 'hangup', endedBy: 'agent' },
      })
    })

    it('early media of the agent reaches the caller before the answer', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-answered', pause: 100 },
        agents: { agent: { scenario: 'uas-early-media-answered', pause: 100 } },
      })
      const { ports } = played
      await expectStory(played, {
        messages: {
          caller: [
            '> INVITE',
            ['< 183 INVITE', { 'Content-Type': 'application/sdp', body: audioAt(ports.agent) }],
            ['< 200 INVITE', { body: audioAt(ports.agent) }],
            '> ACK',
            ...hangsUp,
          ],
          agent: ['< INVITE', '> 183 INVITE', '> 200 INVITE', '< ACK', ...isReleased],
        },
      })
    })

    it('a caller without an offer gets the agent’s, and its answer reaches the agent in the ACK', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-late-offer-answered', pause: 100 },
        agents: { agent: { scenario: 'uas-late-offer-answered' } },
      })
      const { ports } = played
      await expectStory(played, {
        messages: {
          caller: [
            ['> INVITE', { body: '' }],
            '< 180 INVITE',
            ['< 200 INVITE', { body: audioAt(ports.agent) }],
            ['> ACK', { body: audioAt(ports.caller) }],
            ...hangsUp,
          ],
          agent: [
            ['< INVITE', { body: '', 'Content-Type': '' }],
            '> 180 INVITE',
            '> 200 INVITE',
            ['< ACK', { 'Content-Type': 'application/sdp', body: audioAt(ports.caller) }],
            ...isReleased,
          ],
        },
      })
    })

    it('a caller holds and resumes the agent', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-hold-resumed', pause: 100 },
        agents: { agent: { scenario: 'uas-hold-resumed' } },
      })
      const { ports } = played
      const held = /m=audio[\s\S]*a=(sendonly|inactive)/
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['> INVITE', { body: held }],
            ['< 200 INVITE', { body: /a=recvonly/ }],
            '> ACK',
            '> INVITE',
            ['< 200 INVITE', { body: audioAt(ports.agent) }],
            '> ACK',
            ...hangsUp,
          ],
          agent: [
            ...calleeAnswered,
            ['< INVITE', { body: held }],
            '> 200 INVITE',
            '< ACK',
            ['< INVITE', { body: /a=sendrecv/ }],
            '> 200 INVITE',
            '< ACK',
            ...isReleased,
          ],
        },
      })
    })

    it('an agent holds and resumes the caller', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-held-resumed' },
        agents: { agent: { scenario: 'uas-holds-resumed', pause: 100 } },
      })
      const reinvited = ['< INVITE', '> 200 INVITE', '< ACK']
      const reinvites = ['> INVITE', '< 200 INVITE', '> ACK']
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...reinvited, ...reinvited, ...isReleased],
          agent: [...calleeAnswered, ...reinvites, ...reinvites, ...hangsUp],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'agent' },
      })
    })

    it('DTMF in an INFO reaches the agent as it is', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-info-answered', pause: 100 },
        agents: { agent: { scenario: 'uas-info-answered' } },
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '> INFO', '< 200 INFO', ...hangsUp],
          agent: [
            ...calleeAnswered,
            ['< INFO', { 'Content-Type': 'application/dtmf-relay', body: /^Signal=5\r?\nDuration=160/ }],
            '> 200 INFO',
            ...isReleased,
          ],
        },
      })
    })

    for (const [from, to] of [
      ['tcp', 'udp'],
      ['udp', 'tcp'],
      ['tcp', 'tcp'],
    ] as const) {
      it(`a caller on ${from.toUpperCase()} reaches an agent on ${to.toUpperCase()}`, async () => {
        const played = await play(baton(), {
          caller: { scenario: 'uac-call-answered', pause: 100, transport: from },
          agents: { agent: { scenario: 'uas-call-answered', transport: to } },
        })
        const { ports } = played
        const via = (transport: string) => new RegExp(`^SIP/2.0/${transport.toUpperCase()} `)
        await expectStory(played, {
          messages: {
            caller: [
              '> INVITE',
              '< 180 INVITE',
              ['< 200 INVITE', { Via: via(from), Contact: from === 'tcp' ? /transport=tcp/i : /^<sip:/ }],
              '> ACK',
              ...hangsUp,
            ],
            agent: [
              ['< INVITE', { Via: via(to), body: audioAt(ports.caller) }],
              '> 180 INVITE',
              '> 200 INVITE',
              '< ACK',
              ...isReleased,
            ],
          },
        })
      })
    }
  })
}
