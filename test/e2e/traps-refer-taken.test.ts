import assert from 'node:assert/strict'

import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import type { Part } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { agentRefused, agentTold } from './moments.ts'
import { asking, calleeAnswered, callerAnswered, hangsUp, isNotified, isReleased, notifies } from './parts.ts'
import { exchange } from './single-requests.ts'
import { onLadder } from './moments.ts'
import { frontDesk } from './traps.ts'

type Uri = (party: string) => string
const stays: Part = { scenario: 'uac-call-answered', until: agentRefused }
const asksBadly = (header: string): Part => ({
  scenario: 'uas-asks-transfer-badly-refused',
  pause: 50,
  keys: { refer_to: header },
})
const bridgedDesk = (uri: Uri, more: object = {}) => ({ ...frontDesk, method: 'invite', route: uri('desk'), ...more })

/** REFERs that are refused: nothing is begun, and the call goes on. */
const refusals: [
  what: string,
  refer: string,
  answer: string,
  headers?: Record<string, RegExp>,
  project?: Record<string, unknown>,
][] = [
  ['without Refer-To', 'X-Nothing: 1', '400'],
  ['with two Refer-To', 'Refer-To: <sip:front-desk@baton>\r\nRefer-To: <sip:duty@baton>', '400'],
  ['with two targets in one Refer-To', 'Refer-To: <sip:front-desk@baton>, <sip:duty@baton>', '400'],
  ['with a Refer-To that is no URI', 'Refer-To: <>', '400'],
  ['with a scheme that cannot be called', 'Refer-To: <http://example.com/front-desk>', '416'],
  [
    'that calls off what does not run',
    'Refer-To: <sip:front-desk@baton;method=CANCEL>',
    '481',
    { Warning: /call off/ },
  ],
  [
    'to a raw number, in a project that allows none',
    'Refer-To: <tel:+14155550177>',
    '403',
    { Warning: /adhoc: false/ },
  ],
  ['to a number written as a SIP URI', 'Refer-To: <sip:+14155550177@baton>', '403', { Warning: /adhoc: false/ }],
  [
    'to a raw URI at a private host',
    'Refer-To: <sip:bob@10.1.2.3>',
    '403',
    { Warning: /10\.1\.2\.3 is a private host.*adhoc_hosts/ },
    { adhoc: true },
  ],
  ['to a premium number', 'Refer-To: <tel:+19005550100>', '403', { Warning: /premium/ }, { adhoc: true }],
]

