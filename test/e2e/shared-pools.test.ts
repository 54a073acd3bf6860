import assert from 'node:assert/strict'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'

const number = '+14155552711'

for (const stack of stacks) {
  describe(`A pool of numbers that two Batons share (${stack.name})`, function () {
    this.timeout(90_000)
    needs('redis-server')
    let redis: RedisServer
    let batons: Baton[] = []
    let [agent, desk]: Crowd[] = []
    const callers: Crowd[] = []
    /** By number, the call that it was dialled for. */
    const dialled = new Map<string, string>()

    before(async () => {
      redis = await RedisServer.start()
      ;[agent, desk] = [await Crowd.open(), await Crowd.open()]
      const start = () => Baton.start({ stack, env: { REDIS_URL: redis.url } })
      batons = await Promise.all([start(), start()])
      const [first, second] = batons
      assert.ok(first && second)
      const { uri } = desk
      await first.project({
        project: 'pooled',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: {
          handoffs: [
            {
              ...{ name: 'old-pbx', method: 'invite', on_failure: ['desk'] },
              pool: { numbers: Array.from({ length: 100 }, (_, at) => uri.replace('crowd', `n${at}`)), hold: 3600 },
            },
            { name: 'desk', default: true, method: 'invite', route: uri },
          ],
        },
      })
      await until('the other Baton has the project', async () => {
        return total(await second.metrics(), 'baton_route_version') === 1
      })
    })

    after(async () => {
      for (const crowd of [agent, desk, ...callers]) crowd?.close()
      await Promise.all(batons.map((baton) => baton.stop()))
      await redis.stop()
    })

    /** Transfers new callers at each of these Batons, all at once. Resolves with how many got a number of the pool, by Baton. */
    const transfer = (count: number, at: readonly Baton[]): Promise<number[]> =>
      Promise.all(
        at.map(async (baton) => {
          const crowd = await Crowd.open()
          callers.push(crowd)
          await crowd.call(count, number, baton.sip())
          const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls?state=connected')
          const got = await Promise.all(calls.map(({ id }) => numberOf(baton, id)))

          return got.filter((isNumbered) => isNumbered).length
        }),
      )
    const numberOf = async (baton: Baton, id: string): Promise<boolean> => {
      await baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'old-pbx' })
      const { attempts } = await until('the transfer has ended', async () => {
        const [transferred] = (await baton.call(id)).transfers

        return transferred?.state === 'ended' && transferred
      })
      const last = attempts.at(-1)
      assert.equal(last?.result, 'succeeded')
      if (last.handoff !== 'old-pbx') return false
      assert.equal(dialled.get(last.target), undefined, `${last.target} is dialled twice`)
      dialled.set(last.target, id)

      return true
    }
    /** Transfers callers there until each Baton has given one of them a number. */
    const goesOn = (at: readonly Baton[]) =>
      until('each Baton gives out numbers', async () => (await transfer(1, at)).every((given) => given === 1))

    it('has each number dialled once, while Redis dies and comes back empty, and when one of them is killed', async () => {
      const [first, second] = batons
      assert.ok(first && second)
      await goesOn(batons)
      assert.deepEqual(await transfer(5, batons), [5, 5])

      await redis.kill()
      await until('the store is in trouble', async () => total(await first.metrics(), 'baton_degraded') === 1)
      assert.deepEqual(await transfer(3, batons), [3, 3])

      await redis.start()
      await until('the store is well', async () => total(await first.metrics(), 'baton_degraded') === 0)
      await goesOn(batons)
      assert.deepEqual(await transfer(3, batons), [3, 3])

      // Its callers may still be on their way to the numbers that it has reserved.
      process.kill(second.pid, 'SIGKILL')
      assert.deepEqual(await transfer(3, [first]), [3])
      assert.ok(dialled.size >= 27)
    })
  })
}
