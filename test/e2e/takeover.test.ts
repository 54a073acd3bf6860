import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'
import { cdrsIn } from './restarted-site.ts'

const dialled = '+14155550178'
/** What a takeover may take. */
const maxMs = 5000

/** A Baton and its standby, with folders of their own and one Redis; the address is that of the one that can bind it. */
class Pair {
  readonly redis: RedisServer
  readonly a: Baton
  b: Baton
  /** `host:port` of the standby's HTTP listener. */
  readonly #http: string

  private constructor(redis: RedisServer, a: Baton, b: Baton, http: string) {
    this.#http = http
    this.redis = redis
    this.a = a
    this.b = b
  }

  static async open(): Promise<Pair> {
    const stack = stacks.find(({ name }) => name === 'embedded')
    assert.ok(stack)
    const redis = await RedisServer.start()
    const env = { REDIS_URL: redis.url, DRAIN: 'handover', SIP_LISTEN: `udp:127.0.0.1:${await freePort()}` }
    const http = `127.0.0.1:${await freePort()}`
    const a = await Baton.start({ stack, env: { ...env, NODE_NAME: 'a' } })
    const b = await Baton.standby({ stack, env: { ...env, NODE_NAME: 'b', HTTP_LISTEN: http } })
    await b.logged('standing by for a')

    return new Pair(redis, a, b, http)
  }

  /** What the standby answers at this path. */
  async health(path: '/livez' | '/readyz'): Promise<{ status: number; detail: string | undefined }> {
    const answer = await fetch(`http://${this.#http}${path}`)
    const { checks } = (await answer.json()) as { checks: { name: string; detail?: string }[] }

    return { status: answer.status, detail: checks.find(({ name }) => name === 'recovery')?.detail }
  }

  /** The standby anew: it reads all calls with its first look. */
  async standByAgain(): Promise<void> {
    const { stack } = this.b
    await this.b.stop()
    const env = { REDIS_URL: this.redis.url, SIP_LISTEN: `udp:${this.a.sip()}`, NODE_NAME: 'b' }
    this.b = await Baton.standby({ stack, env })
  }

  /** A project whose agents and whose only handoff have these addresses. */
  async project(agent: string, desk: string): Promise<void> {
    await this.a.project({
      project: 'moved',
      table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: desk }] },
      environments: { sandbox: { numbers: [dialled], agents: [agent] } },
    })
  }

  /** Resolves when Redis has so many calls. */
  async kept(count: number): Promise<void> {
    const address = this.a.sip()
    await until(
      'Redis has the calls',
      async () => (await this.redis.ask('HLEN', `baton:lease:{${address}}:calls`)) === count,
    )
  }

  async close(): Promise<void> {
    await this.a.stop()
    await this.b.stop()
    await this.redis.stop()
  }
}

const cdrsOf = ({ dataDir }: Baton): CallView[] => cdrsIn(join(dataDir, 'cdr'))

