import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Crowd } from '../harness/crowd.ts'
import { parseMetrics, total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'
import { OlderCall, olderJournals } from './older-call.ts'
import { cdrsIn, dialled, projectOf } from './restarted-site.ts'

const page = readFileSync('docs/operations.md', 'utf8')

/** The blocks of commands below a heading of the page. */
function commandsOf(heading: string): string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? ''

  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text = '']) => text)
}

/** A machine on which an operator runs the page's commands: a folder with Baton in it, and settings in the environment. */
class Operator {
  readonly folder = mkdtempSync(join(tmpdir(), 'baton-operator-'))
  readonly dataDir = join(this.folder, 'data')
  readonly sip: string
  readonly #env: Record<string, string>
  readonly #groups: number[] = []

  /** @param sip `address:port` of its listener; a free port when left out */
  static async open(env: Record<string, string> = {}, sip = ''): Promise<Operator> {
    const address = sip === '' ? `127.0.0.1:${await freePort()}` : sip
    const [http, metrics] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]

    return new Operator(address, { HTTP_LISTEN: http, METRICS_LISTEN: metrics, ...env })
  }

  private constructor(sip: string, env: Record<string, string>) {
    this.sip = sip
    const bin = join(this.folder, 'node_modules', '.bin')
    mkdirSync(bin, { recursive: true })
    symlinkSync(resolve('bin/baton.mjs'), join(bin, 'baton'))
    const config = join(this.folder, 'baton.yaml')
    writeFileSync(
      config,
      JSON.stringify({ sip_t1: 200, overload_lag: 0, trunks: [{ name: 'local', peers: ['127.0.0.0/8'] }] }),
    )
    this.#env = {
      BATON_CONFIG: config,
      DATA_DIR: this.dataDir,
      SIP_LISTEN: `udp:${sip}`,
      DRAIN: 'handover',
      DRACHTIO_HOST: '',
      npm_config_offline: 'true',
      ...env,
    }
  }

  /** Runs a block of commands. Resolves with what they print; rejects when the last one fails. What they leave running is ended at `close`. */
  async run(commands: string): Promise<string> {
    const child = spawn('sh', ['-c', commands], {
      cwd: this.folder,
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    if (child.pid !== undefined) this.#groups.push(child.pid)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    }
    const [code] = (await once(child, 'close')) as [number | null]
    assert.equal(code, 0, `${commands}\n${said}\n${this.log}`)

    return said
  }

  /** The blocks below a heading, one after the other; what they print. */
  async follow(heading: string): Promise<string> {
    let said = ''
    const blocks = commandsOf(heading)
    assert.ok(blocks.length > 0, `${heading} has no commands`)
    for (const block of blocks) said += await this.run(block)

    return said
  }

  /** So many calls, at a Baton that serves and has the project. */
  async call(callers: Crowd, agents: Crowd, count: number): Promise<void> {
    await this.#api('PUT', '', projectOf(agents))
    await this.#api('POST', '/versions', { message: 'for a test' })
    await this.#api('POST', '/environments/sandbox/promote', { version: 1, message: 'for a test' })
    await callers.call(count, dialled, this.sip)
    await until('all calls are up', async () => (await this.active()) === count)
  }

  active(): Promise<number> {
    return this.total('baton_calls_active')
  }

  /** The sum of a metric. */
  async total(metric: string): Promise<number> {
    return total(parseMetrics(await (await fetch(`http://${this.#env.METRICS_LISTEN ?? ''}/metrics`)).text()), metric)
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`http://${this.#env.HTTP_LISTEN ?? ''}${path}`)

    return (await response.json()) as T
  }

  /** The process that serves. */
  get pid(): number {
    return (JSON.parse(readFileSync(join(this.dataDir, 'calls', 'lock'), 'utf8')) as { pid: number }).pid
  }

  get log(): string {
    try {
      return readFileSync(join(this.folder, 'baton.log'), 'utf8')
    } catch {
      return ''
    }
  }

  async kill(): Promise<void> {
    const { pid } = this
    process.kill(pid, 'SIGKILL')
    await until('it has ended', () => !isAlive(pid))
  }

  async close(): Promise<void> {
    for (const group of this.#groups) {
      try {
        process.kill(-group, 'SIGKILL')
      } catch {
        // All of it has ended.
      }
    }
    await until('all has ended', () => this.#groups.every((group) => !isAlive(-group)))
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #api(method: string, path: string, body: object): Promise<void> {
    const response = await fetch(`http://${this.#env.HTTP_LISTEN ?? ''}/v1/projects/recovered${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.ok(response.ok, await response.text())
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)

    return true
  } catch {
    return false
  }
}

describe('The commands of docs/operations.md', function () {
  this.timeout(120_000)
  needs('curl', 'redis-server', 'redis-cli')
  let open: { close(): void | Promise<void> }[]
  let callers: Crowd
  let agents: Crowd
  const [start = ''] = commandsOf('A crash')

  beforeEach(async () => {
    callers = await Crowd.open()
    agents = await Crowd.open()
    open = [callers, agents]
  })

  afterEach(async () => {
    for (const each of open.reverse()) await each.close()
  })

  const operator = async (env?: Record<string, string>, sip?: string): Promise<Operator> => {
    const one = await Operator.open(env, sip)
    open.push(one)

    return one
  }

  const serving = async (one: Operator): Promise<void> => {
    await one.run(start)
    await until('it is ready', async () => (await one.get<{ status: string }>('/readyz')).status === 'ok', 40)
  }

  /** Each BYE gets 200, each agent is released, and there is a CDR of each call. */
  const endAll = async (one: Operator, count: number): Promise<void> => {
    const statuses = await callers.hangUp()
    assert.deepEqual([new Set(statuses.values()), statuses.size], [new Set([200]), count])
    await until('every agent is released', () => agents.released.size === count)
    await until('every CDR is written', () => cdrsIn(join(one.dataDir, 'cdr')).length === count)
  }

  it('are all run here', () => {
    const headings = ['A crash', 'A restart', 'An upgrade', 'Another machine', 'Backup']
    const run = headings.flatMap((heading) => commandsOf(heading)).length
    assert.equal(run, page.split('\n```sh\n').length - 1)
  })

  it('after a crash start Baton again, which says how many calls it has taken up', async () => {
    const one = await operator()
    await serving(one)
    await one.call(callers, agents, 10)
    await one.kill()
    const said = await one.follow('A crash')
    assert.match(said, /^\{"status":"ok"/)
    assert.match(said, /baton_calls_active\{.*\} 10$/m)
    assert.match(said, /^baton_calls_recovered_total\{result="recovered"\} 10$/m)
    await endAll(one, 10)
  })

  it('restart Baton, and the calls go on', async () => {
    const one = await operator()
    await serving(one)
    await one.call(callers, agents, 10)
    const { pid } = one
    assert.match(await one.follow('A restart'), /^\{"status":"ok"/)
    assert.notEqual(one.pid, pid)
    assert.equal(await one.active(), 10)
    await endAll(one, 10)
  })

  for (const journal of olderJournals) {
    it(`upgrade from the release that left ${journal}, whose call goes on`, async () => {
      const one = await operator()
      const [stop = '', startNew = '', ...more] = commandsOf('An upgrade')
      assert.deepEqual(more, [])
      await serving(one)
      await one.run(stop)
      for (const name of readdirSync(join(one.dataDir, 'calls'))) rmSync(join(one.dataDir, 'calls', name))
      const call = await OlderCall.open(journal, one.dataDir, Number(one.sip.split(':')[1]))
      open.push(call)
      const [said] = await Promise.all([one.run(startNew), call.end()])
      assert.equal(said, '')
      await until('both CDRs are written', () => cdrsIn(join(one.dataDir, 'cdr')).length === 2)
    })
  }

  it('have a standby take over the calls of another machine', async () => {
    const redis = await RedisServer.start()
    open.unshift({ close: () => redis.stop() })
    const a = await operator({ REDIS_URL: redis.url, NODE_NAME: 'a' })
    await serving(a)
    await a.call(callers, agents, 10)
    const b = await operator({ REDIS_URL: redis.url, NODE_NAME: 'b' }, a.sip)
    const said = await b.follow('Another machine')
    assert.match(said, /standing by with calls of a, \d+ calls in memory/)
    assert.match(said, /^a loses the lease of .*\. It closes its SIP sockets\.\nb has it now\.\n\{"status":"ok"/m)
    assert.equal(await b.active(), 10)
    await endAll(b, 10)
    assert.deepEqual(cdrsIn(join(a.dataDir, 'cdr')), [])
  })

  it('back a Baton up, and restore it elsewhere with all but the calls that were up', async () => {
    const [redis, otherRedis] = [await RedisServer.start(), await RedisServer.start()]
    open.unshift({ close: () => redis.stop() }, { close: () => otherRedis.stop() })
    await otherRedis.kill()
    const one = await operator({ REDIS_URL: redis.url, NODE_NAME: 'a' })
    const [save = '', restore = '', startAgain = '', ...more] = commandsOf('Backup')
    assert.deepEqual(more, [])
    await serving(one)
    await one.call(callers, agents, 5)
    await endAll(one, 5)
    await until('the history has the calls', async () => (await one.total('baton_history_calls')) === 5)
    await callers.call(3, dialled, one.sip)
    await until('Redis has the calls', async () => (await redis.ask('HLEN', `baton:lease:{${one.sip}}:calls`)) === 3)
    await one.run(save)
    await one.kill()
    await redis.kill()

    const env = { REDIS_URL: otherRedis.url, REDIS_DIR: otherRedis.dir, NODE_NAME: 'a' }
    const other = await operator(env, one.sip)
    await other.run(`cp ${join(one.folder, 'baton-*')} .`)
    await other.run(restore)
    await otherRedis.start()
    assert.match(await other.run(startAgain), /\{"status":"ok"/)
    assert.equal(await other.active(), 0)
    assert.equal(agents.released.size, 5)
    const { projects } = await other.get<{ projects: { project: string }[] }>('/v1/projects')
    assert.deepEqual(
      projects.map(({ project }) => project),
      ['recovered'],
    )
    await until('the calls that had ended are found', async () => {
      const { calls } = await other.get<{ calls: { reason?: string }[] }>('/v1/calls?state=ended')
      assert.deepEqual(
        calls.map(({ reason }) => reason),
        Array.from({ length: 5 }, () => 'hangup'),
      )
    })
    await callers.call(1, dialled, other.sip)
    assert.equal(callers.refused.size, 0)
  })
})
