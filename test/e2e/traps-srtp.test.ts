import assert from 'node:assert/strict'

import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { agentTold } from './moments.ts'
import { answeredBy, expectInvite, moved, refused, type InviteRow } from './invite-row.ts'
import { asking, calleeAnswered, callerAnswered, hangsUp, isNotified, isReleased, refusing } from './parts.ts'

const secure: ExpectedMessage = ['< INVITE', { body: /m=audio \d+ RTP\/SAVP [^]*a=crypto:/ }]
const plain: ExpectedMessage = ['< INVITE', { body: /m=audio \d+ RTP\/AVP (?![^]*a=crypto)/ }]
const answers: ExpectedMessage[] = ['> 180 INVITE', '> 200 INVITE', '< ACK']
const fallsBack = 'baton: the handoff prefers SRTP and does not require it: offered plain RTP'

/** A destination that refuses SRTP in one of the ways there are, and is then called with plain RTP. */
const fallback = (status: string): InviteRow => ({
  what: `SRTP is preferred, and ${status.slice(0, 3)} refuses it: plain RTP is offered`,
  caller: { scenario: 'uac-srtp-bridged', until: agentTold },
  callerMessages: (port) => [...moved(port), ...hangsUp],
  desk: { scenario: 'uas-srtp-refused-plain-answered', calls: 2, keys: refusing(status) },
  deskMessages: () => [secure, `> ${status.slice(0, 3)} INVITE`, '< ACK', plain, ...answers, ...isReleased],
  handoff: { encryption: 'preferred' },
  ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'caller' },
  evidence: [
    `destination: ${status}`,
    fallsBack,
    /^baton: INVITE sip:desk@/,
    ...answeredBy,
    'caller: 200 OK to the re-INVITE',
  ],
})

const rows: InviteRow[] = [
  fallback('488 Not Acceptable Here'),
  fallback('415 Unsupported Media Type'),
  fallback('606 Not Acceptable'),
  {
    what: 'SRTP is required, and taken: no session goes on in the clear afterwards',
    caller: { scenario: 'uac-srtp-plain-refused', until: agentTold },
    callerMessages: () => [
      secure,
      ...['> 200 INVITE', '< ACK'],
      ['> INVITE', { body: /m=audio \d+ RTP\/AVP / }],
      ...['< 488 INVITE', '> ACK'],
      ...hangsUp,
    ],
    desk: { scenario: 'uas-srtp-answered' },
    deskMessages: () => [secure, ...answers, ...isReleased],
    handoff: { encryption: 'required' },
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'caller' },
    evidence: [...answeredBy, 'caller: 200 OK to the re-INVITE'],
  },
  {
    what: 'SRTP is required, and 488 refuses it: never in the clear',
    caller: { scenario: 'uac-srtp-stayed', until: agentTold },
    callerMessages: () => hangsUp,
    desk: { scenario: 'uas-call-refused', keys: refusing('488 Not Acceptable Here') },
    deskMessages: () => [secure, '> 488 INVITE', '< ACK'],
    handoff: { encryption: 'required' },
    ...{ result: 'failed', reason: 'refused', code: 488, agentHears: ['488'], endedBy: 'caller' },
    evidence: ['destination: 488 Not Acceptable Here'],
  },
  {
    what: 'SRTP is required, and the answer is in the clear: the destination is released',
    caller: { scenario: 'uac-srtp-stayed', until: agentTold },
    callerMessages: () => hangsUp,
    desk: { scenario: 'uas-call-answered' },
    deskMessages: () => [secure, ...answers, ...isReleased],
    handoff: { encryption: 'required' },
    ...{ result: 'failed', reason: 'not_encrypted', agentHears: ['180', '503'], endedBy: 'caller' },
    evidence: [...answeredBy, 'baton: its session is not SRTP, and the handoff requires it'],
  },
  {
    what: 'SRTP is required, and the caller has none: the destination is not called',
    caller: { scenario: 'uac-call-answered', until: agentTold },
    callerMessages: () => hangsUp,
    desk: undefined,
    deskMessages: () => [],
    handoff: { encryption: 'required' },
    ...{ result: 'failed', reason: 'not_encrypted', agentHears: ['503'], endedBy: 'caller' },
    evidence: ['baton: the caller’s session is not SRTP, and the handoff requires it'],
  },
  {
    what: 'SRTP is preferred, and the caller has none: plain RTP at once',
    caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-call-answered' },
    deskMessages: () => [plain, ...answers, ...isReleased],
    handoff: { encryption: 'preferred' },
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'caller' },
    evidence: [...answeredBy, 'caller: 200 OK to the re-INVITE'],
  },
  {
    what: 'no SRTP is wished, and the caller has it: plain RTP at once',
    caller: { scenario: 'uac-srtp-bridged', until: agentTold },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-call-answered' },
    deskMessages: () => [plain, ...answers, ...isReleased],
    handoff: { encryption: 'none' },
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'caller' },
    evidence: [...answeredBy, 'caller: 200 OK to the re-INVITE'],
  },
]

for (const stack of stacks) {
  describe(`SRTP wished and refused (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    for (const row of rows) {
      it(`${row.what}: ${row.result}, ${row.reason}`, async () => {
        const { traces } = await expectInvite(baton(), row)
        const callIds = traces.desk?.messages
          .filter(({ name }) => name === 'INVITE')
          .map((one) => one.header('Call-ID'))
        assert.equal(new Set(callIds).size, callIds?.length ?? 0, 'each INVITE is a call of its own')
      })
    }

    it('a destination that has refused SRTP is offered plain RTP at once the next time; a caller that takes none stays', async () => {
      const handoff = { description: 'Reception', method: 'invite', encryption: 'preferred' }
      const played = await play(baton(), {
        caller: { scenario: 'uac-srtp-refuses-plain-stayed', pause: 200 },
        agents: { agent: asking() },
        destinations: {
          desk: { scenario: 'uas-srtp-refused-plain-answered', calls: 3, keys: refusing('488 Not Acceptable Here') },
        },
        handoffs: (uri) => [
          { ...handoff, name: 'front-desk', default: true, route: uri('desk'), on_failure: ['again'] },
          { ...handoff, name: 'again', route: uri('desk') },
        ],
      })
      const refusedPlain = 'caller: 488 Not Acceptable Here to the re-INVITE'
      const calls = /^baton: INVITE sip:desk@/
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...refused('488'), ...refused('488'), ...hangsUp],
          agent: [
            ...[...calleeAnswered, '> REFER', '< 202 REFER'],
            ...[...isNotified('100', '180', '488'), ...isReleased],
          ],
          desk: [
            ...[secure, '> 488 INVITE', '< ACK'],
            ...[plain, ...answers, ...isReleased],
            ...[plain, ...answers, ...isReleased],
          ],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            ...{ handoff: 'front-desk', result: 'failed', reason: 'media_refused', sipStatus: 488 },
            attempts: [
              {
                ...{ handoff: 'front-desk', method: 'invite', code: 488 },
                evidence: [
                  ...[calls, 'destination: 488 Not Acceptable Here', fallsBack],
                  ...[calls, ...answeredBy, refusedPlain],
                ],
              },
              {
                ...{ handoff: 'again', method: 'invite', code: 488 },
                evidence: [
                  'baton: it has lately refused SRTP: offered plain RTP',
                  ...[calls, ...answeredBy, refusedPlain],
                ],
              },
            ],
          },
        ],
      })
    })
  })
}