describe('Calls that another machine takes over', function () {
  this.timeout(120_000)
  needs('redis-server')
  let pair: Pair
  let open: { close(): void }[]

  beforeEach(async () => {
    open = []
    pair = await Pair.open()
  })

  afterEach(async () => {
    for (const each of open) each.close()
    await pair.close()
  })

  const crowds = async (count: number): Promise<{ callers: Crowd; agents: Crowd }> => {
    const [callers, agents] = [await Crowd.open(), await Crowd.open()]
    open.push(callers, agents)
    await pair.project(agents.uri, agents.uri)
    await callers.call(count, dialled, pair.a.sip())
    await pair.kept(count)

    return { callers, agents }
  }

  /** Each BYE gets 200 from the other Baton, each agent is released, and each CDR is there, once. */
  const endAll = async (callers: Crowd, agents: Crowd, count: number): Promise<void> => {
    const { b } = pair
    const metrics = await b.metrics()
    assert.equal(total(metrics, 'baton_calls_active'), count)
    assert.equal(metrics.get('baton_calls_recovered_total{result="recovered"}'), count)
    const { calls } = await b.api<{ calls: CallView[] }>('GET', '/v1/calls?limit=1')
    assert.ok(calls[0]?.recoveredAt)
    const statuses = await callers.hangUp()
    assert.deepEqual([new Set(statuses.values()), statuses.size], [new Set([200]), count])
    await until('every agent is released', () => agents.released.size === count)
    await until('every CDR is written', () => cdrsOf(b).length === count)
    assert.deepEqual(new Set(cdrsOf(b).map(({ reason }) => reason)), new Set(['hangup']))
    await b.idle(['baton_calls_active'])
    assert.deepEqual(cdrsOf(pair.a), [])
    await until('Redis has no call', async () => (await pair.redis.ask('HLEN', `baton:lease:{${b.sip()}}:calls`)) === 0)
  }

  it('go on with the standby after kill -9, in less than five seconds', async () => {
    const { callers, agents } = await crowds(200)
    await until('the standby has the calls', async () => {
      const { status, detail } = await pair.health('/readyz')
      if (detail === 'standing by with calls of a, 200 calls in memory') return status === 503
      throw new Error(detail)
    })
    assert.equal((await pair.health('/livez')).status, 200)
    const began = performance.now()
    await pair.a.kill()
    const taken = await pair.b.logged('calls of the process before taken up')
    assert.ok(performance.now() - began < maxMs, `it took ${performance.now() - began} ms`)
    assert.deepEqual([taken.recovered, taken.from], [200, 'a'])
    await pair.b.served()
    assert.deepEqual(await pair.health('/readyz'), { status: 200, detail: undefined })
    await endAll(callers, agents, 200)
  })

  it('go on without Redis, too, from the memory of the standby', async () => {
    const { callers, agents } = await crowds(20)
    await pair.standByAgain()
    assert.equal((await pair.b.logged('standing by with calls of a')).calls, 20)
    await pair.redis.kill()
    await pair.a.kill()
    const taken = await pair.b.logged('calls of the process before taken up', 40)
    assert.equal(taken.recovered, 20)
    const statuses = await callers.hangUp()
    assert.deepEqual([new Set(statuses.values()), statuses.size], [new Set([200]), 20])
    await until('every agent is released', () => agents.released.size === 20)
    await until('every CDR is written', () => cdrsOf(pair.b).length === 20)
  })

  it('go on with the standby though Redis was killed and came back empty while they were up', async () => {
    const { callers, agents } = await crowds(20)
    await pair.redis.kill()
    await pair.b.logged('standing by without Redis')
    await pair.redis.start()
    await pair.kept(20)
    await until('the standby has the calls', async () => {
      const { detail } = await pair.health('/readyz')

      return detail === 'standing by with calls of a, 20 calls in memory'
    })
    assert.equal(agents.released.size, 0)
    await pair.a.kill()
    await pair.b.served()
    await endAll(callers, agents, 20)
  })

  it('go on with the standby by npx baton takeover, and the Baton that lives closes its SIP sockets and says so', async () => {
    const { a, b } = pair
    const { callers, agents } = await crowds(5)
    const said = await b.command('takeover', 'a')
    assert.match(said, /^a loses the lease of 127\.0\.0\.1:\d+\. It closes its SIP sockets\.\nb has it now\.\n$/)
    const { level } = await a.logged('another Baton has taken over the address of this one: its SIP sockets are closed')
    assert.equal(level, 'error')
    await b.served()
    const ready = await a.request('GET', '/readyz')
    assert.equal(ready.status, 503)
    assert.match(await ready.text(), /has taken over the address of this Baton, and its calls/)
    const metrics = await a.metrics()
    assert.equal(metrics.get('baton_lease_lost'), 1)
    assert.equal(total(metrics, 'baton_calls_active'), 0)
    await endAll(callers, agents, 5)
    assert.equal(agents.repeated, 0)
    await assert.rejects(b.command('takeover', 'a'), /b has the address 127\.0\.0\.1:\d+, not a\./)
  })

  it('are handed over to the standby by SIGTERM with DRAIN=handover', async () => {
    const { callers, agents } = await crowds(5)
    assert.equal(await pair.a.terminate(), 0)
    await pair.b.served()
    await endAll(callers, agents, 5)
  })

  it('can be transferred there as before', async () => {
    const { a, b } = pair
    const phones = [await RawPhone.open(a.sip()), await RawPhone.open(a.sip()), await RawPhone.open(a.sip())] as const
    open.push(...phones)
    const [caller, agent, desk] = phones
    await pair.project(agent.uri, desk.uri)
    caller.call(dialled)
    await agent.answer(await agent.invited())
    await caller.answered()
    await pair.kept(1)
    await a.kill()
    for (const phone of [caller, agent]) void phone.takes('OPTIONS')
    await pair.b.served()
    await agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
    await desk.answer(await desk.invited())
    caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
    await agent.hears('SIP/2.0 200')
    await agent.released()
    const { calls } = await b.api<{ calls: CallView[] }>('GET', '/v1/calls')
    assert.deepEqual([calls.length, calls[0]?.state], [1, 'bridged'])
    await caller.ask('BYE')
    await desk.released()
    await until('its CDR is written', () => cdrsOf(b).length === 1)
    const [cdr] = cdrsOf(b)
    assert.deepEqual([cdr?.result, cdr?.transfers.at(-1)?.result], ['answered', 'succeeded'])
    await b.idle(['baton_calls_active', 'baton_transfers_active'])
  })
})
