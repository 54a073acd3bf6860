import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { agentHeard, agentTold } from './moments.ts'
import {
  asking,
  audioAt,
  calleeAnswered,
  callerAnswered,
  hangsUp,
  isNotified,
  isRefused,
  isReleased,
  refusing,
} from './parts.ts'

type Uri = (party: string) => string
const desk = (uri: Uri, more: object = {}) => ({
  name: 'front-desk',
  description: 'Reception, day and night',
  default: true,
  route: uri('desk'),
  headers: { 'X-Caller': '$caller_id', 'X-Handoff': '$handoff' },
  ...more,
})
const bridgedDesk = (uri: Uri, more: object = {}) => desk(uri, { method: 'invite', ...more })
const duty = (uri: Uri) => ({ name: 'duty-manager', description: 'Always there', method: 'invite', route: uri('duty') })

const asked = ['> REFER', '< 202 REFER']
const isMoved = (port: number | undefined): ExpectedMessage[] => [
  ['< INVITE', { 'Content-Type': 'application/sdp', body: audioAt(port) }],
  '> 200 INVITE',
  '< ACK',
]

for (const stack of stacks) {
  describe(`Transfers by a bridged INVITE (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('a caller who refuses REFER is bridged to the same destination, and the agent leaves once that has answered', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-refused-bridged', until: agentTold, keys: refusing('405 Method Not Allowed') },
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [desk(uri)],
      })
      const { ports, call } = played
      const target = `sip:desk@127.0.0.1:${ports.desk}`
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...isRefused, ...isMoved(ports.desk), ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '200'), ...isReleased],
          desk: [
            [
              '< INVITE',
              {
                From: /^"Ann Caller" <sip:\+14155550123@/,
                'X-Caller': '+14155550123',
                'X-Handoff': 'front-desk',
                'X-Reason': 'billing question',
                'X-Baton-Call-Id': '',
                body: audioAt(ports.caller),
              },
            ],
            '> 180 INVITE',
            '> 200 INVITE',
            '< ACK',
            ...isReleased,
          ],
        },
        call: {
          result: 'answered',
          reason: 'hangup',
          endedBy: 'caller',
          ...(call.destination && { destination: { ...call.destination, uri: target, handoff: 'front-desk' } }),
        },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            reason: 'answered',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'refer',
                result: 'failed',
                reason: 'refer_refused',
                code: 405,
                evidence: [`baton: REFER to <${target}>`, 'caller: 405 Method Not Allowed'],
              },
              {
                handoff: 'front-desk',
                method: 'invite',
                result: 'succeeded',
                evidence: [
                  `baton: INVITE ${target}`,
                  'destination: 180 Ringing',
                  'destination: 200 OK',
                  'caller: 200 OK to the re-INVITE',
                ],
              },
            ],
          },
        ],
      })
    })

    it('a destination that fails after a REFER gives way to one that is bridged', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-failed-bridged', until: agentTold, keys: { failure: '486 Busy Here' } },
        agents: { agent: asking() },
        destinations: { duty: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [desk(() => 'sip:desk@127.0.0.1:5092', { on_failure: ['duty-manager'] }), duty(uri)],
      })
      const { ports } = played
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            '< REFER',
            '> 202 REFER',
            '> NOTIFY',
            '< 200 NOTIFY',
            '> NOTIFY',
            '< 200 NOTIFY',
            ...isMoved(ports.duty),
            ...hangsUp,
          ],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '200'), ...isReleased],
          duty: [...calleeAnswered, ...isReleased],
        },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'refer',
                code: 486,
                reason: 'busy',
                evidence: [/REFER/, /202/, /100/, /486/],
              },
              { handoff: 'duty-manager', method: 'invite', evidence: [/INVITE/, /180/, /200/, /re-INVITE/] },
            ],
          },
        ],
      })
    })

    it('a bridged destination that is busy gives way to the next one', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
        agents: { agent: asking() },
        destinations: {
          desk: { scenario: 'uas-call-refused', keys: refusing('486 Busy Here') },
          duty: { scenario: 'uas-call-answered' },
        },
        handoffs: (uri) => [bridgedDesk(uri, { on_failure: ['duty-manager'] }), duty(uri)],
      })
      const { ports } = played
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...isMoved(ports.duty), ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '200'), ...isReleased],
          desk: ['< INVITE', '> 486 INVITE', '< ACK'],
          duty: [...calleeAnswered, ...isReleased],
        },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'invite',
                result: 'failed',
                reason: 'busy',
                code: 486,
                evidence: [/^baton: INVITE/, 'destination: 486 Busy Here'],
              },
              { handoff: 'duty-manager', method: 'invite', evidence: [/INVITE/, /180/, /200/, /re-INVITE/] },
            ],
          },
        ],
      })
    })

    it('a destination that does not answer in time is cancelled, and the caller stays with the agent, who is told', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-answered', until: agentTold },
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-ringing-cancelled' } },
        handoffs: (uri) => [bridgedDesk(uri, { ring_timeout: 1 })],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '487'), ...isReleased],
          desk: ['< INVITE', '> 180 INVITE', ['< CANCEL', { Reason: /408/ }], '> 200 CANCEL', '> 487 INVITE', '< ACK'],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'failed',
            reason: 'no_answer',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'invite',
                code: 487,
                result: 'failed',
                reason: 'no_answer',
                evidence: [
                  /^baton: INVITE/,
                  'destination: 180 Ringing',
                  'baton: CANCEL: no answer for 1 s',
                  'destination: 487 Request Terminated',
                ],
              },
            ],
          },
        ],
      })
    })

    it('a caller who hangs up while the destination rings has abandoned the transfer, and no destination is left ringing', async () => {
      const played = await play(baton(), {
        caller: {
          scenario: 'uac-refer-refused-stayed',
          until: agentHeard(/180/),
          keys: refusing('405 Method Not Allowed'),
        },
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-ringing-cancelled' } },
        handoffs: (uri) => [desk(uri)],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...isRefused, ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '487'), ...isReleased],
          desk: ['< INVITE', '> 180 INVITE', '< CANCEL', '> 200 CANCEL', '> 487 INVITE', '< ACK'],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'abandoned',
            reason: 'caller_hung_up',
            attempts: [
              { handoff: 'front-desk', method: 'refer', code: 405, evidence: [/REFER/, /405/] },
              {
                handoff: 'front-desk',
                method: 'invite',
                result: 'abandoned',
                evidence: [
                  /^baton: INVITE/,
                  'destination: 180 Ringing',
                  'caller: BYE',
                  'destination: 487 Request Terminated',
                ],
              },
            ],
          },
        ],
      })
    })

    it('an agent that hangs up while the destination rings leaves the caller to be answered there', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', pause: 200 },
        agents: { agent: { ...asking(), scenario: 'uas-asks-transfer-hangs-up' } },
        destinations: { desk: { scenario: 'uas-early-media-answered', pause: 400 } },
        handoffs: (uri) => [bridgedDesk(uri)],
      })
      const { ports } = played
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...isMoved(ports.desk), ...hangsUp],
          desk: ['< INVITE', '> 183 INVITE', '> 200 INVITE', '< ACK', ...isReleased],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [{ handoff: 'front-desk', method: 'invite', evidence: [/INVITE/, /183/, /200/, /re-INVITE/] }],
          },
        ],
      })
    })

    it('a destination that hangs up after it was put through ends the call for the caller', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-released' },
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-call-answered-hangs-up', until: agentTold } },
        handoffs: (uri) => [bridgedDesk(uri)],
      })
      const { ports } = played
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...isMoved(ports.desk), ...isReleased],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '200'), ...isReleased],
          desk: [...calleeAnswered, ...hangsUp],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'destination' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [{ handoff: 'front-desk', method: 'invite', evidence: [/INVITE/, /180/, /200/, /re-INVITE/] }],
          },
        ],
      })
    })

    it('a caller who refuses the new media keeps the agent, and the destination is released', async () => {
      const played = await play(baton(), {
        caller: {
          scenario: 'uac-reinvite-refused-stayed',
          until: agentTold,
          keys: refusing('488 Not Acceptable Here'),
        },
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [bridgedDesk(uri)],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '< INVITE', '> 488 INVITE', '< ACK', ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '488'), ...isReleased],
          desk: [...calleeAnswered, ...isReleased],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'failed',
            reason: 'media_refused',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'invite',
                code: 488,
                evidence: [/INVITE/, /180/, /200/, 'caller: 488 Not Acceptable Here to the re-INVITE'],
              },
            ],
          },
        ],
      })
    })
  })
}
