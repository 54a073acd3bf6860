import assert from 'node:assert/strict'
import type { TargetView } from '../../server/targets/index.ts'
import { increase } from '../harness/metrics.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552681'
const overflowOf = (kind: string, target: string) =>
  `baton_target_refusals_total{kind="${kind}",reason="overflow",target="${target}"}`

for (const stack of stacks) {
  describe(`Limits (${stack.name})`, () => {
    const ports: number[] = []
    const baton = sharedBaton(async () => {
      ports.push(await freePort(), await freePort())
      const [small = '', large = ''] = ports.map((port) => `sip:127.0.0.1:${port}`)
      const gateways = [{ uri: small, limit: { calls: 1 } }, large]

      const queued = [{ uri: small, limit: { calls: 1, queue: 20 } }, large]
      const caps = [{ prefix: '+44', calls_per_day: 1 }]

      return {
        stack,
        file: {
          trunks: [
            { name: 'carrier', peers: ['127.0.0.0/8'], gateways, caps, limit: { calls: 2 } },
            { name: 'queued', peers: ['192.0.2.1'], gateways: queued },
          ],
        },
      }
    })
    const open = (port?: number) => RawPhone.open(baton().sip(), port)
    const opened: RawPhone[] = []
    const phones = async (count: number) => {
      for (let i = 0; i < count; i++) opened.push(await open())

      return opened.slice(-count) as [RawPhone, RawPhone, RawPhone, RawPhone]
    }

    afterEach(() => {
      for (const phone of opened.splice(0)) phone.close()
    })

    const serve = (
      agents: unknown[],
      handoffs: object[],
      more: object = {},
      live: object = {},
      how: { force?: string } = {},
    ) =>
      baton().project(
        {
          project: 'limits',
          environments: { live: { numbers: [number], agents, ...live } },
          table: {
            handoffs: handoffs.map((each, i) => ({ method: 'invite', ...(i === 0 && { default: true }), ...each })),
          },
          ...more,
        },
        how,
      )

    /** A caller with its agent. */
    const connected = async (agent: RawPhone) => {
      const [caller] = await phones(1)
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await baton().events.of('call.answered', caller.callId)

      return { caller, callId, handOver: () => agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] }) }
    }

    const movesTo = async (caller: RawPhone, desk: RawPhone, agent: RawPhone) => {
      await desk.answer(await desk.invited())
      caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
      await agent.released()
    }

    const hangUp = async (caller: RawPhone, party: RawPhone, callId: string) => {
      const released = party.takes('BYE')
      await caller.ask('BYE')
      await released
      await baton().events.of('call.ended', callId)
    }

    /** What explain says of room, by handoff. */
    const fullNow = async () => {
      const { warnings } = await baton().api<{ warnings: { code: string; detail: string; handoff?: string }[] }>(
        'POST',
        '/v1/projects/limits/explain',
        { environment: 'live', handoff: 'desk', call: { trunk: 'carrier' } },
      )

      return warnings.filter(({ code }) => code === 'overflow').map(({ handoff, detail }) => [handoff, detail])
    }

    /** The limit of a target, and what is used of it. */
    const usedOf = async (uri: string) => {
      const { targets } = await baton().api<{ targets: TargetView[] }>('GET', '/v1/targets')
      const { limit, used } = targets.find((target) => target.uri === uri) ?? assert.fail(`no ${uri}`)

      return { limit, used }
    }

    /** Answers the NOTIFYs to an agent, up to the one whose sipfrag has this line. */
    const told = async (agent: RawPhone, line: RegExp) => {
      for (;;) {
        const notify = await agent.next(/^NOTIFY /)
        agent.respond(notify, '200 OK')
        if (line.test(notify.body)) return
      }
    }

    it('a handoff with as many calls as it takes gives way to the next, as overflow', async () => {
      const [agent, other, desk, spare] = await phones(4)
      const handoffs = [
        { name: 'desk', route: desk.uri, limit: { calls: 1 }, on_failure: ['spare'] },
        { name: 'spare', route: spare.uri },
      ]
      await serve([agent.uri], handoffs)
      const before = await baton().metrics(['trunk', 'version'])
      const first = await connected(agent)
      void first.handOver()
      await movesTo(first.caller, desk, agent)
      await baton().events.of('transfer.ended', first.callId)
      assert.deepEqual(await fullNow(), [
        ['desk', 'handoff limits/live/desk has 1 of 1 calls; spare would be tried next'],
      ])
      assert.deepEqual(await usedOf(desk.uri), { limit: { calls: 1 }, used: { calls: 1, cps: 0 } })
      assert.deepEqual(await usedOf(spare.uri), { limit: undefined, used: undefined })
      await serve([other.uri], handoffs)
      const second = await connected(other)
      void second.handOver()
      await movesTo(second.caller, spare, other)
      await baton().events.of('transfer.ended', second.callId)
      const [{ attempts, diagnosis = '' } = assert.fail('no transfer')] = (await baton().call(second.callId)).transfers
      assert.deepEqual(
        attempts.map(({ handoff, reason, detail }) => [handoff, reason, detail]),
        [
          ['desk', 'overflow', 'handoff limits/live/desk has 1 of 1 calls'],
          ['spare', 'answered', undefined],
        ],
      )
      assert.match(
        diagnosis,
        /could be sent no more calls: handoff limits\/live\/desk has 1 of 1 calls; spare was tried/,
      )
      await hangUp(first.caller, desk, first.callId)
      await hangUp(second.caller, spare, second.callId)
      // The room is free again.
      await serve([agent.uri], handoffs)
      const third = await connected(agent)
      void third.handOver()
      await movesTo(third.caller, desk, agent)
      await hangUp(third.caller, desk, third.callId)
      const metrics = increase(before, await baton().metrics(['trunk', 'version']))
      assert.equal(metrics.get(overflowOf('handoff', 'limits/live/desk')), 1)
    })

    it('a caller waits for room in a queue, with its agent, and the agent is told 182', async () => {
      const [agent, other, desk] = await phones(3)
      const handoffs = [{ name: 'desk', route: desk.uri, limit: { calls: 1, queue: 20 } }]
      await serve([agent.uri], handoffs)
      const first = await connected(agent)
      void first.handOver()
      await movesTo(first.caller, desk, agent)
      await serve([other.uri], handoffs)
      assert.deepEqual(await fullNow(), [
        ['desk', 'handoff limits/live/desk has 1 of 1 calls; a call would wait for room, for 20 s at most'],
      ])
      const second = await connected(other)
      void second.handOver()
      await told(other, /^SIP\/2\.0 182 Queued/)
      await hangUp(first.caller, desk, first.callId)
      const invite = await desk.invited()
      await desk.answer(invite)
      second.caller.respond(await second.caller.next(/^INVITE /), '200 OK', { body: second.caller.session })
      await told(other, /^SIP\/2\.0 200 /)
      await other.takes('BYE')
      await baton().events.of('transfer.ended', second.callId)
      const [{ attempts } = assert.fail('no transfer')] = (await baton().call(second.callId)).transfers
      assert.deepEqual(
        attempts.map(({ reason, evidence }) => [reason, evidence.slice(0, 2).map(({ what }) => what)]),
        [
          [
            'answered',
            [
              'handoff limits/live/desk has 1 of 1 calls',
              'waits for room, for 20 s at most; the caller stays with its agent',
            ],
          ],
        ],
      )
      await hangUp(second.caller, desk, second.callId)
    })

    it('a caller that hangs up in the queue leaves nothing behind, and a wait in vain is an overflow', async () => {
      const [agent, other, third, desk] = await phones(4)
      const handoffs = [{ name: 'desk', route: desk.uri, limit: { calls: 1, queue: 0.3 } }]
      await serve([agent.uri], handoffs)
      const first = await connected(agent)
      void first.handOver()
      await movesTo(first.caller, desk, agent)
      await serve([other.uri], handoffs)
      const second = await connected(other)
      void second.handOver()
      await baton().events.of('transfer.ended', second.callId)
      const [{ result, reason } = assert.fail('no transfer')] = (await baton().call(second.callId)).transfers
      assert.deepEqual([result, reason], ['failed', 'overflow'])
      await hangUp(second.caller, other, second.callId)
      await serve([third.uri], [{ ...handoffs[0], limit: { calls: 1, queue: 60 } }])
      const fourth = await connected(third)
      void fourth.handOver()
      await told(third, /^SIP\/2\.0 182 Queued/)
      const released = third.takes('BYE')
      await fourth.caller.ask('BYE')
      await released
      await baton().events.of('call.ended', fourth.callId)
      const [abandoned] = (await baton().call(fourth.callId)).transfers
      assert.deepEqual([abandoned?.result, abandoned?.reason], ['abandoned', 'caller_hung_up'])
      await hangUp(first.caller, desk, first.callId)
    })

    it('a gateway that is full gives way to the next, and a full trunk to the next handoff', async () => {
      const [agent, spare] = await phones(2)
      const [small, large] = [await open(ports[0]), await open(ports[1])]
      opened.push(small, large)
      await serve(
        [agent.uri],
        [
          { name: 'desk', route: '+14155550177', on_failure: ['spare'] },
          { name: 'spare', route: spare.uri, method: 'refer', fallback: 'none' },
        ],
      )
      const calls = []
      const full: unknown[] = []
      for (const gateway of [small, large]) {
        full.push(...(await fullNow()))
        const call = await connected(agent)
        void call.handOver()
        await movesTo(call.caller, gateway, agent)
        await baton().events.of('transfer.ended', call.callId)
        calls.push({ ...call, gateway })
      }
      const tried = (await baton().call(calls[1]?.callId ?? '')).transfers[0]?.attempts[0]?.tried
      assert.deepEqual(tried, [{ target: `sip:+14155550177@127.0.0.1:${ports[0]};user=phone`, reason: 'overflow' }])
      full.push(...(await fullNow()))
      assert.deepEqual(full, [
        [
          'desk',
          `gateway sip:127.0.0.1:${ports[0]} has 1 of 1 calls; sip:+14155550177@127.0.0.1:${ports[1]};user=phone would be called`,
        ],
        ['desk', 'trunk carrier has 2 of 2 calls; spare would be tried next'],
      ])
      const third = await connected(agent)
      void third.handOver()
      const refer = await third.caller.next(/^REFER /)
      third.caller.respond(refer, '603 Decline')
      await baton().events.of('transfer.ended', third.callId)
      const [{ attempts } = assert.fail('no transfer')] = (await baton().call(third.callId)).transfers
      assert.deepEqual(
        attempts.map(({ handoff, reason, detail }) => [handoff, reason, detail]),
        [
          ['desk', 'overflow', 'trunk carrier has 2 of 2 calls'],
          ['spare', 'refer_refused', undefined],
        ],
      )
      await hangUp(third.caller, agent, third.callId)
      for (const { caller, callId, gateway } of calls) await hangUp(caller, gateway, callId)
    })

    it('a full gateway with a queue is waited for when the next one has failed', async () => {
      const [agent, other] = await phones(2)
      const [small, large] = [await open(ports[0]), await open(ports[1])]
      opened.push(small, large)
      const handoffs = [{ name: 'desk', route: '+14155550178', trunk: 'queued' }]
      await serve([agent.uri], handoffs)
      const first = await connected(agent)
      void first.handOver()
      await movesTo(first.caller, small, agent)
      await serve([other.uri], handoffs)
      const second = await connected(other)
      void second.handOver()
      large.respond(await large.invited(), '503 Service Unavailable')
      await told(other, /^SIP\/2\.0 182 Queued/)
      await hangUp(first.caller, small, first.callId)
      await small.answer(await small.invited())
      second.caller.respond(await second.caller.next(/^INVITE /), '200 OK', { body: second.caller.session })
      await told(other, /^SIP\/2\.0 200 /)
      await other.takes('BYE')
      await baton().events.of('transfer.ended', second.callId)
      const [{ attempts } = assert.fail('no transfer')] = (await baton().call(second.callId)).transfers
      assert.deepEqual(
        attempts.map(({ reason, tried }) => [reason, tried?.map((each) => each.reason)]),
        [['answered', ['overflow', 'unreachable']]],
      )
      await hangUp(second.caller, small, second.callId)
    })

    it('a trunk is sent so many calls a day to a prefix, by INVITE or REFER, and then the next handoff is', async () => {
      const [agent, spare] = await phones(2)
      const [small] = [await open(ports[0])]
      opened.push(small)
      const handoffs = [
        { name: 'desk', route: '+442079460018', on_failure: ['uri', 'referred', 'spare'] },
        { name: 'uri', route: `sip:+442079460019@127.0.0.1:${ports[1]}` },
        { name: 'referred', method: 'refer', fallback: 'none', route: '+442079460018' },
        { name: 'spare', route: spare.uri },
      ]
      await serve([agent.uri], handoffs)
      const before = await baton().metrics()
      const outcomes = async (callId: string) => {
        const [{ attempts } = assert.fail('no transfer')] = (await baton().call(callId)).transfers

        return attempts.map(({ handoff, reason, detail }) => [handoff, reason, detail])
      }
      const carrier = async () => {
        const { trunks } = await baton().api<{ trunks: { caps: { prefix: string; used: number }[] }[] }>(
          'GET',
          '/v1/trunks',
        )

        return trunks[0]?.caps.map(({ prefix, used }) => [prefix, used])
      }
      const first = await connected(agent)
      void first.handOver()
      await movesTo(first.caller, small, agent)
      await baton().events.of('transfer.ended', first.callId)
      await hangUp(first.caller, small, first.callId)
      assert.deepEqual(await carrier(), [['+44', 1]], 'a call that has ended counts')
      const reached = 'trunk carrier has 1 of 1 calls to +44 today (UTC)'
      assert.deepEqual(await fullNow(), [
        ['desk', `${reached}; uri would be tried next`],
        ['uri', `${reached}; referred would be tried next`],
        ['referred', `${reached}; spare would be tried next`],
      ])

      const second = await connected(agent)
      void second.handOver()
      await movesTo(second.caller, spare, agent)
      await baton().events.of('transfer.ended', second.callId)
      const detail = 'trunk carrier has 1 of 1 calls to +44 today (UTC)'
      assert.deepEqual(await outcomes(second.callId), [
        ...['desk', 'uri', 'referred'].map((name) => [name, 'overflow', detail]),
        ['spare', 'answered', undefined],
      ])
      await hangUp(second.caller, spare, second.callId)
      const metrics = increase(before, await baton().metrics())
      assert.equal(metrics.get('baton_target_refusals_total{kind="trunk",reason="daily_cap",target="carrier"}'), 3)
      assert.equal((await baton().metrics()).get('baton_trunk_cap_used_ratio{prefix="+44",trunk="carrier"}'), 1)

      await baton().api('DELETE', '/v1/trunks/carrier/caps')
      assert.deepEqual(await carrier(), [['+44', 0]])
      const third = await connected(agent)
      void third.handOver()
      const invite = await small.invited()
      assert.deepEqual(await carrier(), [['+44', 1]], 'a call that is being set up counts')
      small.respond(invite, '486 Busy Here')
      const refer = await third.caller.next(/^REFER /)
      assert.match(refer.header('Refer-To'), /tel:\+442079460018/)
      third.caller.respond(refer, '603 Decline')
      await movesTo(third.caller, spare, agent)
      await baton().events.of('transfer.ended', third.callId)
      assert.deepEqual(await carrier(), [['+44', 0]], 'calls that failed are given back')
      await hangUp(third.caller, spare, third.callId)
    })

    it('a premium-rate number needs the trunk’s allowance', async () => {
      const [agent, spare, redirecting] = await phones(3)
      await serve(
        [agent.uri],
        [
          {
            name: 'desk',
            method: 'invite',
            route: '+19005550100',
            on_failure: ['uri', 'referred', 'redirected', 'spare'],
          },
          { name: 'uri', route: 'sip:+19005550100@127.0.0.1' },
          { name: 'referred', method: 'refer', fallback: 'none', route: 'sip:+19005550100@127.0.0.1;user=phone' },
          { name: 'redirected', route: redirecting.uri, redirects: 'follow' },
          { name: 'spare', route: spare.uri },
        ],
        { adhoc: true, adhoc_allow: ['+1900'], adhoc_hosts: ['127.0.0.1'] },
        {},
        { force: 'to see what calls do' },
      )
      const { caller, callId, handOver } = await connected(agent)
      void handOver()
      redirecting.respond(await redirecting.invited(), '302 Moved Temporarily', {
        headers: ['Contact: <sip:+19005550100@127.0.0.1:9>'],
      })
      await movesTo(caller, spare, agent)
      await baton().events.of('transfer.ended', callId)
      const [{ attempts } = assert.fail('no transfer')] = (await baton().call(callId)).transfers
      assert.deepEqual(
        attempts.map(({ handoff, method, reason }) => [handoff, method, reason]),
        [
          ['desk', 'invite', 'premium_denied'],
          ['uri', 'invite', 'premium_denied'],
          ['referred', 'refer', 'premium_denied'],
          ['redirected', 'invite', 'redirected'],
          ['spare', 'invite', 'answered'],
        ],
      )
      await hangUp(caller, spare, callId)
    })

    it('agents that are full give way to agent_down, and without it the caller is asked to come back', async () => {
      const [caller, late, agent, desk] = await phones(4)
      const agents = [{ uri: agent.uri, limit: { calls: 1 } }]
      const handoffs = [{ name: 'desk', route: desk.uri }]
      await serve(agents, handoffs)
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const full = `agent ${agent.uri} has 1 of 1 calls`
      assert.deepEqual(await fullNow(), [[undefined, `${full}; a new call would be refused with 503`]])
      late.call(number)
      const refused = await late.next(/^SIP\/2\.0 503 /)
      assert.match(refused.header('Retry-After'), /^\d+$/)
      const { callId = '' } = await baton().events.of('call.ended', refused.header('Call-ID'))
      const { reason, tried, diagnosis = '' } = await baton().call(callId)
      assert.deepEqual([reason, tried?.map((each) => each.reason)], ['overflow', ['overflow']])
      assert.match(diagnosis, /as many calls as their limits allow/)

      await serve(agents, handoffs, { agent_down: 'desk' })
      assert.deepEqual(await fullNow(), [[undefined, `${full}; callers would get desk`]])
      const [guest] = await phones(1)
      guest.call(number)
      await desk.answer(await desk.invited())
      await guest.answered()
      const { callId: guests = '' } = await baton().events.of('call.answered', guest.callId)
      assert.equal((await baton().call(guests)).via, 'agent_down')
      await hangUp(guest, desk, guests)
      const released = agent.takes('BYE')
      await caller.ask('BYE')
      await released
      await baton().events.of('call.ended', caller.callId)
    })

    it('a project has no more calls than its limit, and a queue makes the next caller wait with 182', async () => {
      const [caller, late, agent, other] = await phones(4)
      const handoffs = [{ name: 'desk', route: agent.uri }]
      await serve([agent.uri], handoffs, { limit: { calls: 1, queue: 20 } })
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      await serve([other.uri], handoffs, { limit: { calls: 1, queue: 20 } })
      assert.deepEqual(await fullNow(), [
        [undefined, 'project limits has 1 of 1 calls; a new call would wait for room, for 20 s at most'],
      ])
      late.call(number)
      await late.next(/^SIP\/2\.0 182 Queued/)
      const released = agent.takes('BYE')
      await caller.ask('BYE')
      await released
      await other.answer(await other.invited())
      await late.answered()
      const { callId = '' } = await baton().events.of('call.answered', late.callId)
      await hangUp(late, other, callId)
    })
  })
}
