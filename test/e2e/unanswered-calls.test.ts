import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { CallView } from '../../server/legs/views.ts'
import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import type { Part } from '../harness/sipp.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { until } from '../harness/until.ts'
import { audioAt, calleeAnswered, hangsUp, isReleased, refusing } from './parts.ts'

const refused: Part = { scenario: 'uac-call-refused' }

for (const stack of stacks) {
  describe(`Calls that the first agent does not answer (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack, file: { agent_timeout: 1 } })

    for (const { status, reason } of [
      { status: '486 Busy Here', reason: 'agent_busy' },
      { status: '603 Decline', reason: 'agent_declined' },
    ]) {
      it(`a caller is told that the agent says ${status}, and no other agent is troubled`, async () => {
        const code = status.slice(0, 3)
        const played = await play(baton(), {
          caller: refused,
          agents: { agent: { scenario: 'uas-ringing-refused', pause: 50, keys: refusing(status) }, other: null },
        })
        await expectStory(played, {
          messages: {
            caller: ['> INVITE', '< 180 INVITE', `< ${code} INVITE`, '> ACK'],
            agent: ['< INVITE', '> 180 INVITE', `> ${code} INVITE`, '< ACK'],
          },
          call: { state: 'ended', result: 'rejected', reason, sipStatus: Number(code), endedBy: 'agent' },
        })
      })
    }

    it('a caller who gives up while it rings takes the call from the agent, who hears why', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-cancelled', pause: 100 },
        agents: { agent: { scenario: 'uas-ringing-cancelled' } },
      })
      await expectStory(played, {
        messages: {
          caller: ['> INVITE', '< 180 INVITE', '> CANCEL', '< 200 CANCEL', '< 487 INVITE', '> ACK'],
          agent: [
            '< INVITE',
            '> 180 INVITE',
            ['< CANCEL', { Reason: /cause=487/ }],
            '> 200 CANCEL',
            '> 487 INVITE',
            '< ACK',
          ],
        },
        call: { result: 'abandoned', reason: 'cancelled', sipStatus: 487, endedBy: 'caller' },
      })
    })

    const unable: { how: string; first: Part | null; saw?: ExpectedMessage[] }[] = [
      {
        how: 'answers 503',
        first: { scenario: 'uas-call-refused', keys: refusing('503 Service Unavailable') },
        saw: ['< INVITE', '> 503 INVITE', '< ACK'],
      },
      {
        how: 'answers 408',
        first: { scenario: 'uas-call-refused', keys: refusing('408 Request Timeout') },
        saw: ['< INVITE', '> 408 INVITE', '< ACK'],
      },
      {
        how: 'lets it ring',
        first: { scenario: 'uas-ringing-cancelled' },
        saw: ['< INVITE', '> 180 INVITE', '< CANCEL', '> 200 CANCEL', '> 487 INVITE', '< ACK'],
      },
      { how: 'says nothing', first: { scenario: 'uas-silent-timed-out', pause: 3500 }, saw: ['< INVITE'] },
      { how: 'is not there', first: null },
    ]
    for (const { how, first, saw } of unable) {
      it(`the next agent gets the call when the first one ${how}`, async () => {
        const played = await play(baton(), {
          caller: { scenario: 'uac-call-answered', pause: 100 },
          agents: { first, second: { scenario: 'uas-call-answered' } },
        })
        const { ports, traces } = played
        const rings = traces.caller?.lines.filter((line) => line === '< 180 INVITE').length ?? 0
        assert.ok(rings >= 1)
        await expectStory(played, {
          messages: {
            caller: [
              '> INVITE',
              ...Array<string>(rings).fill('< 180 INVITE'),
              ['< 200 INVITE', { body: audioAt(ports.second) }],
              '> ACK',
              ...hangsUp,
            ],
            ...(saw && { first: saw }),
            second: [...calleeAnswered, ...isReleased],
          },
        })
      })
    }

    it('a caller is asked to come back later when no agent can take the call', async () => {
      const played = await play(baton(), {
        caller: refused,
        agents: { first: { scenario: 'uas-call-refused', keys: refusing('503 Service Unavailable') }, second: null },
      })
      await expectStory(played, {
        messages: { caller: ['> INVITE', ['< 503 INVITE', { 'Retry-After': /^\d+$/ }], '> ACK'] },
        call: { result: 'failed', reason: 'no_agent', sipStatus: 503 },
      })
      const { tried = [], diagnosis = '' } = played.call
      assert.equal(tried.length, 2)
      assert.equal(tried[0]?.what, '503 Service Unavailable')
      for (const { uri, what } of tried) assert.ok(diagnosis.includes(`${uri}: ${what}`), diagnosis)
    })

    it('the handoff that the project names takes the call when no agent can', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-answered', pause: 100 },
        agents: { first: null },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [
          { name: 'desk', description: 'Reception', default: true, method: 'invite', route: uri('desk') },
        ],
        project: { agent_down: 'desk' },
      })
      assert.equal(played.call.result, 'answered')
      assert.deepEqual([played.call.destination?.handoff, played.call.transfers], ['desk', []])
      assert.deepEqual([played.call.via, played.call.agentDown], ['agent_down', 'desk'])
      const folder = join(baton().dataDir, 'cdr')
      const lineOf = (id: string) =>
        readdirSync(folder)
          .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
          .find((line) => line.includes(id))
      await until('the CDR is written', () => lineOf(played.call.id) !== undefined)
      const { via, agentDown } = JSON.parse(lineOf(played.call.id) ?? '') as CallView
      assert.deepEqual([via, agentDown], ['agent_down', 'desk'])
      assert.match(played.call.tried?.map(({ what }) => what).join() ?? '', /^(?:408|503) [^,]*$/)
      assert.equal(played.metrics.get('baton_calls_agent_down_total{result="answered"}'), 1)
      const { reason = '' } = played.call.tried?.[0] ?? {}
      assert.match(reason, /^(?:no_response|unreachable)$/)
      assert.equal(played.metrics.get(`baton_agent_attempts_total{reason="${reason}",result="failed"}`), 1)
    })

    it('a number that no project has is not found', async () => {
      const played = await play(baton(), { caller: refused, agents: {}, dial: '+14155559999' })
      await expectStory(played, {
        messages: { caller: ['> INVITE', '< 404 INVITE', '> ACK'] },
        call: { result: 'rejected', reason: 'unknown_number', sipStatus: 404 },
        metrics: { 'calls{reason=unknown_number,result=rejected}': 1, 'route_lookups{result=unknown_number}': 1 },
      })
    })
  })
}
