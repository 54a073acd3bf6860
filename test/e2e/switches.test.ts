import assert from 'node:assert/strict'
import { Baton } from '../harness/baton.ts'
import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play, type Cast, type Played } from '../harness/story.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'
import { calleeAnswered, callerAnswered, hangsUp, isReleased } from './parts.ts'

type Uri = (party: string) => string
type Up = Parameters<NonNullable<Cast['meanwhile']>>[0]

const closing = { handoff: 'front-desk', action: 'close', reason: 'fire drill' }
const nowhere = 'sip:closed@127.0.0.1:9'

/** The attempt of a handoff that a switch passes over; `why` is its evidence. */
const passedOver = (why: RegExp) => ({
  handoff: 'front-desk',
  method: 'invite' as const,
  result: 'failed' as const,
  reason: 'closed_by_switch',
  evidence: [why],
})
const isClosed = /^baton: front-desk is closed by anonymous until the switch is removed \(fire drill\), switch \w+$/

/** An operator sets a switch for the project of a call. */
async function set({ id, baton }: Up, body: object, at = baton): Promise<{ id: string; project: string }> {
  const { project } = await baton.call(id)
  const made = await at.api<{ id: string }>('POST', `/v1/projects/${project}/environments/live/switches`, body)

  return { ...made, project }
}

const transfer = ({ id, baton }: Up) => baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'front-desk' })

/** A call that is bridged to the only destination that answers, by an API client, after the operator has done something. */
function bridged(party: 'desk' | 'duty', act: (call: Up) => Promise<unknown>, more: object = {}): Cast {
  const routeOf = (uri: Uri, name: string) => (name === party ? uri(name) : nowhere)

  return {
    caller: { scenario: 'uac-reinvite-bridged', until: ({ id, baton }) => baton.events.of('transfer.ended', id) },
    agents: { agent: { scenario: 'uas-call-answered' } },
    destinations: { [party]: { scenario: 'uas-call-answered' } },
    handoffs: (uri) => [
      { name: 'front-desk', default: true, method: 'invite', route: routeOf(uri, 'desk'), ...more },
      { name: 'duty-manager', method: 'invite', route: routeOf(uri, 'duty') },
    ],
    meanwhile: async (call) => {
      await act(call)
      await transfer(call)
    },
  }
}

/** The transfer's attempts: one that a switch has passed over, where a text says why, then one that succeeded. */
async function expectBridged(played: Played, party: 'desk' | 'duty', why?: RegExp): Promise<void> {
  const handoff = party === 'desk' ? 'front-desk' : 'duty-manager'
  const evidence = [
    `baton: INVITE sip:${party}@127.0.0.1:${played.ports[party]}`,
    'destination: 180 Ringing',
    'destination: 200 OK',
    'caller: 200 OK to the re-INVITE',
  ]
  await expectStory(played, {
    messages: {
      caller: [...callerAnswered, '< INVITE', '> 200 INVITE', '< ACK', ...hangsUp],
      agent: [...calleeAnswered, ...isReleased],
      [party]: [...calleeAnswered, ...isReleased],
    },
    transfers: [
      {
        handoff: 'front-desk',
        attempts: [
          ...(why ? [passedOver(why)] : []),
          { handoff, method: 'invite' as const, result: 'succeeded' as const, evidence },
        ],
      },
    ],
  })
}

