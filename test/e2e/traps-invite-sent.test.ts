import assert from 'node:assert/strict'

import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { agentHeard, agentTold } from './moments.ts'
import { asking, audioAt, calleeAnswered, callerAnswered, hangsUp, isNotified, isReleased, refusing } from './parts.ts'
import { answeredBy, expectInvite, moved, refused, type InviteRow } from './invite-row.ts'
import { onLadder } from './moments.ts'

/** A destination that refuses, and no other handoff. */
const refusal = (status: string, reason: string): InviteRow => {
  const code = status.slice(0, 3)

  return {
    what: `${code} to the INVITE`,
    caller: { scenario: 'uac-call-answered', until: agentTold },
    callerMessages: () => hangsUp,
    desk: { scenario: 'uas-call-refused', keys: refusing(status) },
    deskMessages: () => refused(code),
    ...{ result: 'failed', reason, code: Number(code), agentHears: [code], endedBy: 'caller' },
    evidence: [`destination: ${status.split('\r\n')[0] ?? ''}`],
  }
}

const rows: InviteRow[] = [
  refusal('401 Unauthorized', 'refused'),
  refusal('404 Not Found', 'not_found'),
  refusal('408 Request Timeout', 'no_answer'),
  refusal('422 Session Interval Too Small', 'refused'),
  refusal('480 Temporarily Unavailable', 'no_answer'),
  refusal('488 Not Acceptable Here', 'refused'),
  refusal('500 Server Internal Error', 'refused'),
  refusal('503 Service Unavailable', 'unreachable'),
  refusal('600 Busy Everywhere', 'busy'),
  refusal('603 Decline', 'declined'),
  refusal('604 Does Not Exist Anywhere', 'not_found'),
  {
    what: '422, and an answer to the interval that it wants (RFC 4028)',
    caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-interval-too-short-answered', keys: { interval: '1800' } },
    deskMessages: () => [
      ['< INVITE', { 'Session-Expires': undefined, 'Min-SE': undefined }],
      '> 422 INVITE',
      '< ACK',
      ['< INVITE', { 'Session-Expires': '1800', 'Min-SE': '1800' }],
      '> 200 INVITE',
      '< ACK',
      ...isReleased,
    ],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['200'], endedBy: 'caller' },
    evidence: ['destination: 422 Session Interval Too Small', 'destination: 200 OK', 'caller: 200 OK to the re-INVITE'],
  },
  {
    what: '422 again, to the very interval that it wanted',
    caller: { scenario: 'uac-call-answered', until: agentTold },
    callerMessages: () => hangsUp,
    desk: { scenario: 'uas-interval-never-long-enough-refused', keys: { interval: '180' } },
    deskMessages: () => [...refused('422'), ...refused('422')],
    ...{ result: 'failed', reason: 'refused', code: 422, agentHears: ['422'], endedBy: 'caller' },
    evidence: ['destination: 422 Session Interval Too Small', 'destination: 422 Session Interval Too Small'],
  },
  {
    what: '183 without a session, said twice, and an answer',
    caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-progress-answered', pause: 100 },
    deskMessages: () => ['< INVITE', '> 183 INVITE', '> 200 INVITE', '< ACK', ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['183', '200'], endedBy: 'caller' },
    evidence: ['destination: 183 Session Progress', 'destination: 200 OK', 'caller: 200 OK to the re-INVITE'],
  },
  {
    what: 'an answer without a session',
    caller: { scenario: 'uac-call-answered', until: agentTold },
    callerMessages: () => hangsUp,
    desk: { scenario: 'uas-mute-released' },
    deskMessages: () => [...calleeAnswered, ...isReleased],
    ...{ result: 'failed', reason: 'media_refused', agentHears: ['180', '503'], endedBy: 'caller' },
    evidence: [...answeredBy, 'baton: its answer has no session'],
  },
  {
    what: 'an answer that refuses all media (port 0)',
    caller: { scenario: 'uac-call-answered', until: agentTold },
    callerMessages: () => hangsUp,
    desk: { scenario: 'uas-no-media-released' },
    deskMessages: () => [...calleeAnswered, ...isReleased],
    ...{ result: 'failed', reason: 'media_refused', agentHears: ['180', '503'], endedBy: 'caller' },
    evidence: [...answeredBy, 'baton: its answer refuses all media'],
  },
  {
    what: '200 that crosses our CANCEL',
    serverSays: ['BYE', '200 BYE'],
    caller: { scenario: 'uac-call-answered', until: agentTold },
    callerMessages: () => hangsUp,
    desk: { scenario: 'uas-ringing-cancelled-answered' },
    deskMessages: () => [
      '< INVITE',
      '> 180 INVITE',
      '< CANCEL',
      '> 200 CANCEL',
      '> 200 INVITE',
      '< ACK',
      ...isReleased,
    ],
    handoff: { ring_timeout: 1 },
    ...{ result: 'failed', reason: 'no_answer', code: 487, agentHears: ['180', '487'], endedBy: 'caller' },
    evidence: ['destination: 180 Ringing', 'baton: CANCEL: no answer for 1 s', /^baton: 487 /],
  },
  {
    what: 'an answer after the caller has gone',
    serverSays: ['BYE', '200 BYE'],
    caller: { scenario: 'uac-call-answered', until: agentHeard(/180/) },
    callerMessages: () => hangsUp,
    desk: { scenario: 'uas-ringing-cancelled-answered' },
    deskMessages: () => [
      '< INVITE',
      '> 180 INVITE',
      '< CANCEL',
      '> 200 CANCEL',
      '> 200 INVITE',
      '< ACK',
      ...isReleased,
    ],
    ...{ result: 'abandoned', reason: 'caller_hung_up', agentHears: ['180', '487'], endedBy: 'caller' },
    evidence: ['destination: 180 Ringing', 'caller: BYE', /^baton: 487 /],
  },
  {
    what: 'a caller that answers the re-INVITE with another address and codec',
    caller: { scenario: 'uac-reinvite-changed-bridged', until: agentTold },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-call-reoffered' },
    deskMessages: () => [
      ...calleeAnswered,
      ['< INVITE', { body: /m=audio 40000 RTP\/AVP 8 101/ }],
      '> 200 INVITE',
      '< ACK',
      ...isReleased,
    ],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'caller' },
    evidence: [...answeredBy, 'caller: 200 OK to the re-INVITE', 'destination: 200 OK to the re-INVITE'],
  },
  {
    what: 'a destination that refuses the codec that the caller changed to',
    caller: { scenario: 'uac-reinvite-changed-stayed', until: agentTold },
    callerMessages: (port) => [...moved(port), '< INVITE', '> 200 INVITE', '< ACK', ...hangsUp],
    desk: { scenario: 'uas-reoffer-refused', keys: refusing('488 Not Acceptable Here') },
    deskMessages: () => [...calleeAnswered, ...refused('488'), ...isReleased],
    ...{ result: 'failed', reason: 'media_refused', code: 488, agentHears: ['180', '488'], endedBy: 'caller' },
    evidence: [
      ...answeredBy,
      'caller: 200 OK to the re-INVITE',
      'destination: 488 Not Acceptable Here to the re-INVITE',
      'caller: 200 OK to the re-INVITE back to the agent',
    ],
  },
  {
    what: 'a destination whose own re-INVITE is on its way (491): it is asked again after 2.1 to 4 s',
    caller: { scenario: 'uac-reinvite-changed-released' },
    callerMessages: (port) => [...moved(port), ...isReleased],
    desk: { scenario: 'uas-reoffer-glare-hangs-up', pause: 300 },
    deskMessages: () => [
      ...calleeAnswered,
      ...refused('491'),
      ['< INVITE', { body: /m=audio 40000 RTP\/AVP 8 101/ }],
      ...['> 200 INVITE', '< ACK'],
      ...hangsUp,
    ],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'destination' },
    evidence: [
      ...answeredBy,
      'caller: 200 OK to the re-INVITE',
      'destination: 491 Request Pending to the re-INVITE',
      'destination: 200 OK to the re-INVITE',
    ],
  },
  {
    what: 'a caller whose own re-INVITE is on its way (491)',
    caller: { scenario: 'uac-reinvite-glare-bridged', until: agentTold },
    callerMessages: (port) => [...refused('491'), ...moved(port), ...hangsUp],
    desk: { scenario: 'uas-call-answered' },
    deskMessages: () => [...calleeAnswered, ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'caller' },
    evidence: [...answeredBy, 'caller: 491 Request Pending to the re-INVITE', 'caller: 200 OK to the re-INVITE'],
  },
  {
    what: 'a caller that is still busy with another request (500, Retry-After)',
    caller: { scenario: 'uac-reinvite-busy-bridged', until: agentTold },
    callerMessages: (port) => [...refused('500'), ...moved(port), ...hangsUp],
    desk: { scenario: 'uas-call-answered' },
    deskMessages: () => [...calleeAnswered, ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'caller' },
    evidence: [...answeredBy, 'caller: 500 Server Internal Error to the re-INVITE', 'caller: 200 OK to the re-INVITE'],
  },
  {
    what: 'a caller that sends a re-INVITE of its own while ours is on its way: it gets 491',
    serverSays: ['INVITE', '491 INVITE'],
    caller: { scenario: 'uac-reinvite-crossed-bridged', until: agentTold },
    callerMessages: (port) => [
      ['< INVITE', { body: audioAt(port) }],
      '> INVITE',
      '< 491 INVITE',
      '> ACK',
      '> 200 INVITE',
      '< ACK',
      ...hangsUp,
    ],
    desk: { scenario: 'uas-call-answered' },
    deskMessages: () => [...calleeAnswered, ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'caller' },
    evidence: [...answeredBy, 'caller: 200 OK to the re-INVITE'],
  },
  {
    what: 'a caller whose 200 to the re-INVITE has no session: that of before stands',
    caller: { scenario: 'uac-reinvite-mute-bridged', until: agentTold },
    callerMessages: (port) => [...moved(port), ...hangsUp],
    desk: { scenario: 'uas-call-answered' },
    deskMessages: () => [...calleeAnswered, ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, agentHears: ['180', '200'], endedBy: 'caller' },
    evidence: [...answeredBy, 'caller: 200 OK to the re-INVITE'],
  },
  {
    what: 'a caller that never answers the re-INVITE: it has gone (RFC 3261 12.2.1.2)',
    serverSays: ['BYE', '200 BYE'],
    caller: { scenario: 'uac-reinvite-ignored-released' },
    callerMessages: () => ['< INVITE', ...isReleased],
    desk: { scenario: 'uas-call-answered' },
    deskMessages: () => [...calleeAnswered, ...isReleased],
    ...{
      result: 'abandoned',
      reason: 'caller_hung_up',
      agentHears: ['180', '487'],
      endedBy: 'baton',
      callReason: 'dialog_lost',
    },
    evidence: [...answeredBy, /408 .* to the re-INVITE$|dialog ended: refused$/, /./],
  },
  {
    what: 'a caller that answers 408 to the re-INVITE: its dialog has ended (RFC 3261 12.2.1.2)',
    serverSays: ['BYE', '200 BYE'],
    caller: { scenario: 'uac-reinvite-timed-out-released' },
    callerMessages: () => [...refused('408'), ...isReleased],
    desk: { scenario: 'uas-call-answered' },
    deskMessages: () => [...calleeAnswered, ...isReleased],
    ...{
      result: 'abandoned',
      reason: 'caller_hung_up',
      agentHears: ['180', '487'],
      endedBy: 'baton',
      callReason: 'dialog_lost',
    },
    evidence: [...answeredBy, /408 .* to the re-INVITE$|dialog ended: refused$/, /./],
  },
]