for (const stack of stacks) {
  describe(`Traps of the REFER that we take (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    for (const [what, refer, answer, headers = {}, project = {}] of refusals) {
      it(`${what}: ${answer}, and the call goes on`, async () => {
        const played = await play(baton(), {
          caller: stays,
          agents: { agent: asksBadly(refer) },
          handoffs: () => [frontDesk],
          project,
        })
        await expectStory(played, {
          messages: {
            caller: [...callerAnswered, ...hangsUp],
            agent: [...calleeAnswered, '> REFER', [`< ${answer} REFER`, headers], ...isReleased],
          },
          call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        })
      })
    }

    it('from the caller: 403, since a caller does not choose its destination', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-asks-transfer-refused', pause: 50 },
        agents: { agent: { scenario: 'uas-call-answered' } },
        handoffs: () => [frontDesk],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '> REFER', '< 403 REFER', ...hangsUp],
          agent: [...calleeAnswered, ...isReleased],
        },
      })
    })

    it(`outside any dialog: ${stack.isOriginal ? 'no answer, which is the server’s own doing' : '481'}`, async () => {
      const answered = exchange('127.0.0.1', baton(), [
        `REFER sip:baton@${baton().sip()} SIP/2.0`,
        'From: <sip:unknown@127.0.0.1>;tag=1',
        `To: <sip:baton@${baton().sip()}>`,
        'Call-ID: refer-outside-a-dialog',
        'CSeq: 1 REFER',
        'Contact: <sip:unknown@127.0.0.1>',
        'Refer-To: <sip:front-desk@baton>',
        'Content-Length: 0',
        '',
        '',
      ])
      if (stack.isOriginal) await assert.rejects(answered, /aborted/)
      else assert.match(await answered, /^SIP\/2.0 481 /)
    })

    for (const quiet of ['Refer-Sub: false', 'Require: norefersub']) {
      it(`with ${quiet}: 202 says so too, and no NOTIFY comes`, async () => {
        const played = await play(baton(), {
          caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
          agents: {
            agent: {
              scenario: 'uas-asks-transfer-unheard-released',
              pause: 50,
              keys: { refer_to: 'sip:front-desk@baton', quiet },
            },
          },
          handoffs: () => [frontDesk],
        })
        await expectStory(played, {
          messages: {
            caller: [...callerAnswered, '< REFER', '> 202 REFER', ...notifies('100', '180', '200'), ...isReleased],
            agent: [...calleeAnswered, '> REFER', ['< 202 REFER', { 'Refer-Sub': 'false' }], ...isReleased],
          },
          call: { result: 'answered', reason: 'transferred' },
          transfers: [
            {
              handoff: 'front-desk',
              result: 'succeeded',
              attempts: [{ handoff: 'front-desk', method: 'refer', evidence: [/REFER/, /202/, /100/, /180/, /200/] }],
            },
          ],
        })
      })
    }

    it('without Referred-By: it is taken, and the caller is told who refers it all the same', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
        agents: { agent: { ...asking(), scenario: 'uas-asks-transfer-unsigned-released' } },
        handoffs: () => [frontDesk],
      })
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< REFER', { 'Referred-By': /^<sip:agent@[^>]+>$/ }],
            '> 202 REFER',
            ...notifies('100', '180', '200'),
            ...isReleased,
          ],
          agent: [
            ...calleeAnswered,
            ['> REFER', { 'Referred-By': '' }],
            '< 202 REFER',
            ...isNotified('100', '180', '200'),
            ...isReleased,
          ],
        },
        call: { result: 'answered', reason: 'transferred' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [{ handoff: 'front-desk', method: 'refer', evidence: [/REFER/, /202/, /100/, /180/, /200/] }],
          },
        ],
      })
    })

    it('to a raw URI, in a project that allows them: the caller is referred there as it is written', async () => {
      const bob = 'sip:bob@127.0.0.1:5092;transport=udp'
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
        agents: { agent: asking(`${bob}?X-Note=a%20b`) },
        handoffs: () => [frontDesk],
        project: { adhoc: true, adhoc_hosts: ['127.0.0.1'] },
      })
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< REFER', { 'Refer-To': `<${bob}>`, 'X-Note': 'a b' }],
            '> 202 REFER',
            ...notifies('100', '180', '200'),
            ...isReleased,
          ],
          agent: [...calleeAnswered, ...['> REFER', '< 202 REFER'], ...isNotified('100', '180', '200'), ...isReleased],
        },
        call: { result: 'answered', reason: 'transferred' },
        transfers: [
          {
            handoff: 'adhoc',
            requestedHandoff: bob,
            result: 'succeeded',
            attempts: [
              { handoff: 'adhoc', method: 'refer', target: bob, evidence: [/REFER/, /202/, /100/, /180/, /200/] },
            ],
          },
        ],
      })
    })

    it('an agent that hangs up right after our 202 does not stop the transfer', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 200 },
        agents: {
          agent: {
            scenario: 'uas-asks-transfer-gone',
            pause: 50,
            lenient: true,
            keys: { refer_to: 'sip:front-desk@baton' },
          },
        },
        handoffs: () => [frontDesk],
      })
      assert.deepEqual(played.traces.caller?.lines.slice(-2), ['< BYE', '> 200 BYE'])
      assert.equal(played.call.reason, 'transferred')
      assert.deepEqual(
        played.call.transfers.map(({ result, reason }) => `${result} ${reason}`),
        ['succeeded answered'],
      )
    })

    const called = async (what: 'cancel' | 'hangup', reason: string, then: 'connected' | 'ended') => {
      const states: string[] = []
      const played = await play(baton(), {
        caller:
          then === 'ended' ? { scenario: 'uac-call-released' } : { scenario: 'uac-call-answered', until: agentTold },
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-ringing-cancelled' } },
        handoffs: (uri) => [bridgedDesk(uri)],
        meanwhile: async ({ id }) => {
          await onLadder(baton(), id, ({ leg, text }) => leg === 'destination' && text.startsWith('SIP/2.0 180'))
          const path = what === 'cancel' ? 'transfer/cancel' : 'hangup'
          await baton().api('POST', `/v1/calls/${id}/${path}`)
          await baton().events.of('transfer.ended', id)
          states.push((await baton().call(id)).state)
          if (what === 'cancel') {
            const again = await baton().request('POST', `/v1/calls/${id}/transfer/cancel`)
            assert.equal(again.status, 409)
          }
        },
      })
      if (then === 'connected') assert.deepEqual(states, ['connected'])
      const ends: ExpectedMessage[] = then === 'ended' ? isReleased : hangsUp
      const hears = what === 'cancel' ? '487' : '503'
      const callReason = then === 'ended' ? 'hung_up_by_api' : 'hangup'
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...ends],
          agent: [...calleeAnswered, '> REFER', '< 202 REFER', ...isNotified('100', '180', hears), ...isReleased],
          desk: ['< INVITE', '> 180 INVITE', '< CANCEL', '> 200 CANCEL', '> 487 INVITE', '< ACK'],
        },
        call: { result: 'answered', reason: callReason },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'failed',
            reason,
            attempts: [{ handoff: 'front-desk', method: 'invite', evidence: [/INVITE/, /180/, /487/] }],
          },
        ],
      })
    }

    it('called off by the API while it rings: the destination is cancelled, and the caller stays with the agent', async () => {
      await called('cancel', 'cancelled', 'connected')
    })

    it('a call ended by the API while it rings: no destination is left ringing', async () => {
      await called('hangup', 'hung_up_by_api', 'ended')
    })

    const calledOff = {
      transfers: [
        {
          handoff: 'front-desk',
          result: 'failed' as const,
          reason: 'cancelled',
          attempts: [{ handoff: 'front-desk', method: 'invite' as const, evidence: [/INVITE/, /180/, /487/] }],
        },
      ],
    }
    const isCancelled: ExpectedMessage[] = [
      '< INVITE',
      '> 180 INVITE',
      '< CANCEL',
      '> 200 CANCEL',
      '> 487 INVITE',
      '< ACK',
    ]

    it('called off by the agent’s REFER with method=CANCEL: the destination is cancelled, and the caller stays with the agent', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-answered', until: agentTold },
        agents: { agent: { ...asking(), pause: 50, scenario: 'uas-asks-transfer-calls-off-released' } },
        destinations: { desk: { scenario: 'uas-ringing-cancelled' } },
        handoffs: (uri) => [bridgedDesk(uri)],
      })
      const [ringing, over] = [isNotified('100', '180', '487').slice(0, 4), isNotified('487')]
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...hangsUp],
          agent: [
            ...calleeAnswered,
            ...['> REFER', '< 202 REFER', ...ringing],
            ...(['> REFER', ['< 202 REFER', { 'Refer-Sub': 'false' }], ...over] as ExpectedMessage[]),
            ...isReleased,
          ],
          desk: isCancelled,
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        ...calledOff,
      })
    })

    it('called off by the agent’s BYE with Reason 487: the destination is cancelled, and the call is over', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-released' },
        agents: { agent: { ...asking(), pause: 50, scenario: 'uas-asks-transfer-calls-off-hangs-up' } },
        destinations: { desk: { scenario: 'uas-ringing-cancelled' } },
        handoffs: (uri) => [bridgedDesk(uri)],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ['< BYE', { Reason: /^SIP;cause=487/ }], '> 200 BYE'],
          agent: [
            ...calleeAnswered,
            ...['> REFER', '< 202 REFER', ...isNotified('100', '180', '487').slice(0, 4)],
            ...hangsUp,
          ],
          desk: isCancelled,
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'agent' },
        ...calledOff,
      })
    })

    it('asked by the API for a private host, or for Baton itself, where raw targets are allowed: 403, and the call goes on', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-released' },
        agents: { agent: { scenario: 'uas-call-answered' } },
        handoffs: () => [frontDesk],
        project: { adhoc: true },
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          for (const [handoff, why] of [
            ['sip:desk@10.1.2.3', /10\.1\.2\.3 is a private host.*adhoc_hosts/],
            [`sip:desk@${baton().sip()}`, /leads back to Baton itself/],
          ] as const) {
            const refused = await baton().request('POST', `/v1/calls/${id}/transfer`, { handoff })
            assert.equal(refused.status, 403)
            assert.match(await refused.text(), why)
          }
          await baton().api('POST', `/v1/calls/${id}/hangup`)
        },
      })
      assert.equal(played.call.reason, 'hung_up_by_api')
      assert.deepEqual(played.call.transfers, [])
    })

    it('a transfer that is not over by its deadline ends: the caller stays with the agent', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-answered', until: agentTold },
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-ringing-cancelled' } },
        handoffs: (uri) => [bridgedDesk(uri, { deadline: 1 })],
      })
      const [transfer] = played.call.transfers
      assert.equal(`${transfer?.result} ${transfer?.reason}`, 'failed deadline')
      assert.match(transfer?.diagnosis ?? '', /It was not over when the handoff’s deadline came\. .*Raise `deadline`/)
      const seconds = (Date.parse(transfer?.endedAt ?? '') - Date.parse(transfer?.startedAt ?? '')) / 1000
      assert.ok(seconds >= 1 && seconds < 10, `${seconds} s`)
      assert.equal(played.call.endedBy, 'caller')
    })

    it('events of a transfer come in order, each with the evidence so far', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
        agents: { agent: asking() },
        handoffs: () => [frontDesk],
      })
      const transfers = played.events.filter(({ type }) => type.startsWith('transfer.'))
      const told = transfers.map(({ data }) => data.transfer?.attempts.flatMap(({ evidence }) => evidence).length ?? 0)
      assert.equal(transfers[0]?.type, 'transfer.requested')
      assert.equal(transfers.at(-1)?.type, 'transfer.ended')
      assert.deepEqual(
        told,
        [...told].sort((a, b) => a - b),
      )
      assert.equal(told.at(-1), 5)
      const ids = transfers.map(({ id }) => id)
      assert.deepEqual(
        ids,
        [...ids].sort((a, b) => a - b),
      )
    })
  })
}
