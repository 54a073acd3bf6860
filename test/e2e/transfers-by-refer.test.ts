import assert from 'node:assert/strict'

import type { TrunkView } from '../../server/calls/trunk-book.ts'
import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { agentTold, hangUpAfterwards } from './moments.ts'
import { asking, calleeAnswered, callerAnswered, hangsUp, isNotified, isReleased, notifies, refusing } from './parts.ts'

const frontDesk = {
  name: 'front-desk',
  description: 'Reception, day and night',
  default: true,
  route: 'sip:front-desk@127.0.0.1:5092',
  headers: { 'X-Caller': '$caller_id', 'X-Account': 'acct-${header.X-Customer}', 'X-Env': '$environment' },
  notify_timeout: 1,
}
const referToFrontDesk = 'REFER to <sip:front-desk@127.0.0.1:5092>'
const asked = ['> REFER', '< 202 REFER']

for (const stack of stacks) {
  describe(`Transfers by REFER (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('a caller who takes the REFER and reports 100, 180 and 200 has been handed over, and both legs are released', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 100 },
        agents: { agent: asking() },
        handoffs: () => [frontDesk],
      })
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            [
              '< REFER',
              {
                'Refer-To': '<sip:front-desk@127.0.0.1:5092>',
                'Referred-By': /^<sip:agent@/,
                'X-Caller': '+14155550123',
                'X-Account': 'acct-gold-42',
                'X-Env': 'live',
                'X-Reason': 'billing question',
                'X-Baton-Call-Id': '',
              },
            ],
            '> 202 REFER',
            ...notifies('100', '180', '200'),
            ...isReleased,
          ],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '200'), ...isReleased],
        },
        call: { state: 'ended', result: 'answered', reason: 'transferred', endedBy: 'baton' },
        transfers: [
          {
            handoff: 'front-desk',
            requestedHandoff: 'front-desk',
            requestedBy: 'refer',
            result: 'succeeded',
            reason: 'answered',
            sipStatus: 200,
            attempts: [
              {
                handoff: 'front-desk',
                method: 'refer',
                target: 'sip:front-desk@127.0.0.1:5092',
                result: 'succeeded',
                reason: 'answered',
                code: 200,
                evidence: [
                  `baton: ${referToFrontDesk}`,
                  'caller: 202 Accepted',
                  'caller: NOTIFY SIP/2.0 100 Trying',
                  'caller: NOTIFY SIP/2.0 180 Ringing',
                  'caller: NOTIFY SIP/2.0 200 OK, terminated',
                ],
              },
            ],
          },
        ],
      })
    })

    it('a name that is no handoff means the default one, and the transfer says which was asked for', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
        agents: { agent: asking('sip:no-such-desk@baton') },
        handoffs: () => [frontDesk],
      })
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< REFER', { 'Refer-To': '<sip:front-desk@127.0.0.1:5092>' }],
            '> 202 REFER',
            ...notifies('100', '180', '200'),
            ...isReleased,
          ],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '200'), ...isReleased],
        },
        call: { reason: 'transferred' },
        transfers: [
          {
            handoff: 'front-desk',
            requestedHandoff: 'no-such-desk',
            result: 'succeeded',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'refer',
                evidence: [`baton: ${referToFrontDesk}`, /202/, /100/, /180/, /200/],
              },
            ],
          },
        ],
        metrics: {
          'calls{reason=transferred,result=answered}': 1,
          'route_lookups{result=default}': 1,
          'transfer_attempts{code=200,handoff=front-desk,method=refer,result=succeeded}': 1,
          'transfers{handoff=front-desk,method=refer,reason=answered,result=succeeded}': 1,
        },
      })
    })

    it('202 and then silence is an unknown outcome, never a success: the caller stays with the agent', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-silent' },
        agents: { agent: asking() },
        handoffs: () => [frontDesk],
        meanwhile: async (call) => {
          await call.baton.events.of('transfer.ended', call.id)
          const { state } = await call.baton.call(call.id)
          assert.equal(state, 'connected')
          await hangUpAfterwards(call)
        },
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '< REFER', '> 202 REFER', ...isReleased],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '408'), ...isReleased],
        },
        call: { result: 'answered', reason: 'hung_up_by_api', endedBy: 'baton' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'unknown',
            reason: 'no_notify',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'refer',
                code: 202,
                result: 'unknown',
                evidence: [`baton: ${referToFrontDesk}`, 'caller: 202 Accepted', 'baton: no NOTIFY for 1 s'],
              },
            ],
          },
        ],
      })
    })

    it('BYE right after the 202 does not tell what became of the caller', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-hung-up', pause: 50 },
        agents: { agent: asking() },
        handoffs: () => [frontDesk],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '< REFER', '> 202 REFER', ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '408'), ...isReleased],
        },
        call: { result: 'answered', endedBy: 'caller' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'unknown',
            reason: 'bye_after_refer',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'refer',
                code: 202,
                result: 'unknown',
                evidence: [`baton: ${referToFrontDesk}`, 'caller: 202 Accepted', 'caller: BYE'],
              },
            ],
          },
        ],
      })
    })

    it('a destination that is busy gives way to the next one', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-failed-referred', keys: { failure: '486 Busy Here' } },
        agents: { agent: asking() },
        handoffs: () => [
          { ...frontDesk, on_failure: ['duty-manager'] },
          { name: 'duty-manager', description: 'Always there', route: 'sip:duty@127.0.0.1:5093' },
        ],
      })
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< REFER', { 'Refer-To': '<sip:front-desk@127.0.0.1:5092>' }],
            '> 202 REFER',
            ...notifies('100', '486'),
            ['< REFER', { 'Refer-To': '<sip:duty@127.0.0.1:5093>', 'X-Caller': '' }],
            '> 202 REFER',
            ...notifies('100', '200'),
            ...isReleased,
          ],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '200'), ...isReleased],
        },
        call: { reason: 'transferred' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'refer',
                result: 'failed',
                reason: 'busy',
                code: 486,
                evidence: [
                  `baton: ${referToFrontDesk}`,
                  'caller: 202 Accepted',
                  'caller: NOTIFY SIP/2.0 100 Trying',
                  'caller: NOTIFY SIP/2.0 486 Busy Here, terminated',
                ],
              },
              {
                handoff: 'duty-manager',
                method: 'refer',
                result: 'succeeded',
                evidence: ['baton: REFER to <sip:duty@127.0.0.1:5093>', /202/, /100/, /200 OK, terminated/],
              },
            ],
          },
        ],
      })
    })

    it('a late report of the first REFER, by its id, says nothing of the second one', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-failed-late-report-referred', keys: { failure: '486 Busy Here' } },
        agents: { agent: asking() },
        handoffs: () => [
          { ...frontDesk, on_failure: ['duty-manager'] },
          { name: 'duty-manager', description: 'Always there', route: 'sip:duty@127.0.0.1:5093' },
        ],
      })
      const busy = 'caller: NOTIFY SIP/2.0 486 Busy Here'
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ...['< REFER', '> 202 REFER'],
            ...notifies('100', '486'),
            ...['< REFER', '> 202 REFER'],
            ...notifies('486', '100', '200'),
            ...isReleased,
          ],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '200'), ...isReleased],
        },
        call: { reason: 'transferred' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'refer',
                code: 486,
                result: 'failed',
                evidence: [/REFER/, /202/, /100/, busy, `${busy}, terminated`],
              },
              { handoff: 'duty-manager', method: 'refer', evidence: [/REFER/, /202/, /100/, /200 OK, terminated/] },
            ],
          },
        ],
      })
    })

    it('a caller whose only destination is busy stays with the agent, who is told', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-failed-stayed', until: agentTold, keys: { failure: '486 Busy Here' } },
        agents: { agent: asking() },
        handoffs: () => [frontDesk],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '< REFER', '> 202 REFER', ...notifies('100', '486'), ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '486'), ...isReleased],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'failed',
            reason: 'busy',
            sipStatus: 486,
            attempts: [{ handoff: 'front-desk', method: 'refer', code: 486, evidence: [/REFER/, /202/, /100/, /486/] }],
          },
        ],
      })
    })

    it('an agent that hangs up while the destination rings does not stop the transfer', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 500 },
        agents: { agent: { ...asking(), scenario: 'uas-asks-transfer-hangs-up' } },
        handoffs: () => [frontDesk],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '< REFER', '> 202 REFER', ...notifies('100', '180', '200'), ...isReleased],
          agent: [
            ...calleeAnswered,
            ...asked,
            '< NOTIFY',
            '> 200 NOTIFY',
            ['< NOTIFY', { body: /^SIP\/2.0 180/ }],
            '> 200 NOTIFY',
            ...hangsUp,
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

    it('while one transfer runs, an agent’s REFER for another one is refused with 491', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 200 },
        agents: {
          agent: {
            scenario: 'uas-asks-transfer-twice-released',
            pause: 100,
            keys: { refer_to: 'sip:front-desk@baton', refer_to_2: 'sip:billing@baton' },
          },
        },
        handoffs: () => [frontDesk, { name: 'billing', description: 'Money', route: 'sip:billing@127.0.0.1:5094' }],
      })
      played.traces.agent?.message('< 491 REFER')
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< REFER', { 'Refer-To': '<sip:front-desk@127.0.0.1:5092>' }],
            '> 202 REFER',
            ...notifies('100', '180', '200'),
            ...isReleased,
          ],
        },
        call: { reason: 'transferred' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            attempts: [{ handoff: 'front-desk', method: 'refer', evidence: [/REFER/, /202/, /100/, /180/, /200/] }],
          },
        ],
      })
    })

    it('the same REFER twice is one transfer, and the agent hears of it for both', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 200 },
        agents: {
          agent: {
            scenario: 'uas-asks-transfer-twice-released',
            pause: 100,
            keys: { refer_to: 'sip:front-desk@baton', refer_to_2: 'sip:front-desk@elsewhere' },
          },
        },
        handoffs: () => [frontDesk],
      })
      const agent = played.traces.agent
      const accepted = agent?.lines.filter((line) => line === '< 202 REFER')
      const outcomes = agent?.messages.filter(({ name, body }) => name === 'NOTIFY' && body.startsWith('SIP/2.0 200'))
      assert.equal(accepted?.length, 2)
      assert.deepEqual(outcomes?.map((message) => message.header('Event')).sort(), ['refer', 'refer;id=2'])
      assert.equal(played.call.transfers.length, 1)
      assert.equal(played.traces.caller?.lines.filter((line) => line === '< REFER').length, 1)
    })

    it('the API moves a caller, too', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 100 },
        agents: { agent: { scenario: 'uas-call-answered' } },
        handoffs: () => [frontDesk],
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          const body = { handoff: 'front-desk', headers: { 'X-Ticket': 'T-7' }, reason: 'asked for a person' }
          const first = await baton().api<{ transferId: string }>('POST', `/v1/calls/${id}/transfer`, body)
          const again = await baton().api<{ transferId: string }>('POST', `/v1/calls/${id}/transfer`, body)
          assert.equal(again.transferId, first.transferId)
          const other = await baton().request('POST', `/v1/calls/${id}/transfer`, { handoff: 'billing' })
          assert.equal(other.status, 409)
        },
      })
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< REFER', { 'X-Ticket': 'T-7', 'X-Env': 'live' }],
            '> 202 REFER',
            ...notifies('100', '180', '200'),
            ...isReleased,
          ],
          agent: [...calleeAnswered, ...isReleased],
        },
        call: { reason: 'transferred' },
        transfers: [
          {
            handoff: 'front-desk',
            requestedBy: 'api',
            requestReason: 'asked for a person',
            result: 'succeeded',
            attempts: [{ handoff: 'front-desk', method: 'refer', evidence: [/REFER/, /202/, /100/, /180/, /200/] }],
          },
        ],
      })
    })
  })

  describe(`REFER on a trunk that refuses it (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({
      stack,
      file: { trunks: [{ name: 'local', peers: ['127.0.0.0/8'], refer_memory: 60 }] },
    })

    it('a trunk that refused REFER once is bridged at once the next time', async () => {
      const cast = {
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri: (party: string) => string) => [{ ...frontDesk, route: uri('desk') }],
      }
      const refusal = { pause: 100, keys: refusing('405 Method Not Allowed') }
      await play(baton(), { ...cast, caller: { scenario: 'uac-refer-refused-bridged', ...refusal } })
      const second = await play(baton(), { ...cast, caller: { scenario: 'uac-reinvite-bridged', until: agentTold } })
      assert.deepEqual(
        second.call.transfers[0]?.attempts.map(({ method, result }) => `${method} ${result}`),
        ['invite succeeded'],
      )

      // The API tells what is remembered, until when, and forgets it.
      const { trunks } = await baton().api<{ trunks: TrunkView[] }>('GET', '/v1/trunks')
      const [{ refused, what, until } = { refused: '', what: '', until: '' }, ...others] = trunks[0]?.memory ?? []
      assert.deepEqual([refused, what, others], ['refer', '405 Method Not Allowed', []])
      const left = Date.parse(until) - Date.now()
      assert.ok(left > 0 && left <= 60_000, until)
      assert.equal((await baton().request('DELETE', '/v1/trunks/none/memory')).status, 404)
      const forgotten = await baton().api<TrunkView>('DELETE', '/v1/trunks/local/memory')
      assert.deepEqual([forgotten.name, forgotten.memory], ['local', []])
      const third = await play(baton(), { ...cast, caller: { scenario: 'uac-refer-refused-bridged', ...refusal } })
      assert.deepEqual(
        third.call.transfers[0]?.attempts.map(({ method }) => method),
        ['refer', 'invite'],
      )
    })
  })
}
