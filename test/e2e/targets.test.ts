import assert from 'node:assert/strict'
import type { TargetView } from '../../server/targets/index.ts'
import type { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { increase } from '../harness/metrics.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const number = '+14155552661'
const desk = { name: 'desk', default: true, method: 'invite' }

const targetOf = async (baton: Baton, id: string): Promise<TargetView> => {
  const { targets } = await baton.api<{ targets: TargetView[] }>('GET', '/v1/targets')

  return targets.find((target) => target.id === id) ?? assert.fail(`no target ${id}`)
}

const isIn = async (baton: Baton, id: string, state: string): Promise<TargetView> =>
  until(`${id} is ${state}`, async () => {
    const target = await targetOf(baton, id)

    return target.state === state && target
  })

const idOf = ({ port }: RawPhone): string => `udp:127.0.0.1:${port}`

for (const stack of stacks) {
  describe(`Targets of calls (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawPhone
    let agent: RawPhone
    let dead: RawPhone
    let other: RawPhone
    let crowd: Crowd | undefined

    beforeEach(async function () {
      // It keeps each 100 to itself (docs/drachtio.md).
      if (stack.isOriginal) this.skip()
      const open = () => RawPhone.open(baton().sip())
      ;[caller, agent, dead, other] = [await open(), await open(), await open(), await open()]
    })

    afterEach(() => {
      for (const party of [caller, agent, dead, other]) party.close()
      crowd?.close()
      crowd = undefined
    })

    const serve = (agents: readonly RawPhone[], live: object = {}) =>
      baton().project({
        project: 'targets',
        environments: {
          live: { numbers: [number], agents: agents.map(({ uri }) => uri), progress_timeout: 0.6, ...live },
        },
        table: { handoffs: [{ ...desk, route: other.uri }] },
      })

    /** The caller calls, `party` answers, and the caller hangs up: the call, and how long it took to be answered. */
    const callTakenBy = async (party: RawPhone) => {
      const from = Date.now()
      caller.call(number)
      const invite = await party.invited()
      const seconds = (Date.now() - from) / 1000
      await party.answer(invite)
      await caller.answered()
      const told = party.takes('BYE')
      await caller.ask('BYE')
      await told
      const { callId = '' } = await baton().events.of('call.ended', caller.callId)

      return { seconds, ...(await baton().call(callId)) }
    }

    it('a dead agent costs one caller its progress_timeout, and the next one nothing', async () => {
      await serve([dead, agent])
      const before = await baton().metrics()
      const first = await callTakenBy(agent)
      assert.ok(first.seconds >= 0.6, `${first.seconds} s`)
      const { state, reason, kind, usedBy, calls } = await targetOf(baton(), idOf(dead))
      assert.deepEqual(
        [state, reason, kind, usedBy, calls],
        ['down', 'no response to INVITE', 'agent', ['targets live'], 0],
      )
      const second = await callTakenBy(agent)
      assert.ok(second.seconds < 0.5, `${second.seconds} s`)
      const [{ uri, what, reason: why } = assert.fail()] = second.tried ?? []
      assert.deepEqual([uri, why], [dead.uri, 'target_down'])
      assert.match(what, /^passed over: agent sip:\S+ is down since \d\d:\d\d \(no response to INVITE\)$/)

      const after = await baton().metrics()
      const counted = increase(before, after)
      const place = 'environment="live",project="targets"'
      const target = `target="${idOf(dead)}"`
      assert.deepEqual(
        [
          after.get(`baton_target_up{kind="agent",${target}}`),
          after.get(`baton_target_up{kind="agent",target="${idOf(agent)}"}`),
          after.get(`baton_target_calls{kind="agent",${target}}`),
          after.get(`baton_agents_up{${place}}`),
          counted.get(`baton_target_refusals_total{kind="agent",reason="target_down",${target}}`),
          counted.get(`baton_agent_attempts_total{${place},reason="no_response",result="failed"}`),
          counted.get(`baton_agent_attempts_total{${place},reason="answered",result="answered"}`),
        ],
        [0, 1, 0, 1, 1, 1, 2],
      )
    })

    it('when all agents are down the caller gets agent_down at once', async () => {
      await serve([dead], { agent_down: 'desk' })
      await callTakenBy(other)
      const { seconds, via } = await callTakenBy(other)
      assert.ok(seconds < 0.5, `${seconds} s`)
      assert.equal(via, 'agent_down')
    })

    it('when all agents are down and nothing else is left, they are called all the same, and may prove to be up', async () => {
      await serve([dead])
      caller.call(number)
      const refused = await caller.next(/^SIP\/2\.0 [4-6]/)
      assert.match(refused.startLine, /503/)
      caller.party.ack(refused, number)
      await dead.invited()
      await callTakenBy(dead)
      assert.deepEqual((await targetOf(baton(), idOf(dead))).state, 'up')
    })

    it('that are busy, or refuse with 503 alone, are up; Retry-After is honoured', async () => {
      await serve([dead, agent])
      for (const status of ['486 Busy Here', '503 Service Unavailable', '603 Decline']) {
        caller.call(number)
        const invite = await dead.invited()
        dead.respond(invite, status)
        if (status.startsWith('503')) agent.respond(await agent.invited(), '486 Busy Here')
        const refused = await caller.next(/^SIP\/2\.0 [4-6]/)
        caller.party.ack(refused, number)
        assert.equal((await targetOf(baton(), idOf(dead))).state, 'up', status)
      }
      caller.call(number)
      dead.respond(await dead.invited(), '503 Service Unavailable', { headers: ['Retry-After: 120'] })
      await agent.answer(await agent.invited())
      await caller.answered()
      const told = agent.takes('BYE')
      await caller.ask('BYE')
      await told
      const { state, reason } = await targetOf(baton(), idOf(dead))
      assert.deepEqual([state, reason], ['down', '503 Service Unavailable with Retry-After: 120'])
      assert.equal((await callTakenBy(agent)).tried?.[0]?.reason, 'target_down')
    })

    it('that an operator has disabled get no call, and are called again once enabled', async () => {
      await serve([dead, agent])
      const post = (command: string, body = {}) =>
        baton().api<TargetView>('POST', `/v1/targets/${encodeURIComponent(idOf(dead))}/${command}`, body)
      const { state, reason } = await post('disable', { reason: 'maintenance' })
      assert.deepEqual([state, reason], ['disabled', 'disabled by anonymous: maintenance'])
      const { tried } = await callTakenBy(agent)
      assert.match(tried?.[0]?.what ?? '', /is disabled since .* \(disabled by anonymous: maintenance\)/)
      const asked = dead.takes('OPTIONS')
      await post('enable')
      await asked
      await isIn(baton(), idOf(dead), 'up')
      await callTakenBy(dead)
      assert.equal((await baton().request('POST', '/v1/targets/udp:192.0.2.1:5060/probe', {})).status, 404)
    })

    for (const [command, state] of [
      ['disable', 'disabled'],
      ['drain', 'draining'],
    ] as const) {
      it(`that is ${state} keeps the call that it has to its end, and gets no other`, async () => {
        await serve([agent, other])
        const post = (name: string) =>
          baton().api<TargetView>('POST', `/v1/targets/${encodeURIComponent(idOf(agent))}/${name}`, {})
        caller.call(number)
        await agent.answer(await agent.invited())
        await caller.answered()
        const { callId: up = '' } = await baton().events.of('call.answered', caller.callId)
        const taken = await post(command)
        assert.deepEqual([taken.state, taken.calls], [state, 1])

        const late = await RawPhone.open(baton().sip())
        late.call(number)
        await other.answer(await other.invited())
        await late.answered()
        const { callId: second = '' } = await baton().events.of('call.answered', late.callId)
        assert.equal((await baton().call(second)).tried?.[0]?.reason, 'target_down')
        const ended = other.takes('BYE')
        await late.ask('BYE')
        await ended
        late.close()

        assert.deepEqual(
          [(await baton().call(up)).state, (await targetOf(baton(), idOf(agent))).calls],
          ['connected', 1],
        )
        const told = agent.takes('BYE')
        await caller.ask('BYE')
        await told
        await baton().events.of('call.ended', caller.callId)
        const asked = agent.takes('OPTIONS')
        await post('enable')
        await asked
        assert.equal((await isIn(baton(), idOf(agent), 'up')).calls, 0)
      })
    }

    it('a call is on its target from its INVITE to its end', async () => {
      await serve([agent])
      caller.call(number)
      const invite = await agent.invited()
      assert.equal((await targetOf(baton(), idOf(agent))).calls, 1)
      await agent.answer(invite)
      await caller.answered()
      assert.equal((await targetOf(baton(), idOf(agent))).calls, 1)
      const told = agent.takes('BYE')
      await caller.ask('BYE')
      await told
      await baton().events.of('call.ended', caller.callId)
      assert.equal((await targetOf(baton(), idOf(agent))).calls, 0)
    })

    it('a handoff whose host is down gives way to the next at once', async () => {
      const handoffs = [
        { ...desk, route: dead.uri, progress_timeout: 0.6, on_failure: ['spare'] },
        { name: 'spare', method: 'invite', route: other.uri },
      ]
      await baton().project({
        project: 'targets',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs },
      })
      const transferred = async () => {
        caller.call(number)
        await agent.answer(await agent.invited())
        await caller.answered()
        const { callId = '' } = await baton().events.of('call.answered', caller.callId)
        const from = Date.now()
        void agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
        await other.answer(await other.invited())
        const seconds = (Date.now() - from) / 1000
        caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
        await agent.released()
        await baton().events.of('transfer.ended', callId)
        const told = other.takes('BYE')
        await caller.ask('BYE')
        await told
        await baton().events.of('call.ended', callId)

        return { seconds, attempts: (await baton().call(callId)).transfers[0]?.attempts ?? [] }
      }
      await transferred()
      const { seconds, attempts } = await transferred()
      assert.ok(seconds < 0.5, `${seconds} s`)
      assert.deepEqual(
        attempts.map(({ reason }) => reason),
        ['target_down', 'answered'],
      )
      assert.match(attempts[0]?.evidence[0]?.what ?? '', /^passed over: handoff sip:\S+ is down since /)
      const { warnings } = await baton().api<{ warnings: { code: string; detail: string; handoff?: string }[] }>(
        'POST',
        '/v1/projects/targets/explain',
        { environment: 'live', handoff: 'desk', call: { caller: '+14155550123', called: number } },
      )
      const [warning] = warnings.filter(({ code }) => code === 'target_down')
      assert.equal(warning?.handoff, 'desk')
      assert.match(
        warning.detail,
        /^handoff sip:\S+ is down since \d\d:\d\d \(no response to INVITE\); spare would be tried next$/,
      )
    })

    it('a half-open target is tried with one call, however many callers there are at once', async function () {
      this.timeout(60_000)
      await serve([dead, agent], { probe: { interval: 0, back_off: 2 } })
      await callTakenBy(agent)
      const detail = async () => {
        const { warnings } = await baton().api<{ warnings: { code: string; detail: string }[] }>(
          'POST',
          '/v1/projects/targets/explain',
          { environment: 'live', handoff: 'desk', call: { caller: '+14155550123', called: number } },
        )

        return warnings.filter(({ code }) => code === 'target_down').map((warning) => warning.detail)
      }
      const [down = ''] = await detail()
      assert.match(down, /^agent sip:\S+ is down since \d\d:\d\d \(no response to INVITE\); sip:\S+ would be called$/)
      assert.ok(down.includes(`; ${agent.uri} would`), down)
      await until('its back-off is over', async () => (await targetOf(baton(), idOf(dead))).state === 'half_open', 30)
      const samples = [...(await baton().metrics())]
      const isUp = samples.find(([key]) => key.startsWith('baton_target_up{') && key.includes(idOf(dead)))?.[1]
      assert.equal(isUp, 0)

      crowd = await Crowd.open()
      const busy = async (party: RawPhone): Promise<void> => {
        party.respond(await party.invited(), '486 Busy Here')
      }
      const calling = crowd.call(5, number, baton().sip())
      const earlier = (await dead.invited()).header('Call-ID')
      let trial = await dead.invited()
      while (trial.header('Call-ID') === earlier) trial = await dead.invited()
      // Decides nothing, and stops the wait for any response.
      dead.respond(trial, '100 Trying')
      for (let others = 0; others < 4; others++) await busy(agent)
      assert.equal((await targetOf(baton(), idOf(dead))).calls, 1)
      dead.respond(trial, '486 Busy Here')
      await calling
      await isIn(baton(), idOf(dead), 'up')
    })
  })

  describe(`Targets that are asked by OPTIONS (${stack.name})`, () => {
    const probe = { interval: 0.2, timeout: 0.3, down_after: 2, up_after: 2 }
    let port = 0
    const baton = sharedBaton(async () => {
      port = await freePort()
      const trunk = { name: 'carrier', peers: ['127.0.0.0/8'], gateways: [`sip:127.0.0.1:${port}`], probe }

      return { stack, file: { trunks: [trunk] } }
    })

    it('go down without an answer, and come up with any answer but 503', async function () {
      if (stack.isOriginal) this.skip()
      const id = `udp:127.0.0.1:${port}`
      await isIn(baton(), id, 'down')
      const gateway = await RawPhone.open(baton().sip(), port)
      let status = '404 Not Found'
      const answering = (async () => {
        for (;;) {
          const options = await gateway.next(/^OPTIONS /)
          assert.match(options.startLine, new RegExp(`^OPTIONS sip:127\\.0\\.0\\.1:${port} `))
          if (status === '') return
          gateway.respond(options, status)
        }
      })()
      const { reason, rtt = 0, kind, usedBy } = await isIn(baton(), id, 'up')
      assert.deepEqual([reason, kind, usedBy], ['404 Not Found to OPTIONS', 'gateway', ['trunk carrier']])
      assert.ok(rtt > 0 && rtt < 0.3)
      const samples = await baton().metrics()
      const labels = `{kind="gateway",target="${id}"}`
      assert.equal(samples.get(`baton_target_up${labels}`), 1)
      assert.ok((samples.get(`baton_target_rtt_seconds${labels}`) ?? 0) > 0)
      status = '503 Service Unavailable'
      assert.equal((await isIn(baton(), id, 'down')).reason, '503 Service Unavailable to OPTIONS')
      await baton().logged('target down')
      await baton().logged('target up')
      status = ''
      await answering
      gateway.close()
    })

    it('are those of what runs: a promotion adds and removes them', async function () {
      if (stack.isOriginal) this.skip()
      const [one, two] = [await RawPhone.open(baton().sip()), await RawPhone.open(baton().sip())]
      const serve = (agent: RawPhone) =>
        baton().project({
          project: 'targets',
          environments: { live: { numbers: [number], agents: [agent.uri], probe } },
          table: { handoffs: [{ ...desk, route: 'sip:127.0.0.1:9' }] },
        })
      await serve(one)
      await one.takes('OPTIONS')
      await isIn(baton(), idOf(one), 'up')
      await serve(two)
      await two.takes('OPTIONS')
      await isIn(baton(), idOf(two), 'up')
      const { targets } = await baton().api<{ targets: TargetView[] }>('GET', '/v1/targets')
      assert.ok(!targets.some(({ id }) => id === idOf(one)))
      for (const party of [one, two]) party.close()
      await baton().api('PUT', '/v1/projects/targets/draft', { handoffs: [{ ...desk, route: 'sip:127.0.0.1:9' }] })
    })
  })

  describe(`Gateways that a REFER names (${stack.name})`, () => {
    let ports: number[] = []
    const baton = sharedBaton(async () => {
      ports = [await freePort(), await freePort()]
      const gateways = ports.map((port) => `sip:127.0.0.1:${port}`)

      return {
        stack,
        file: {
          trunks: [{ name: 'carrier', peers: ['127.0.0.0/8'], gateways, refer_to: 'sip_phone', refer_memory: 0 }],
        },
      }
    })

    it('give way to the next when they are down or taken out, and the evidence says so', async () => {
      const [caller, agent] = [await RawPhone.open(baton().sip()), await RawPhone.open(baton().sip())]
      await baton().project({
        project: 'targets',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, route: '+14155550111', fallback: 'none' }] },
      })
      await baton().api('POST', `/v1/targets/${encodeURIComponent(`udp:127.0.0.1:${ports[0]}`)}/disable`, {})
      caller.call(number)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await baton().events.of('call.answered', caller.callId)
      await baton().api('POST', `/v1/calls/${callId}/transfer`, { handoff: 'desk' })
      const refer = await caller.next(/^REFER /)
      assert.match(refer.header('Refer-To'), new RegExp(`@127\\.0\\.0\\.1:${ports[1]}`))
      caller.respond(refer, '603 Decline')
      await baton().events.of('transfer.ended', callId)
      const attempts = (await baton().call(callId)).transfers[0]?.attempts ?? []
      assert.equal(attempts[0]?.reason, 'target_down')
      assert.match(attempts[0].evidence[0]?.what ?? '', /^passed over: gateway sip:\S+ is disabled since /)
      assert.equal(attempts[1]?.method, 'refer')
      const told = agent.takes('BYE')
      await caller.ask('BYE')
      await told
      await baton().events.of('call.ended', callId)
      for (const party of [caller, agent]) party.close()
    })
  })
}
