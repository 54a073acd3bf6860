import assert from 'node:assert/strict'

import { expectPart, expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play, type Cast } from '../harness/story.ts'
import { calleeAnswered, callerAnswered, consulting, hangsUp, isReleased } from './parts.ts'
import { frontDesk } from './traps.ts'

for (const stack of stacks) {
  describe(`Calls that agents make (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    const refusals: [what: string, consulted: string, answer: string, reason: string, more: Partial<Cast>][] = [
      ['a handoff that the table does not have', 'not-there', '404', 'unknown_number', {}],
      [
        'a handoff, in a project that forbids it',
        'front-desk',
        '403',
        'consult_forbidden',
        { project: { consult: false } },
      ],
      ['a raw number, in a project that allows none', '+14155550177', '403', 'consult_forbidden', {}],
      ['a premium number', '+19005550100', '403', 'consult_forbidden', { project: { adhoc: true } }],
      [
        'a handoff that is busy',
        'front-desk',
        '480',
        'not_reached',
        { destinations: { desk: { scenario: 'uas-call-refused', keys: { refusal: 'SIP/2.0 486 Busy Here' } } } },
      ],
    ]
    for (const [what, consulted, answer, reason, more] of refusals) {
      it(`${what}: ${answer}`, async () => {
        const played = await play(baton(), {
          caller: { scenario: 'uac-call-released' },
          agents: { agent: consulting('refused', 'hangs-up') },
          handoffs: (uri) => [{ ...frontDesk, route: uri('desk') }],
          consulted,
          ...more,
        })
        const { result, reason: why, sipStatus } = played.others[0] ?? {}
        assert.equal(`${result} ${why} ${sipStatus}`, `${answer === '480' ? 'failed' : 'rejected'} ${reason} ${answer}`)
        assert.ok(played.traces.agent?.message(`< ${answer} INVITE`))
        expectPart(played.call, { result: 'answered', reason: 'hangup', endedBy: 'agent' })
      })
    }

    it('show the destination what a transfer would, and end like every call', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-released' },
        agents: { agent: consulting('hangs-up', 'hangs-up') },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [
          { ...frontDesk, route: uri('desk'), headers: { 'X-Caller': '$caller_id', 'X-Call': '$call_id' } },
        ],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...isReleased],
          agent: [...calleeAnswered, ...callerAnswered, ...hangsUp, ...hangsUp],
          desk: [
            ['< INVITE', { 'X-Caller': '+14155550123', 'X-Call': played.call.id, From: /^"Ann Caller"/ }],
            ...calleeAnswered.slice(1),
            ...isReleased,
          ],
        },
        metrics: { 'calls{reason=hangup,result=answered}': 2 },
      })
      expectPart(played.others[0], { state: 'ended', called: 'front-desk', consults: played.call.id })
    })

    it('are for agents alone: a handoff’s name from a caller is an unknown number', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-refused' },
        agents: { agent: null },
        dial: 'front-desk',
      })
      expectPart(played.call, { result: 'rejected', reason: 'unknown_number', sipStatus: 404 })
    })
  })
}
