import assert from 'node:assert/strict'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'

const number = '+14155552691'
const limit = 20

for (const stack of stacks) {
  describe(`A limit that two Batons share (${stack.name})`, function () {
    this.timeout(60_000)
    needs('redis-server')
    let redis: RedisServer
    let batons: Baton[] = []

    before(async () => {
      redis = await RedisServer.start()
      const start = () => Baton.start({ stack, env: { REDIS_URL: redis.url } })
      batons = await Promise.all([start(), start()])
    })

    after(async () => {
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
      const agent = await Crowd.open()
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
        const came = [await Crowd.open(), await Crowd.open()]
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
        const alone = await Crowd.open()
        crowds.push(alone)
        await alone.call(2, number, first.sip())

        return (await active(first)) > limit / 2
      })
      await hangUpAll(first)
      for (const crowd of [...crowds, agent]) crowd.close()
    })
  })
}
