import assert from 'node:assert/strict'
import { Baton } from '../harness/baton.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { RedisServer } from '../routes/redis-server.ts'
import { until } from '../harness/until.ts'

/** Ten begin each second. */
const calls = 90
const number = '+14155550100'

interface Readiness {
  status: 'ok' | 'degraded' | 'unavailable'
  checks: { name: string; ok: boolean; detail?: string }[]
}

for (const stack of stacks) {
  describe(`Calls while Redis is in trouble (${stack.name})`, function () {
    this.timeout(60_000)
    needs('sipp', 'redis-server')
    let redis: RedisServer
    let baton: Baton

    before(async () => {
      redis = await RedisServer.start()
      baton = await Baton.start({ stack, env: { REDIS_URL: redis.url } })
    })

    after(async () => {
      await baton.stop()
      await redis.stop()
    })

    const routesOk = async (): Promise<boolean> => {
      const answer = await baton.request('GET', '/readyz')
      const { status, checks } = (await answer.json()) as Readiness
      const ok = checks.find(({ name }) => name === 'routes')?.ok ?? false
      // Calls are taken all the while.
      assert.deepEqual([answer.status, status], [200, ok ? 'ok' : 'degraded'])

      return ok
    }

    /** Resolves when /readyz says so of the routing tables. */
    const routesBecome = async (ok: boolean): Promise<void> => {
      await until(`/readyz says that routes are ${ok ? 'well' : 'in trouble'}`, async () => (await routesOk()) === ok)
    }

    it('not one fails while it is stopped, killed and started again, /readyz tells, and nothing has to be mended by hand', async () => {
      const agent = await Sipp.answering({ scenario: 'uas-call-answered', calls })
      const project = {
        project: 'outage',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', description: 'Reception', default: true, route: 'sip:desk@127.0.0.1:9' }] },
      }
      await baton.project(project)
      const caller = await Sipp.calling({ scenario: 'uac-call-answered', pause: 200, calls }, number, baton.sip())

      redis.pause()
      await routesBecome(false)
      redis.resume()
      await routesBecome(true)
      await redis.kill()
      await routesBecome(false)
      const away = await baton.metrics()
      assert.equal(total(away, 'baton_ready'), 1)
      assert.equal(total(away, 'baton_degraded'), 1)
      await redis.start()
      await routesBecome(true)

      await Promise.all([caller.done, agent.done])
      const answered = await baton.metrics()
      assert.equal(total(answered, 'baton_calls_total'), calls)
      await Promise.all([caller.close(), agent.close()])

      // It works as before: the next version is promoted, and calls get it.
      assert.equal(await baton.project(project), 2)
    })
  })
}
