import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'
import { cdrsIn } from './restarted-site.ts'

const dialled = '+14155550175'
const perSecond = 100

type Name = 'a' | 'b'
const names: readonly Name[] = ['a', 'b']

/** Two Batons with one Redis, each with a folder and a SIP address of its own. */
class TwoBatons {
  readonly #redis: RedisServer
  readonly #drain: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'baton-rolling-'))
  readonly #ports: Readonly<Record<Name, number>>
  readonly #batons = new Map<Name, Baton>()
  /** Those that a balancer gives new calls to. */
  readonly #serving = new Set<Name>(names)
  #next = 0

  static async open(drain: string): Promise<TwoBatons> {
    const ports = { a: await freePort(), b: await freePort() }
    const two = new TwoBatons(await RedisServer.start(), drain, ports)
    for (const name of names) await two.start(name)

    return two
  }

  private constructor(redis: RedisServer, drain: string, ports: Readonly<Record<Name, number>>) {
    this.#redis = redis
    this.#drain = drain
    this.#ports = ports
  }

  async start(name: Name): Promise<Baton> {
    const stack = stacks.find((each) => each.name === 'embedded')
    assert.ok(stack)
    const baton = await Baton.start({
      stack,
      env: {
        NODE_NAME: name,
        DATA_DIR: join(this.#folder, name),
        REDIS_URL: this.#redis.url,
        SIP_LISTEN: `udp:127.0.0.1:${this.#ports[name]}`,
        DRAIN: this.#drain,
        DRAIN_DEADLINE: '20',
      },
    })
    this.#batons.set(name, baton)

    return baton
  }

  get batons(): Baton[] {
    return [...this.#batons.values()]
  }

  /** The address of the Baton that the next call goes to, in turn. */
  target(): string {
    const serving = [...this.#serving]
    const name = serving[this.#next++ % serving.length] ?? 'a'

    return `127.0.0.1:${this.#ports[name]}`
  }

  /** SIGTERM, and a Baton in its place once that has ended. Without a handover, the balancer learns that it drains. */
  async restart(name: Name): Promise<Baton> {
    const baton = this.#batons.get(name)
    assert.ok(baton)
    const ended = baton.terminate()
    if (this.#drain === 'finish') {
      await until('it drains', async () => (await baton.request('GET', '/readyz')).status !== 200)
      this.#serving.delete(name)
    }
    assert.equal(await ended, 0)
    const next = await this.start(name)
    this.#serving.add(name)

    return next
  }

  get cdrs(): CallView[] {
    return names.flatMap((name) => cdrsIn(join(this.#folder, name, 'cdr')))
  }

  async close(): Promise<void> {
    for (const baton of this.batons) await baton.stop()
    await this.#redis.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

describe('A rolling restart of two Batons under a hundred calls a second', function () {
  this.timeout(120_000)
  needs('redis-server')

  // The longest call; others take from half of it.
  for (const [drain, holdMs] of [
    ['handover', 3000],
    ['finish', 2000],
  ] as const) {
    it(`ends no established call (DRAIN=${drain})`, async () => {
      const two = await TwoBatons.open(drain)
      const [callers, agents] = [await Crowd.open(), await Crowd.open()]
      try {
        await two.batons[0]?.project({
          project: 'rolling',
          table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: agents.uri }] },
          environments: { sandbox: { numbers: [dialled], agents: [agents.uri] } },
        })
        await until('both have the project', async () => {
          const samples = await Promise.all(two.batons.map((baton) => baton.metrics()))

          return samples.every((each) => each.has('baton_route_version{environment="sandbox",project="rolling"}'))
        })
        const stopping = new AbortController()
        const how = { perSecond, holdMs, stop: stopping.signal }
        const stream = callers.stream([dialled], () => two.target(), how)
        const more = (count: number): Promise<unknown> => {
          const then = callers.answered.size

          return until(`${count} more calls are answered`, () => callers.answered.size >= then + count)
        }
        await more(2 * perSecond)
        for (const name of names) {
          const next = await two.restart(name)
          if (drain === 'handover') {
            const { recovered } = await next.logged('calls of the process before taken up')
            assert.ok(Number(recovered) > perSecond / 2, `${String(recovered)} calls were taken up`)
          }
          await more(2 * perSecond)
        }
        stopping.abort()
        const begun = await stream

        // What the parties saw: a call that was answered had its end from its caller alone.
        assert.deepEqual([...callers.released], [])
        assert.deepEqual(new Set(callers.byeStatuses.values()), new Set([200]))
        assert.equal(callers.byeStatuses.size, callers.answered.size)
        assert.deepEqual(
          [...callers.refused.values()].filter((status) => status !== 503),
          [],
        )
        assert.equal(callers.answered.size + callers.refused.size, begun)
        assert.ok(callers.refused.size < begun / 4, `${callers.refused.size} of ${begun} calls were refused`)
        await until('every agent is released', () => agents.released.size === agents.answered.size)
        // What Baton says of it.
        await until('every CDR is written', () => two.cdrs.length >= begun)
        const ended = two.cdrs.map(({ result, reason }) => `${result ?? ''} ${reason ?? ''}`)
        assert.equal(ended.filter((each) => each === 'answered hangup').length, callers.answered.size)
        const others = new Set(ended.filter((each) => each !== 'answered hangup'))
        assert.deepEqual(
          [...others].filter((each) => each !== 'failed lost_in_restart' && each !== 'rejected draining'),
          [],
        )
        assert.deepEqual([two.cdrs.length, new Set(two.cdrs.map(({ id }) => id)).size], [begun, begun])
        for (const baton of two.batons) {
          await baton.idle(['baton_calls_active', 'baton_engine_dialogs'])
          assert.equal(total(await baton.metrics(), 'baton_exceptions_total'), 0)
        }
      } finally {
        callers.close()
        agents.close()
        await two.close()
      }
    })
  }
})
