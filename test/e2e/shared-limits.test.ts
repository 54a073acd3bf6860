import assert from 'node:assert/strict'
import type { TargetView } from '../../server/targets/index.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { increase, total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { stacks, type Stack } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'

const number = '+14155552691'
const limit = 20
/** What the Batons may have together of a limit, at the worst. */
const worst = (maximum: number) => maximum * 1.5 + 1

/** Of each kind: calls at once, and the number that reaches it. */
const most = 12
/** Of the handoff: calls that begin in a second. */
const cps = 10
/** The engine as a drachtio server runs in the process of the test, and has half the pace. */
const paceOf = ({ tellsAll }: Stack) => (tellsAll ? 200 : 100)
const numbers = { agent: '+14155552692', trunk: '+14155552693', handoff: '+14155552694', project: '+14155552695' }
const idle = ['baton_calls_active', 'baton_transfers_active', 'baton_target_calls']

for (const stack of stacks) {
  describe(`A limit that two Batons share (${stack.name})`, function () {
    this.timeout(60_000)
    needs('redis-server')
    let redis: RedisServer
    let batons: Baton[] = []
    const perSecond = paceOf(stack)
    let gateway: Crowd
    const opened: Crowd[] = []
    const open = async () => {
      const crowd = await Crowd.open()
      opened.push(crowd)

      return crowd
    }

    before(async () => {
      redis = await RedisServer.start()
      gateway = await Crowd.open()
      const carrier = { gateways: [gateway.uri.replace('crowd@', '')], limit: { calls: most } }
      const trunks = [
        { name: 'local', peers: ['127.0.0.0/8'] },
        { name: 'carrier', peers: ['192.0.2.1'], ...carrier },
      ]
      const start = () => Baton.start({ stack, file: { trunks }, env: { REDIS_URL: redis.url } })
      batons = await Promise.all([start(), start()])
    })

    afterEach(() => {
      for (const crowd of opened.splice(0)) crowd.close()
    })

    after(async () => {
      gateway.close()
      await Promise.all(batons.map((baton) => baton.stop()))
      await redis.stop()
    })

    const active = async (baton: Baton) => total(await baton.metrics(), 'baton_calls_active')

    const hangUpAll = async (baton: Baton) => {
      const { calls } = await baton.api<{ calls: { id: string; state: string }[] }>('GET', '/v1/calls')
      for (const { id, state } of calls) if (state === 'connected') await baton.api('POST', `/v1/calls/${id}/hangup`)
      await until('all calls have ended', async () => (await active(baton)) === 0)
    }

    it('holds while both get all the calls they can, goes on while Redis is dead, and is free afterwards', async () => {
      const [first, second] = batons
      assert.ok(first && second)
      const agent = await open()
      await first.project({
        project: 'shared',
        limit: { calls: limit },
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
      })
      await until(
        'the other Baton has the project',
        async () => total(await second.metrics(), 'baton_route_version') === 1,
      )
      const crowds: Crowd[] = []
      const call = async (each: number) => {
        const came = [await open(), await open()]
        crowds.push(...came)
        await Promise.all(came.map((crowd, at) => crowd.call(each, number, (batons[at] ?? first).sip())))

        return came.map(({ answered, refused }) => [answered.size, refused.size])
      }
      const up = async () => (await active(first)) + (await active(second))

      // Hundreds of calls a second.
      await call(60)
      await until('the limit is used up', async () => {
        await call(5)

        return (await up()) >= limit
      })
      assert.ok((await up()) <= limit * 1.5 + 1, `${await up()} calls`)
      for (const { refused } of crowds) for (const status of refused.values()) assert.equal(status, 503)

      await redis.kill()
      await until('the store is in trouble', async () => total(await first.metrics(), 'baton_degraded') === 1)
      const before = [await active(first), await active(second)]
      await call(20)
      // Each goes on with its half, and keeps what it had beyond that.
      for (const [at, baton] of [first, second].entries()) {
        const now = await active(baton)
        assert.ok(now <= Math.max(before[at] ?? 0, limit / 2), `${now} calls, ${before[at]} before`)
      }
      await hangUpAll(first)
      await hangUpAll(second)
      // Each has its half.
      assert.deepEqual(await call(limit), [
        [limit / 2, limit / 2],
        [limit / 2, limit / 2],
      ])
      await redis.start()
      await hangUpAll(first)
      await hangUpAll(second)
      await until('one alone has more than its half', async () => {
        const alone = await open()
        await alone.call(2, number, first.sip())

        return (await active(first)) > limit / 2
      })
      await hangUpAll(first)
    })

    it('of a target, a trunk, a handoff and a project holds under hundreds of calls a second, while Redis dies and comes back empty', async () => {
      const [first, second] = batons
      assert.ok(first && second)
      const [agent, desk, staff] = [await open(), await open(), await open()]
      const serve = (kind: keyof typeof numbers, agents: unknown[], handoff: object, more: object = {}) =>
        first.project({
          ...{ project: `by-${kind}`, environments: { live: { numbers: [numbers[kind]], agents } } },
          ...(agents.length === 0 && { agent_down: 'desk' }),
          table: { handoffs: [{ name: 'desk', default: true, method: 'invite', ...handoff }] },
          ...more,
        })
      const before = await Promise.all(batons.map((baton) => baton.metrics()))
      await serve('agent', [{ uri: agent.uri, limit: { calls: most } }], { route: desk.uri })
      await serve('trunk', [], { route: '+14155550177', trunk: 'carrier' })
      await serve('handoff', [], { route: desk.uri, limit: { calls: most, cps, queue: 0.3 } })
      await serve('project', [staff.uri], { route: desk.uri }, { limit: { calls: most } })
      await until('the other Baton has the projects', async () =>
        (await second.metrics()).has('baton_route_version{environment="live",project="by-project"}'),
      )

      const callers = [await open(), await open()]
      const stopping = new AbortController()
      const how = { perSecond: perSecond / 2, holdMs: 800, stop: stopping.signal }
      const streams = Promise.all(
        callers.map((crowd, at) => crowd.stream(Object.values(numbers), () => (batons[at] ?? first).sip(), how)),
      )
      const refused = () => callers.reduce((sum, crowd) => sum + crowd.refused.size, 0)
      const more = (count: number) => {
        const then = refused()

        return until(`${count} more calls are refused`, () => refused() >= then + count)
      }
      await more(perSecond)
      await redis.kill()
      await more(perSecond)
      await redis.start()
      await more(perSecond)
      stopping.abort()
      const calls = await streams

      const parties = { agent, trunk: gateway, handoff: desk, project: staff }
      for (const [kind, { peak }] of Object.entries(parties)) {
        assert.ok(peak <= worst(most) && peak >= most / 2, `${kind}: ${peak} of ${most} calls at once`)
      }
      const { answeredAt } = desk
      const inSecond = answeredAt.map((at, nth) => answeredAt.slice(nth).filter((one) => one < at + 1000).length)
      assert.ok(Math.max(...inSecond) <= worst(cps), `${Math.max(...inSecond)} of ${cps} calls in a second`)

      // Each call was answered, or had no room; nothing is left of them.
      for (const { refused: statuses } of callers) assert.deepEqual(new Set(statuses.values()), new Set([503]))
      await Promise.all(batons.map((baton) => baton.idle(idle)))
      const after = await Promise.all(batons.map((baton) => baton.metrics()))
      const counts = new Map<string, number>()
      for (const [at, samples] of after.entries()) {
        for (const [key, count] of increase(before[at] ?? samples, samples)) {
          counts.set(key, (counts.get(key) ?? 0) + count)
        }
      }
      const called = (result: string, reason: string) =>
        Object.keys(numbers)
          .map(
            (kind) =>
              `baton_calls_total{environment="live",project="by-${kind}",reason="${reason}",result="${result}"}`,
          )
          .reduce((sum, key) => sum + (counts.get(key) ?? 0), 0)
      const answered = callers.reduce((sum, crowd) => sum + crowd.answered.size, 0)
      assert.deepEqual([called('answered', 'hangup'), called('rejected', 'overflow')], [answered, refused()])
      assert.equal(answered + refused(), (calls[0] ?? 0) + (calls[1] ?? 0))
      const overflows = [
        `kind="agent",reason="overflow",target="udp:${agent.uri.split('@')[1]}"`,
        'kind="trunk",reason="overflow",target="carrier"',
        'kind="handoff",reason="overflow",target="by-handoff/live/desk"',
        'kind="project",reason="overflow",target="by-project"',
      ].map((labels) => counts.get(`baton_target_refusals_total{${labels}}`) ?? 0)
      assert.ok(Math.min(...overflows) > 0, String(overflows))
      const sum = overflows.reduce((all, count) => all + count, 0)
      assert.deepEqual([total(counts, 'baton_target_refusals_total'), sum], [refused(), refused()])
      await until('no Baton counts a call of another', async () => {
        const { targets } = await second.api<{ targets: TargetView[] }>('GET', '/v1/targets')

        return targets.every(({ used }) => used === undefined || used.calls + used.cps === 0)
      })
    })

    it('is free within seconds when the Baton that had all of it is killed', async () => {
      const [first, second] = batons
      assert.ok(first && second)
      const agent = await open()
      const project = { project: 'by-project', limit: { calls: most } }
      await first.project({
        ...project,
        environments: { live: { numbers: [numbers.project], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
      })
      const last = await open()
      await until('the project has no room', async () => {
        await last.call(5, numbers.project, second.sip())

        return last.answered.size === most
      })
      await until('the other Baton has no room either', async () => {
        const refusals = last.refused.size
        await last.call(1, numbers.project, first.sip())

        return last.refused.size > refusals
      })
      const { size: answered } = last.answered
      process.kill(second.pid, 'SIGKILL')
      const killedAt = performance.now()
      await until('there is room again', async () => {
        await last.call(1, numbers.project, first.sip())

        return last.answered.size > answered
      })
      const elapsed = performance.now() - killedAt
      assert.ok(elapsed < 5000, `${elapsed} ms`)
      await hangUpAll(first)
    })
  })
}