for (const stack of stacks) {
  describe(`Switches with a call up (${stack.name})`, function () {
    this.timeout(60_000)
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('a handoff that is closed meanwhile gives way to the one under it, and the evidence says who closed it', async () => {
      const act = (call: Up) => set(call, closing)
      const played = await play(baton(), bridged('duty', act, { on_failure: ['duty-manager'] }))
      await expectBridged(played, 'duty', isClosed)
      assert.match(
        played.call.transfers[0]?.diagnosis ?? '',
        /was passed over: front-desk is closed by .* was tried next/,
      )
    })

    it('where every handoff is closed the transfer fails, and the caller stays with its agent', async () => {
      const cast = bridged('desk', (call) => set(call, closing))
      const played = await play(baton(), {
        ...cast,
        caller: { ...cast.caller, scenario: 'uac-call-answered' },
        destinations: {},
        handoffs: () => [{ name: 'front-desk', default: true, method: 'invite', route: nowhere }],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...hangsUp],
          agent: [...calleeAnswered, ...isReleased],
        },
        transfers: [
          { handoff: 'front-desk', result: 'failed', reason: 'closed_by_switch', attempts: [passedOver(isClosed)] },
        ],
        metrics: {
          'calls{reason=hangup,result=answered}': 1,
          'route_lookups{result=default}': 1,
          'transfers{handoff=front-desk,method=invite,reason=closed_by_switch,result=failed}': 1,
        },
      })
    })

    it('callers are diverted by the newer of two switches', async () => {
      const played = await play(
        baton(),
        bridged('duty', async (call) => {
          await set(call, closing)
          await set(call, { ...closing, action: 'divert', to: 'duty-manager' })
        }),
      )
      await expectBridged(played, 'duty', /front-desk is diverted to duty-manager .*; newer than "close" of anonymous$/)
    })

    it('a closed handoff under agent_down gets no caller either', async () => {
      const open = () => RawPhone.open(baton().sip())
      const [caller, desk, duty] = [await open(), await open(), await open()]
      const number = '+14155552699'
      const handoff = { name: 'front-desk', default: true, method: 'invite', on_failure: ['duty-manager'] }
      await baton().project({
        project: 'empty-house',
        ...{ agent_down: 'front-desk', environments: { live: { numbers: [number], agents: [] } } },
        table: {
          handoffs: [
            { ...handoff, route: desk.uri },
            { name: 'duty-manager', method: 'invite', route: duty.uri },
          ],
        },
      })
      await baton().api('POST', '/v1/projects/empty-house/environments/live/switches', closing)
      caller.call(number)
      await duty.answer(await duty.invited())
      await caller.answered()
      const released = duty.takes('BYE')
      await caller.ask('BYE')
      await released
      await baton().events.of('call.ended', caller.callId)
      for (const party of [caller, desk, duty]) party.close()
    })

    it('one that expires during a transfer changes nothing of it, and the next transfer of the call finds the handoff open', async () => {
      const open = () => RawPhone.open(baton().sip())
      const parties = [await open(), await open(), await open(), await open()] as const
      const [caller, agent, desk, duty] = parties
      const number = '+14155552698'
      const handoff = { name: 'front-desk', default: true, method: 'invite', on_failure: ['duty-manager'] }
      const project = 'night-house'
      await baton().project({
        ...{ project, environments: { live: { numbers: [number], agents: [agent.uri] } } },
        table: {
          handoffs: [
            { ...handoff, route: desk.uri },
            { name: 'duty-manager', method: 'invite', route: duty.uri },
          ],
        },
      })
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await baton().events.of('call.answered', caller.callId)
      const ask = async () => {
        const { transferId } = await baton().api<{ transferId: string }>('POST', `/v1/calls/${callId}/transfer`, {
          handoff: 'front-desk',
        })

        return transferId
      }
      await baton().api('POST', `/v1/projects/${project}/environments/live/switches`, {
        ...{ ...closing, until: new Date(Date.now() + 3000).toISOString() },
      })
      await ask()
      const invite = await duty.invited()
      duty.respond(invite, '180 Ringing')
      await baton().events.when(
        'switch.expired',
        ({ type, project: of }) => type === 'switch.expired' && of === project,
      )
      duty.respond(invite, '486 Busy Here')
      await until('the first transfer has ended', async () => {
        const { transfers } = await baton().call(callId)

        return transfers[0]?.state === 'ended'
      })
      await ask()
      await desk.answer(await desk.invited())
      caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
      await agent.released()
      await baton().events.of('transfer.ended', callId)
      const { transfers } = await baton().call(callId)
      assert.deepEqual(
        transfers.map(({ attempts }) => attempts.map(({ handoff: name, reason }) => [name, reason])),
        [
          [
            ['front-desk', 'closed_by_switch'],
            ['duty-manager', 'busy'],
          ],
          [['front-desk', 'answered']],
        ],
      )
      const released = desk.takes('BYE')
      await caller.ask('BYE')
      await released
      await baton().events.of('call.ended', caller.callId)
      for (const party of parties) party.close()
    })

    it('a schedule that is closed until its next opening closes its handoff, and explain and the history say so', async () => {
      // An hour that has begun, and another one tomorrow.
      const now = new Date()
      const day = (later: number) =>
        ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(now.getUTCDay() + later) % 7] ?? ''
      const schedules = [
        { name: 'office', time_zone: 'UTC', weekly: { [day(0)]: ['00:00-24:00'], [day(2)]: ['09:00-17:00'] } },
      ]
      const cast = bridged(
        'duty',
        async (call) => {
          const { project } = await set(call, {
            ...{ schedule: 'office', action: 'close', until: 'next_opening', reason: 'the office party' },
          })
          const { warnings } = await baton().api<{ warnings: { code: string; detail: string }[] }>(
            'POST',
            `/v1/projects/${project}/explain`,
            { environment: 'live', handoff: 'front-desk' },
          )
          const said = warnings.find(({ code }) => code === 'closed_by_switch')
          assert.match(said?.detail ?? '', /schedule office .*closed by anonymous until \d.*the office party/)
          const { history } = await baton().api<{ history: { action: string }[] }>(
            'GET',
            `/v1/projects/${project}/history`,
          )
          assert.equal(history[0]?.action, 'switch_set')
        },
        { schedule: 'office', when_closed: ['duty-manager'] },
      )
      const played = await play(baton(), { ...cast, schedules })
      await expectBridged(played, 'duty', /closed by anonymous until \d.*\(the office party\), switch \w+$/)
    })

    it('a schedule that is diverted sends the callers of its handoff elsewhere', async () => {
      const switched = { schedule: 'office', action: 'divert', to: 'duty-manager', reason: 'moving house' }
      const cast = bridged('duty', (call) => set(call, switched), { schedule: 'office' })
      const played = await play(baton(), { ...cast, schedules: [{ name: 'office', time_zone: 'UTC' }] })
      await expectBridged(
        played,
        'duty',
        /^baton: schedule office is diverted to duty-manager by anonymous until the switch is removed \(moving house\)/,
      )
    })

    it('a handoff is opened outside its hours', async () => {
      const cast = bridged('desk', (call) => set(call, { schedule: 'office', action: 'open', reason: '' }), {
        schedule: 'office',
        when_closed: ['duty-manager'],
      })
      const schedules = [{ name: 'office', time_zone: 'UTC', weekly: {} }]
      const played = await play(baton(), { ...cast, schedules })
      await expectBridged(played, 'desk')
    })

    it('a switch expires by itself, with an event, and callers reach the handoff again', async () => {
      const end = (ms: number) => new Date(Date.now() + ms).toISOString()
      const played = await play(
        baton(),
        bridged('desk', async (call) => {
          const { id, project } = await set(call, { ...closing, until: end(500) })
          const { data } = await baton().events.when(
            'switch.expired',
            (event) => event.type === 'switch.expired' && event.project === project,
          )
          assert.equal((data.switch as { id: string }).id, id)
          const { history } = await baton().api<{ history: { action: string }[] }>(
            'GET',
            `/v1/projects/${project}/history`,
          )
          assert.equal(history[0]?.action, 'switch_expired')
        }),
      )
      await expectBridged(played, 'desk')
    })
  })

  describe(`Switches of two Batons on one Redis (${stack.name})`, function () {
    this.timeout(60_000)
    needs('sipp', 'redis-server')
    let redis: RedisServer
    let other: Baton
    const baton = sharedBaton(async () => {
      redis = await RedisServer.start()
      other = await Baton.start({ stack, env: { REDIS_URL: redis.url } })

      return { stack, env: { REDIS_URL: redis.url } }
    })
    after(async () => {
      await other.stop()
      await redis.stop()
    })

    it('are in force on the other one within a second, for a call that is up there, and after a restart', async () => {
      let told = Infinity
      let path = ''
      const cast = bridged(
        'duty',
        async (call) => {
          const { id, project } = await set(call, closing, other)
          const began = performance.now()
          path = `/v1/projects/${project}/environments/live/switches`
          await baton().events.when(
            'switch.set',
            ({ type, data }) => type === 'switch.set' && (data.switch as { id: string }).id === id,
          )
          told = performance.now() - began
        },
        { on_failure: ['duty-manager'] },
      )
      const played = await play(baton(), cast)
      await expectBridged(played, 'duty', /^baton: front-desk is closed by anonymous/)
      assert.ok(told < 1000, `it took ${Math.round(told)} ms`)

      await other.stop()
      other = await Baton.start({ stack, env: { REDIS_URL: redis.url } })
      const { switches } = await other.api<{ switches: { id: string }[] }>('GET', path)
      assert.equal(switches.length, 1)
      await other.api('DELETE', `${path}/${switches[0]?.id}`)
      await until('the first one has no switch either', async () => {
        const left = await baton().api<{ switches: unknown[] }>('GET', path)

        return left.switches.length === 0
      })
    })
  })
}
