import assert from 'node:assert/strict'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'

const number = '+14155552697'
const perDay = 6
const dayMs = 86_400_000
const clock = new URL('../harness/stepped-clock.mjs', import.meta.url).href
const dailyCap = 'baton_target_refusals_total{kind="trunk",reason="daily_cap",target="carrier"}'

interface CapView {
  prefix: string
  callsPerDay: number
  used: number
  resetsAt: string
}

for (const stack of stacks) {
  describe(`A cap that two Batons share (${stack.name})`, function () {
    this.timeout(90_000)
    needs('redis-server')
    let redis: RedisServer
    let gateway: Crowd
    let first: Baton
    let second: Baton
    const opened: Crowd[] = []

    /** @param stepMs by how much its clock goes on at SIGUSR2 */
    const start = (stepMs: number) =>
      Baton.start({
        stack,
        file: {
          trunks: [
            { name: 'local', peers: ['127.0.0.0/8'] },
            {
              ...{ name: 'carrier', peers: ['192.0.2.1'], gateways: [gateway.uri.replace('crowd@', '')] },
              caps: [{ prefix: '+44', calls_per_day: perDay }],
            },
          ],
        },
        env: {
          REDIS_URL: redis.url,
          NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${clock}`,
          CLOCK_STEPS: String(stepMs),
        },
      })

    before(async () => {
      redis = await RedisServer.start(['--appendonly', 'yes', '--appendfsync', 'always'])
      gateway = await Crowd.open()
      ;[first, second] = await Promise.all([start(dayMs), start(dayMs)])
    })

    after(async () => {
      for (const crowd of [gateway, ...opened]) crowd.close()
      await Promise.all([first.stop(), second.stop()])
      await redis.stop()
    })

    const capOf = async (baton: Baton) => {
      const { trunks } = await baton.api<{ trunks: { name: string; caps: CapView[] }[] }>('GET', '/v1/trunks')

      return trunks.find(({ name }) => name === 'carrier')?.caps[0] ?? assert.fail('no cap')
    }

    const bothHaveUsed = (count: number) =>
      until(`both have ${count} calls of the day`, async () => {
        assert.deepEqual([(await capOf(first)).used, (await capOf(second)).used], [count, count])
      })

    const hangUpAll = async (baton: Baton) => {
      const { calls } = await baton.api<{ calls: { id: string; state: string }[] }>('GET', '/v1/calls')
      const up = calls.filter(({ state }) => state !== 'ended')
      await Promise.all(up.map(({ id }) => baton.api('POST', `/v1/calls/${id}/hangup`)))
      await until('all calls have ended', async () => total(await baton.metrics(), 'baton_calls_active') === 0)
    }

    /** So many calls of each Baton, all up until the last one is settled: how many of them were answered. */
    const call = async (count: number, batons = [first, second]) => {
      const crowds = await Promise.all(batons.map(() => Crowd.open()))
      opened.push(...crowds)
      await Promise.all(crowds.map((crowd, at) => crowd.call(count, number, batons[at]?.sip() ?? '')))
      for (const { refused } of crowds) for (const status of refused.values()) assert.equal(status, 503)
      await Promise.all(batons.map(hangUpAll))

      return crowds.map(({ answered }) => answered.size)
    }

    const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0)

    it('holds over a restart and while Redis is dead, and begins again at midnight in UTC and when it is reset', async () => {
      await first.project({
        project: 'capped',
        ...{ agent_down: 'desk', environments: { live: { numbers: [number], agents: [] } } },
        table: {
          handoffs: [{ name: 'desk', default: true, method: 'invite', route: '+442079460018', trunk: 'carrier' }],
        },
      })
      await until(
        'the other Baton has the project',
        async () => total(await second.metrics(), 'baton_route_version') === 1,
      )
      let calls = 0
      let answered = 0
      await until('the cap is reached', async () => {
        calls += 8
        answered += sum(await call(4))

        return answered >= perDay
      })
      assert.ok(answered <= perDay * 1.5 + 1, `${answered} calls`)
      assert.equal(gateway.answered.size, answered)
      await bothHaveUsed(answered)
      const metrics = await Promise.all([first.metrics(), second.metrics()])
      assert.equal(sum(metrics.map((samples) => samples.get(dailyCap) ?? 0)), calls - answered)

      await second.stop()
      second = await start(dayMs)
      await bothHaveUsed(answered)
      assert.deepEqual(await call(2), [0, 0])

      const { resetsAt } = await capOf(first)
      for (const { pid } of [first, second]) process.kill(pid, 'SIGUSR2')
      await bothHaveUsed(0)
      assert.equal(Date.parse((await capOf(second)).resetsAt) - Date.parse(resetsAt), dayMs)
      assert.deepEqual(await call(1, [first]), [1])
      await bothHaveUsed(1)

      await redis.kill()
      await until('the store is in trouble', async () => total(await first.metrics(), 'baton_degraded') === 1)
      // Of the five that were left, each has its part.
      assert.deepEqual(await call(5), [2, 2])
      await redis.start()
      await bothHaveUsed(5)
      // The last one, and perhaps one of the other Baton in the same moment.
      const last = sum(await call(4))
      assert.ok(last === 1 || last === 2, `${last} calls`)
      await bothHaveUsed(5 + last)

      await second.api('DELETE', '/v1/trunks/carrier/caps')
      await bothHaveUsed(0)
      assert.deepEqual(await call(1, [first]), [1])
      await bothHaveUsed(1)
    })
  })
}
