import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { Machine, openNetwork, ownAddress } from '../harness/machines.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { inOwnNetwork } from '../harness/own-network.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'
import { cdrsIn } from './restarted-site.ts'

/** The address that parties send to: one of the machines has it. */
const address = '198.18.0.100'
const dialled = '+14155550176'
/** What a takeover may take. */
const maxMs = 5000
const token = 'one-token-for-both-machines'
const closed = 'another Baton has taken over the address of this one: its SIP sockets are closed'

type Name = 'a' | 'b'

/** Two machines, and parties and Redis on a third, on one network. */
class Machines {
  readonly redis: RedisServer
  readonly callers: Crowd
  readonly agents: Crowd
  readonly #machines: Readonly<Record<Name, Machine>>
  readonly #folder = mkdtempSync(join(tmpdir(), 'baton-machines-'))
  readonly #batons = new Set<Baton>()

  static async open(): Promise<Machines> {
    openNetwork()
    const redis = await RedisServer.start(['--bind', ownAddress, '127.0.0.1', '--protected-mode', 'no'])
    const place = { address: ownAddress, baton: address }
    const [callers, agents] = [await Crowd.open(undefined, place), await Crowd.open(undefined, place)]

    return new Machines(redis, callers, agents, { a: await Machine.open(2), b: await Machine.open(3) })
  }

  private constructor(redis: RedisServer, callers: Crowd, agents: Crowd, machines: Readonly<Record<Name, Machine>>) {
    this.redis = redis
    this.callers = callers
    this.agents = agents
    this.#machines = machines
  }

  /** A Baton that serves, or one that stands by until the address is its machine's. */
  async baton(name: Name, how: 'start' | 'standby'): Promise<Baton> {
    const stack = stacks.find(({ name: stackName }) => stackName === 'embedded')
    assert.ok(stack)
    const machine = this.#machines[name]
    const baton = await Baton[how]({
      stack,
      machine,
      file: { trunks: [{ name: 'network', peers: [ownAddress] }] },
      env: {
        NODE_NAME: name,
        DATA_DIR: join(this.#folder, name),
        REDIS_URL: `redis://${ownAddress}:${this.redis.port}`,
        SIP_LISTEN: 'udp:0.0.0.0:5060',
        SIP_EXTERNAL_IP: address,
        HTTP_LISTEN: `${machine.address}:8080`,
        METRICS_LISTEN: `${machine.address}:9090`,
        ADMIN_TOKEN: token,
      },
    })
    this.#batons.add(baton)

    return baton
  }

  machine(name: Name): Machine {
    return this.#machines[name]
  }

  /** So many calls, from callers to agents, at a Baton; resolves once Redis has them. */
  async call(baton: Baton, count: number): Promise<void> {
    await baton.project({
      project: 'machines',
      table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: this.agents.uri }] },
      environments: { sandbox: { numbers: [dialled], agents: [this.agents.uri] } },
    })
    await this.callers.call(count, dialled, `${address}:5060`)
    await until('Redis has the calls', async () => (await this.#kept()) === count)
  }

  cdrs(name: Name): CallView[] {
    const folder = join(this.#folder, name, 'cdr')

    return existsSync(folder) ? cdrsIn(folder) : []
  }

  /** All calls that are left are hung up: each BYE gets 200, each agent is released, and Redis has none any more. */
  async hangUp(count: number): Promise<void> {
    const statuses = await this.callers.hangUp()
    assert.deepEqual([new Set(statuses.values()), statuses.size], [new Set([200]), count])
    await until('every agent is released', () => this.agents.released.size === count)
    await until('Redis has no call', async () => (await this.#kept()) === 0)
  }

  async close(): Promise<void> {
    for (const baton of this.#batons) await baton.stop()
    for (const machine of Object.values(this.#machines)) await machine.close()
    this.callers.close()
    this.agents.close()
    await this.redis.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #kept(): Promise<unknown> {
    return this.redis.ask('HLEN', `baton:lease:{${address}:5060}:calls`)
  }
}

describe('Calls on two machines', function () {
  this.timeout(90_000)
  needs('ip', 'redis-server')

  const on = (test: (machines: Machines) => Promise<void>) => async (): Promise<void> => {
    const machines = await Machines.open()
    try {
      await test(machines)
    } finally {
      await machines.close()
    }
  }

  /** Resolves once the standby has taken over all calls of `from`; fails when that takes too long. */
  const takesOver = async (standby: Baton, calls: number, from: Name, began: number): Promise<void> => {
    const taken = await standby.logged('calls of the process before taken up')
    assert.deepEqual([taken.recovered, taken.from], [calls, from])
    await standby.served()
    assert.ok(performance.now() - began < maxMs, `it took ${performance.now() - began} ms`)
    const metrics = await standby.metrics()
    assert.equal(total(metrics, 'baton_calls_active'), calls)
    assert.equal(metrics.get('baton_calls_recovered_total{result="recovered"}'), calls)
  }

  inOwnNetwork(
    'are those of the second one after kill -9 when the address moves there, and of the first one again when it moves back',
    on(async (machines) => {
      const [one, two] = [machines.machine('a'), machines.machine('b')]
      one.has(address)
      const a = await machines.baton('a', 'start')
      const b = await machines.baton('b', 'standby')
      await machines.call(a, 200)
      let began = performance.now()
      await a.kill()
      one.loses(address)
      two.has(address)
      await takesOver(b, 200, 'a', began)

      const again = await machines.baton('a', 'standby')
      await again.logged('standing by with calls of b')
      began = performance.now()
      await b.kill()
      two.loses(address)
      one.has(address)
      await takesOver(again, 200, 'b', began)
      await machines.hangUp(200)
      assert.equal(machines.agents.releasedAgain, 0)
      await until('every CDR is written', () => machines.cdrs('a').length === 200)
      assert.deepEqual(new Set(machines.cdrs('a').map(({ reason }) => reason)), new Set(['hangup']))
      assert.equal(new Set(machines.cdrs('a').map(({ id }) => id)).size, 200)
      assert.deepEqual(machines.cdrs('b'), [])
    }),
  )

  inOwnNetwork(
    'are those of the second one alone when the first is cut off: back on the network, it closes its sockets, though it has the address',
    on(async (machines) => {
      const [one, two] = [machines.machine('a'), machines.machine('b')]
      one.has(address)
      const a = await machines.baton('a', 'start')
      const b = await machines.baton('b', 'standby')
      await machines.call(a, 200)
      const began = performance.now()
      one.cut()
      two.has(address)
      await takesOver(b, 200, 'a', began)

      one.connect()
      const { level } = await a.logged(closed)
      assert.equal(level, 'error')
      await until('the first one has no call', async () => total(await a.metrics(), 'baton_calls_active') === 0)
      assert.equal((await a.metrics()).get('baton_lease_lost'), 1)
      assert.equal((await a.request('GET', '/readyz')).status, 503)
      assert.equal((await b.request('GET', '/readyz')).status, 200)
      const { calls } = await b.api<{ calls: CallView[] }>('GET', '/v1/calls?limit=500')
      assert.deepEqual([calls.length, new Set(calls.map(({ node }) => node))], [200, new Set(['b'])])
      one.loses(address)

      await machines.hangUp(200)
      assert.equal(machines.agents.releasedAgain, 0)
      await until('every CDR is written', () => machines.cdrs('b').length === 200)
      assert.equal(new Set(machines.cdrs('b').map(({ id }) => id)).size, 200)
      assert.deepEqual(machines.cdrs('a'), [])
    }),
  )
})
