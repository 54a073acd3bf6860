import assert from 'node:assert/strict'
import type { ContextView } from '../../server/context/index.ts'
import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { calleeAnswered, callerAnswered, hangsUp, isReleased } from './parts.ts'

for (const stack of stacks) {
  describe(`Numbers of a pool (${stack.name})`, function () {
    this.timeout(60_000)
    needs('sipp')
    const baton = sharedBaton({ stack })
    const usual = {
      caller: [...callerAnswered, '< INVITE', '> 200 INVITE', '< ACK', ...hangsUp],
      agent: [...calleeAnswered, ...isReleased],
      desk: [...calleeAnswered, ...isReleased],
    }
    const answered = (uri: string) => [
      `baton: INVITE ${uri}`,
      'destination: 180 Ringing',
      'destination: 200 OK',
      'caller: 200 OK to the re-INVITE',
    ]

    it('are dialled by one transfer each, and lead to its context', async () => {
      // A name that no other test’s transfer has reserved.
      const pooled = `pool-${stack.name.replace(/\W/g, '')}`
      const read: ContextView[] = []
      let number = ''
      const first = await play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: ({ id }) => baton().events.of('transfer.ended', id) },
        agents: { agent: { scenario: 'uas-call-answered' } },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => {
          number = uri('desk').replace('desk', pooled)

          return [
            { name: 'old-pbx', method: 'invite', on_failure: ['desk'], pool: { numbers: [number], hold: 600 } },
            { name: 'desk', default: true, method: 'invite', route: uri('desk') },
          ]
        },
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'old-pbx', context: { of: id } })
          await baton().events.of('transfer.ended', id)
          const found = await baton().request('GET', `/v1/context/by-number/${encodeURIComponent(number)}`)
          if (found.ok) read.push((await found.json()) as ContextView)
        },
      })
      const { contextId } = first.call.transfers[0] ?? {}
      await expectStory(first, {
        messages: usual,
        transfers: [
          {
            handoff: 'old-pbx',
            attempts: [{ handoff: 'old-pbx', method: 'invite', result: 'succeeded', evidence: answered(number) }],
          },
        ],
      })
      assert.deepEqual(
        read.map(({ id, dialled, context }) => [id, dialled, context]),
        [[contextId, number, { of: first.call.id }]],
      )
    })

    it('that are all reserved have the transfer go on to the next handoff', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: ({ id }) => baton().events.of('transfer.ended', id) },
        agents: { agent: { scenario: 'uas-call-answered' } },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [
          // The first attempt fails at once and keeps the number, which the second one lacks.
          { ...pool('busy-pbx', 'sip:busy@127.0.0.1:9'), on_failure: ['full-pbx', 'desk'] },
          pool('full-pbx', 'sip:busy@127.0.0.1:9'),
          { name: 'desk', default: true, method: 'invite', route: uri('desk') },
        ],
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'busy-pbx' })
        },
      })
      const [transfer] = played.call.transfers
      assert.deepEqual(
        transfer?.attempts.map(({ handoff, result, reason, code }) => [handoff, result, reason, code]),
        [
          ['busy-pbx', 'failed', 'unreachable', 503],
          ['full-pbx', 'failed', 'pool_exhausted', 404],
          ['desk', 'succeeded', 'answered', 200],
        ],
      )
      assert.deepEqual(
        transfer.attempts[1]?.evidence.map(({ what }) => what),
        ['all 1 numbers of its pool are reserved by other transfers'],
      )
    })

    it('under agent_down are dialled for a call that no agent took, and lead to its caller', async () => {
      const numberOf = (uri: string, user: string) => uri.replace('desk', `${user}-${stack.name.replace(/\W/g, '')}`)
      const dialled: string[] = []
      const seen: ContextView[] = []
      const unattended = () =>
        play(baton(), {
          caller: { scenario: 'uac-call-answered', until: ({ id }) => baton().events.of('call.answered', id) },
          agents: { agent: null },
          agentUris: () => ['sip:agent@127.0.0.1:9'],
          destinations: { desk: { scenario: 'uas-call-answered' } },
          handoffs: (uri) => {
            dialled.splice(0, 2, numberOf(uri('desk'), 'first'), numberOf(uri('desk'), 'later'))
            const [first = '', later = ''] = dialled

            return [{ ...pool('old-pbx', first), default: true, on_failure: ['later-pbx'] }, pool('later-pbx', later)]
          },
          project: { agent_down: 'old-pbx' },
          meanwhile: async ({ id }) => {
            await baton().events.of('call.answered', id)
            for (const number of dialled) {
              const found = await baton().request('GET', `/v1/context/by-number/${encodeURIComponent(number)}`)
              if (found.ok) seen.push((await found.json()) as ContextView)
            }
          },
        })
      const first = await unattended()
      assert.equal(first.call.via, 'agent_down')
      assert.match(first.traces.desk?.messages[0]?.startLine ?? '', /^INVITE sip:first-/)
      assert.deepEqual(
        seen.map(({ callId, handoff, reason, dialled: number, transferId }) => [
          ...[callId, handoff, reason, number, transferId],
        ]),
        [[first.call.id, 'old-pbx', 'agent_down', dialled[0], undefined]],
      )
    })
  })
}

const pool = (name: string, number: string) => ({
  ...{ name, method: 'invite', progress_timeout: 0.5 },
  pool: { numbers: [number] },
})
