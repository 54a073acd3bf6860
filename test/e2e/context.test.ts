import assert from 'node:assert/strict'
import type { ContextView } from '../../server/context/index.ts'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { expectStory } from '../harness/expect.ts'
import { increase } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { RedisServer } from '../routes/redis-server.ts'
import { calleeAnswered, callerAnswered, hangsUp, isReleased, notifies } from './parts.ts'
import { frontDesk } from './traps.ts'

const given = {
  variables: { account: '4711' },
  reason: 'wants a refund',
  context: { order: { number: 12, items: ['kettle', 'Tasse'] }, mood: 'patient' },
}
const isId = /^[\w-]{22}$/

for (const stack of stacks) {
  describe(`Context for the person who takes over (${stack.name})`, function () {
    this.timeout(60_000)
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('its id goes along with the INVITE to the destination, and leads to all that the agent gave', async () => {
      let accepted: { contextId?: string } = {}
      const read: ContextView[] = []
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: ({ id }) => baton().events.of('transfer.ended', id) },
        agents: { agent: { scenario: 'uas-call-answered' } },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [{ name: 'front-desk', default: true, method: 'invite', route: uri('desk') }],
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          await baton().api('POST', `/v1/calls/${id}/state`, { state: 'verified', detail: 'by birthday' })
          accepted = await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'front-desk', ...given })
          await baton().events.of('transfer.ended', id)
          await baton().api('POST', `/v1/calls/${id}/state`, { state: 'handed over' })
          read.push(await baton().api<ContextView>('GET', `/v1/context/${accepted.contextId}`))
          const { caller } = await baton().api<CallView>('GET', `/v1/calls/${id}`)
          read.push(await baton().api<ContextView>('GET', `/v1/context/by-caller/${encodeURIComponent(caller.number)}`))
        },
      })
      const { contextId = '' } = accepted
      assert.match(contextId, isId)
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, '< INVITE', '> 200 INVITE', '< ACK', ...hangsUp],
          agent: [...calleeAnswered, ...isReleased],
          desk: [['< INVITE', { 'X-Baton-Context': contextId }], ...calleeAnswered.slice(1), ...isReleased],
        },
        events: [
          ...['call.started', 'call.answered', 'call.state', 'transfer.requested', 'transfer.ended', 'call.state'],
          'call.ended',
        ],
        transfers: [
          {
            handoff: 'front-desk',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'invite',
                result: 'succeeded',
                evidence: [/INVITE/, /180/, /200/, /re-INVITE/],
              },
            ],
          },
        ],
      })
      const { call } = played
      const [transfer] = call.transfers
      assert.equal(transfer?.contextId, contextId)
      assert.deepEqual(
        call.states?.map(({ state, detail }) => [state, detail]),
        [
          ['verified', 'by birthday'],
          ['handed over', undefined],
        ],
      )
      const [byId, byCaller] = read
      assert.ok(byId)
      assert.deepEqual(byCaller, byId)
      const { createdAt, expiresAt, ...rest } = byId
      assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), 3_600_000)
      assert.deepEqual(rest, {
        ...{ id: contextId, callId: call.id, transferId: transfer.id },
        ...{ project: call.project, environment: 'live', handoff: 'front-desk', ...given },
        ...{
          caller: { uri: call.caller.uri, number: call.caller.number, name: 'Ann Caller' },
          called: call.called,
          states: call.states,
        },
      })
    })

    it('goes along with a REFER, in the header of the receiver’s profile; a handoff may place it itself', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
        agents: { agent: { scenario: 'uas-call-answered' } },
        handoffs: () => [{ ...frontDesk, headers: { 'X-Screen-Pop': 'https://desk.example/?c=${context_id}' } }],
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'front-desk', context: ['any', 'JSON'] })
        },
      })
      const contextId = played.call.transfers[0]?.contextId ?? ''
      assert.match(contextId, isId)
      const refer = {
        'X-Screen-Pop': `https://desk.example/?c=${contextId}`,
        'X-Baton-Context': '',
      }
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< REFER', refer],
            '> 202 REFER',
            ...notifies('100', '180', '200'),
            ...isReleased,
          ],
          agent: [...calleeAnswered, ...isReleased],
        },
        call: { result: 'answered', reason: 'transferred' },
        transfers: [
          {
            ...{ handoff: 'front-desk', requestedBy: 'api', result: 'succeeded', reason: 'answered' },
            attempts: [{ handoff: 'front-desk', method: 'refer', evidence: [/REFER/, /202/, /100/, /180/, /200/] }],
          },
        ],
      })
    })

    it('of more than 64 KB is refused at its field, and the call goes on; an unknown id is 404', async () => {
      const statuses: number[] = []
      const before = await baton().metrics()
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-answered', until: ({ id }) => baton().events.of('call.state', id) },
        agents: { agent: { scenario: 'uas-call-answered' } },
        handoffs: () => [frontDesk],
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          const ask = async (path: string, body?: object): Promise<void> => {
            const headers = { 'content-type': 'application/json' }
            const sent = body && { method: 'POST', headers, body: JSON.stringify(body) }
            const response = await fetch(`${baton().http}${path}`, sent)
            statuses.push(response.status)
            const { errors } = (await response.json()) as { errors?: { pointer: string }[] }
            if (response.status === 422) {
              assert.deepEqual(
                errors?.map(({ pointer }) => pointer),
                ['/context'],
              )
            }
          }
          await ask(`/v1/calls/${id}/transfer`, { handoff: 'front-desk', context: 'x'.repeat(65_536) })
          await ask('/v1/context/kq3pQzJ2TV6d0mXbQ9x0Yw')
          await ask('/v1/context/..%2F..%2Fusers')
          await ask('/v1/context/by-caller/+49000')
          await ask(`/v1/calls/${id}/state`, { state: 'stays' })
        },
      })
      assert.deepEqual(statuses, [422, 404, 404, 404, 200])
      assert.deepEqual(played.call.transfers, [])
      const counted = increase(before, await baton().metrics())
      assert.equal(counted.get('baton_context_reads_total{result="unknown"}'), 3)
      assert.equal(counted.get('baton_context_reads_total{result="found"}'), undefined)
    })
  })
}