for (const stack of stacks) {
  describe(`Traps of the INVITE that we send (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    for (const row of rows) {
      it(`${row.what}: ${row.result}, ${row.reason}`, async () => {
        await expectInvite(baton(), row)
      })
    }

    it('a caller on hold is bridged on hold, and afterwards resumes and sends digits to the destination: no trace of the agent', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-hold-bridged-resumed', pause: 200 },
        agents: { agent: { scenario: 'uas-call-held-released' } },
        destinations: { desk: { scenario: 'uas-held-resumed-informed' } },
        handoffs: (uri) => [
          { name: 'front-desk', description: 'Reception', default: true, method: 'invite', route: uri('desk') },
        ],
        meanwhile: async ({ id }) => {
          await onLadder(
            baton(),
            id,
            ({ leg, direction, text }) => leg === 'caller' && direction === 'in' && /^ACK .*CSeq: 2 ACK/s.test(text),
          )
          await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'front-desk' })
        },
      })
      const resumed: ExpectedMessage[] = ['< 200 INVITE', '> ACK', '> INFO', '< 200 INFO', ...hangsUp]
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['> INVITE', { body: /a=sendonly/ }],
            ['< 200 INVITE', { body: /a=recvonly/ }],
            '> ACK',
            ['< INVITE', { body: /a=recvonly/ }],
            '> 200 INVITE',
            '< ACK',
            ['> INVITE', { body: /a=sendrecv/ }],
            ...resumed,
          ],
          agent: [...calleeAnswered, '< INVITE', '> 200 INVITE', '< ACK', ...isReleased],
          desk: [
            ['< INVITE', { body: /a=sendonly/ }],
            '> 180 INVITE',
            '> 200 INVITE',
            '< ACK',
            ['< INVITE', { body: /a=sendrecv/ }],
            '> 200 INVITE',
            '< ACK',
            ['< INFO', { body: /Signal=5/ }],
            '> 200 INFO',
            ...isReleased,
          ],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [{ handoff: 'front-desk', method: 'invite', evidence: [/INVITE/, /180/, /200/, /re-INVITE/] }],
          },
        ],
      })
    })

    it('a caller whom the agent holds while it asks is put through in sound, both ways', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-held-joined', until: agentTold },
        agents: { agent: { ...asking(), scenario: 'uas-holds-asks-transfer-released' } },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [
          { name: 'front-desk', description: 'Reception', default: true, method: 'invite', route: uri('desk') },
        ],
      })
      const bothWays = /^(?![^]*a=(?:sendonly|recvonly|inactive))[^]*m=audio /
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< INVITE', { body: /a=sendonly/ }],
            ['> 200 INVITE', { body: /a=recvonly/ }],
            '< ACK',
            ['< INVITE', { body: bothWays }],
            ...['> 200 INVITE', '< ACK'],
            ...hangsUp,
          ],
          agent: [
            ...calleeAnswered,
            ...['> INVITE', '< 200 INVITE', '> ACK', '> REFER', '< 202 REFER'],
            ...isNotified('100', '180', '200'),
            ...isReleased,
          ],
          desk: [['< INVITE', { body: bothWays }], '> 180 INVITE', '> 200 INVITE', '< ACK', ...isReleased],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [{ handoff: 'front-desk', method: 'invite', evidence: [/INVITE/, /180/, /200/, /re-INVITE/] }],
          },
        ],
      })
    })

    it('a handoff that requires SRTP is not called with a session in the clear', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-answered', until: agentTold },
        agents: { agent: asking() },
        handoffs: () => [
          {
            name: 'front-desk',
            description: 'Reception',
            default: true,
            method: 'invite',
            route: 'sip:desk@127.0.0.1:9',
            encryption: 'required',
          },
        ],
      })
      const [transfer] = played.call.transfers
      assert.equal(`${transfer?.result} ${transfer?.reason}`, 'failed not_encrypted')
      assert.equal(played.call.endedBy, 'caller')
    })

    it('an Identity of 3000 bytes reaches the destination uncut, and headers of Baton’s own do not', async () => {
      const token = `${'e30'.repeat(1000)};info=<https://certs.example/1.pem>;alg=ES256`
      const played = await play(baton(), {
        caller: {
          scenario: 'uac-identity-bridged',
          pause: 200,
          transport: 'tcp',
          keys: { identity: `Identity: ${token}\r\nDiversion: <sip:+14155550111@127.0.0.1>;reason=unconditional` },
        },
        agents: { agent: { ...asking(), transport: 'tcp' } },
        destinations: { desk: { scenario: 'uas-call-answered', transport: 'tcp' } },
        handoffs: (uri) => [
          { name: 'front-desk', description: 'Reception', default: true, method: 'invite', route: uri('desk') },
        ],
      })
      const invite = played.traces.desk?.message('< INVITE')
      assert.equal(invite?.header('Identity'), token)
      assert.equal(invite.header('Diversion'), '<sip:+14155550111@127.0.0.1>;reason=unconditional')
      assert.doesNotMatch(invite.text, /^X-Baton/im)
    })
  })

  describe(`INVITEs to trunks with credentials (${stack.name})`, () => {
    needs('sipp')
    const credentials = { username: 'bob', password: 'secret' }
    const baton = sharedBaton({ stack, file: { trunks: [{ name: 'carrier', peers: ['127.0.0.0/8'], credentials }] } })

    for (const [status, header] of [
      ['401 Unauthorized', 'WWW-Authenticate'],
      ['407 Proxy Authentication Required', 'Proxy-Authenticate'],
    ] as const) {
      it(`${status}: they are given, and the destination answers`, async () => {
        const answer = header.replace('WWW-Authenticate', 'Authorization').replace('Authenticate', 'Authorization')
        const played = await play(baton(), {
          caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
          agents: { agent: asking() },
          destinations: {
            desk: {
              scenario: 'uas-challenged-answered',
              keys: { challenge: `SIP/2.0 ${status}`, header: `${header}: Digest realm="trunk", nonce="n1"` },
            },
          },
          handoffs: (uri) => [
            { name: 'front-desk', description: 'Reception', default: true, method: 'invite', route: uri('desk') },
          ],
        })
        assert.match(played.traces.desk?.message('< INVITE', 2).header(answer) ?? '', /^Digest username="bob"/)
        assert.deepEqual(
          played.call.transfers.map(({ result, reason }) => `${result} ${reason}`),
          ['succeeded answered'],
        )
      })
    }
  })
}
