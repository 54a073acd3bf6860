import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Baton } from '../harness/baton.ts'
import { stacks } from '../harness/stacks.ts'
import { total } from '../harness/metrics.ts'
import { until } from '../harness/until.ts'

interface Report {
  placed: number
  answered: number
  latestMs: number
}

/** Calls that go on while something else happens, and what the worst of them had to wait for its answer. */
class SteadyCalls {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static async open(baton: Baton, number: string): Promise<[SteadyCalls, agentPort: number]> {
    const worker = new Worker(new URL('../harness/steady-caller.mjs', import.meta.url), {
      workerData: { number, baton: baton.sip() },
      execArgv: [],
    })
    const [{ agentPort }] = (await once(worker, 'message')) as [{ agentPort: number }]

    return [new SteadyCalls(worker), agentPort]
  }

  start(everyMs: number): void {
    this.#worker.postMessage({ everyMs })
  }

  /** Of the calls since the last report. */
  async report(everyMs?: number): Promise<Report> {
    const reported = once(this.#worker, 'message') as Promise<[Report]>
    this.#worker.postMessage({ report: true, everyMs })

    return (await reported)[0]
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** How much later than without an attack a call may be answered. */
const maxDelayMs = 100

describe('an attacker at the HTTP listeners, while calls go on', () => {
  let baton: Baton
  let calls: SteadyCalls
  const sockets: Socket[] = []

  before(async () => {
    baton = await Baton.start({ stack: stacks[0]! })
    const [opened, agentPort] = await SteadyCalls.open(baton, '+14155550100')
    calls = opened
    await baton.project({
      project: 'demo',
      environments: { live: { numbers: ['+14155550100'], agents: [`sip:agent@127.0.0.1:${agentPort}`] } },
      table: {
        handoffs: [{ name: 'front-desk', default: true, method: 'invite', route: 'sip:desk@127.0.0.1:9' }],
      },
    })
    // As many as the list of calls holds.
    calls.start(4)
    const calledOften = async (): Promise<boolean> => total(await baton.metrics(), 'baton_calls_total') >= 1000
    await until('1000 calls', calledOften, 60)
    await calls.report(20)
  })

  after(async () => {
    await calls.stop()
    await baton.stop()
  })

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })

  /** A client that writes and never reads. */
  function mute(url: string, text: string): Socket {
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.pause().write(text)
    sockets.push(socket)

    return socket
  }

  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  const many = (count: number, make: () => unknown) => Array.from({ length: count }, make)
  const memory = async () => total(await baton.metrics(), 'process_resident_memory_bytes')

  const attacks: Record<string, () => unknown> = {
    'pipelines the OpenAPI document': () => many(9, () => mute(baton.http, get('/docs/json').repeat(1500))),
    'pipelines it as YAML': () => many(9, () => mute(baton.http, get('/docs/yaml').repeat(1500))),
    'asks for all calls and does not read': () => many(60, () => mute(baton.http, get('/v1/calls?limit=1000'))),
    'asks for all calls again and again': () =>
      many(60, () => mute(baton.http, get('/v1/calls?limit=1000').repeat(15)).resume()),
    'pipelines the metrics': () => many(60, () => mute(baton.metricsUrl, get('/metrics').repeat(15))),
    'follows the events and does not read': () => many(90, () => mute(baton.http, get('/v1/events'))),
    'asks for all events that are kept': () =>
      many(90, () => mute(baton.http, get('/v1/events?lastEventId=0')).resume()),
    'stores brackets as YAML': () => many(5, () => put('['.repeat(250_000))),
    'stores braces as YAML': () => many(5, () => put('{'.repeat(250_000))),
    'stores the largest table': () => put(largest),
    'stores a list as YAML': () => many(5, () => put(`[${'a,'.repeat(120_000)}`)),
  }

  const largest = [
    'project: other\nenvironments: {}\ntable:\n  handoffs:',
    ...Array.from({ length: 1000 }, (_, n) => {
      const rest = `method: invite, route: "sip:desk-${n}@127.0.0.1", headers: { X-Caller: $caller_id, X-N: "${n}" }`

      return `    - { name: desk-${n}, default: ${n === 0}, ${rest} }`
    }),
  ].join('\n')

  function put(body: string): void {
    void fetch(`${baton.http}/v1/projects/other`, {
      method: 'PUT',
      headers: { 'content-type': 'application/yaml' },
      body,
    })
      .then((response) => response.body?.cancel())
      // Baton may stop before it has answered.
      .catch(() => undefined)
  }

  for (const [attack, begin] of Object.entries(attacks)) {
    it(`${attack}: no call is late by more than ${maxDelayMs} ms, and little memory is taken`, async function () {
      // A busy machine may delay a call, too; an attack delays one each time.
      this.retries(3)
      await calls.report(20)
      await delay(1000)
      const before = await calls.report(20)
      const memoryBefore = await memory()
      begin()
      await delay(2500)
      const during = await calls.report(20)
      const taken = (await memory()) - memoryBefore

      assert.ok(during.answered > before.answered + 60, `only ${during.answered - before.answered} calls were answered`)
      assert.ok(
        during.latestMs < before.latestMs + maxDelayMs,
        `a call was answered after ${during.latestMs} ms, ${before.latestMs} ms before the attack`,
      )
      assert.ok(taken < 150e6, `${Math.round(taken / 1e6)} MB were taken`)
    })
  }
})