describe('Context beyond one Baton', function () {
  this.timeout(60_000)
  needs('sipp', 'redis-server')
  const [stack = assert.fail()] = stacks
  const admin = 'token-of-the-admin'
  let redis: RedisServer
  let batons: Baton[] = []
  before(async () => {
    redis = await RedisServer.start()
    batons = await Promise.all([
      Baton.start({ stack, env: { REDIS_URL: redis.url } }),
      Baton.start({ stack, env: { REDIS_URL: redis.url, ADMIN_TOKEN: admin } }),
    ])
  })
  after(async () => {
    await Promise.all(batons.map((baton) => baton.stop()))
    await redis.stop()
  })

  it('is read at every Baton of one Redis, by a token that may do nothing else', async () => {
    const [one = assert.fail(), two = assert.fail()] = batons
    const played = await play(one, {
      caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
      agents: { agent: { scenario: 'uas-call-answered' } },
      handoffs: () => [frontDesk],
      meanwhile: async ({ id }) => {
        await one.events.of('call.answered', id)
        await one.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'front-desk', ...given })
      },
    })
    const { contextId = '' } = played.call.transfers[0] ?? {}
    const made = await fetch(`${two.http}/v1/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'desktop', role: 'context' }),
    })
    const { token } = (await made.json()) as { token: string }
    const ask = (path: string) => fetch(`${two.http}${path}`, { headers: { authorization: `Bearer ${token}` } })
    const found = (await (await ask(`/v1/context/${contextId}`)).json()) as ContextView
    assert.deepEqual(found.context, given.context, JSON.stringify(found))
    const number = encodeURIComponent(played.call.caller.number)
    assert.deepEqual(await (await ask(`/v1/context/by-caller/${number}`)).json(), found)
    for (const path of ['/v1/calls', `/v1/calls/${played.call.id}`, '/v1/history', '/v1/projects', '/v1/events']) {
      assert.equal((await ask(path)).status, 403, path)
    }
  })
})
