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

/** The number that callers of a site dial. */
export const dialled = '+14155550177'

/** A project whose agents, and whose only handoff, are this crowd. */
export const projectOf = (agents: Crowd) => ({
  project: 'recovered',
  table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: agents.uri }] },
  environments: { sandbox: { numbers: [dialled], agents: [agents.uri] } },
})

/** The Batons of one site, one after the other: the same folder, the same addresses. */
export class Site {
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

  async start(env: Record<string, string> = {}): Promise<Baton> {
    const stack = stacks.find(({ name }) => name === 'embedded')
    assert.ok(stack)
    const baton = await Baton.start({ stack, env: { DATA_DIR: this.folder, ...this.#env, ...env } })
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
    return cdrsIn(join(this.folder, 'cdr'))
  }

  /** All lines about calls that are up, the last ones among them. */
  get journal(): string {
    const folder = join(this.folder, 'calls')

    return readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
  }

  async close(): Promise<void> {
    for (const baton of this.#open) await baton.stop()
    this.callers.close()
    this.agents.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** All CDRs of a folder. */
export function cdrsIn(folder: string): CallView[] {
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as CallView),
  )
}
