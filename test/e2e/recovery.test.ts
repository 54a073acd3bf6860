import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { total } from '../harness/metrics.ts'
import { freePort } from '../harness/ports.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const dialled = '+14155550177'

const projectOf = (agents: Crowd) => ({
  project: 'recovered',
  table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: agents.uri }] },
  environments: { sandbox: { numbers: [dialled], agents: [agents.uri] } },
})

/** The Batons of one site, one after the other: the same folder, the same addresses. */
class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'baton-recovered-'))
  readonly callers: Crowd
  readonly agents: Crowd
  readonly #env: Record<string, string>
  readonly #open = new Set<Baton>()

  private constructor(callers: Crowd, agents: Crowd, env: Record<string, string>) {
    this.callers = callers
    this.agents = agents
    this.#env = env
  }

  static async open(env: Record<string, string> = {}): Promise<Site> {
    const port = await freePort()

    return new Site(await Crowd.open(), await Crowd.open(), { SIP_LISTEN: `udp:127.0.0.1:${port}`, ...env })
  }

  async start(): Promise<Baton> {
    const stack = stacks.find(({ name }) => name === 'embedded')
    assert.ok(stack)
    const baton = await Baton.start({ stack, env: { DATA_DIR: this.folder, ...this.#env } })
    this.#open.add(baton)

    return baton
  }

  /** A Baton with so many calls, each from a caller to an agent. */
  async withCalls(count: number): Promise<Baton> {
    const baton = await this.start()
    await baton.project(projectOf(this.agents))
    await this.callers.call(count, dialled, baton.sip())
    await until('all calls are up', async () => total(await baton.metrics(), 'baton_calls_active') === count)

    return baton
  }

  get cdrs(): CallView[] {
    const folder = join(this.folder, 'cdr')

    return readdirSync(folder).flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as CallView),
    )
  }

  async close(): Promise<void> {
    for (const baton of this.#open) await baton.stop()
    this.callers.close()
    this.agents.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

describe('Calls that outlive their process', function () {
  this.timeout(120_000)
  let site: Site

  afterEach(() => site.close())

  for (const count of [200, 1000]) {
    it(`${count} calls go on after kill -9: each BYE gets 200, each agent is released, each CDR is written`, async () => {
      site = await Site.open()
      const before = await site.withCalls(count)
      await before.kill()
      const after = await site.start()
      const taken = await after.logged('calls of the process before taken up')
      assert.equal(taken.recovered, count)
      const metrics = await after.metrics()
      assert.equal(total(metrics, 'baton_calls_active'), count)
      assert.equal(metrics.get('baton_calls_recovered_total{result="recovered"}'), count)
      const { calls } = await after.api<{ calls: CallView[] }>('GET', '/v1/calls?limit=1')
      assert.ok(calls[0]?.recoveredAt)

      const statuses = await site.callers.hangUp()
      assert.deepEqual(new Set(statuses.values()), new Set([200]))
      assert.equal(statuses.size, count)
      await after.idle(['baton_calls_active'], 20)
      await until('every agent is released', () => site.agents.released.size === count)
      await until('every CDR is written', () => site.cdrs.length === count)
      assert.deepEqual(new Set(site.cdrs.map(({ reason }) => reason)), new Set(['hangup']))
      assert.equal(new Set(site.cdrs.map(({ id }) => id)).size, count)
    })
  }
})
