import assert from 'node:assert/strict'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

import type { CallView, LadderView } from '../../server/legs/views.ts'
import { EventFeed } from './event-feed.ts'
import type { Machine } from './machines.ts'
import { parseMetrics, total, type Samples } from './metrics.ts'
import type { Ground, Stack } from './stacks.ts'
import { until } from './until.ts'

export interface BatonOptions {
  stack: Stack
  /** What goes into its YAML file, beside the trunk that `trunks` has. */
  file?: Record<string, unknown>
  env?: Record<string, string>
  /** Whether it stands by first (`baton standby`). */
  standsBy?: boolean
  /** The machine that it runs on; this one, where none is named. */
  machine?: Machine
  /** Open sockets that it gets as from systemd (sd_listen_fds(3)). */
  sockets?: readonly number[]
}

export interface LogEntry {
  level: string
  message: string
  [field: string]: unknown
}

/** Of callers on the loopback, one that forgets at once who refused REFER: each story starts afresh. */
const trunks = [{ name: 'local', peers: ['127.0.0.0/8'], refer_memory: 0 }]

/** Longer than a busy machine keeps a program waiting, so that little is repeated; what a time-out is for takes 64 T1. */
const t1 = 200
const timers = { sip_t1: t1, sip_t2: 1000, sip_t4: 800 }

/** A real Baton in a process of its own, on free ports and in a folder of its own. */
export class Baton {
  readonly log: LogEntry[] = []
  readonly dataDir: string
  readonly stack: Stack
  readonly #child: ChildProcess
  readonly #env: Record<string, string | undefined>
  readonly #folder: string
  readonly #ground: Ground
  readonly #token: string | undefined
  #addresses: { sip: string[]; http: string; metrics: string } = { sip: [], http: '', metrics: '' }
  #events: EventFeed | undefined
  #stderr = ''
  #serving: Promise<void> | undefined

  /** Resolves when it serves; rejects with what it printed when it does not start. */
  static async start(options: BatonOptions): Promise<Baton> {
    const ground = await options.stack.open()
    const baton = new Baton(options, ground)
    try {
      await baton.#ready()
      baton.#events = await EventFeed.open(baton.http, options.env?.ADMIN_TOKEN)
    } catch (error) {
      await baton.stop()
      throw error
    }

    return baton
  }

  /** A Baton that stands by for another one. `served` resolves once it has taken that one's calls over. */
  static async standby(options: BatonOptions): Promise<Baton> {
    const baton = new Baton({ ...options, standsBy: true }, await options.stack.open())
    baton.#serving = baton.#ready().then(async () => {
      baton.#events = await EventFeed.open(baton.http, options.env?.ADMIN_TOKEN)
    })
    // A test that fails before it has asked for it does not end the process.
    baton.#serving.catch(() => undefined)

    return baton
  }

  private constructor(options: BatonOptions, ground: Ground) {
    const { stack, file = {}, env = {}, standsBy = false, machine, sockets = [] } = options
    this.stack = stack
    this.#ground = ground
    this.#token = env.ADMIN_TOKEN
    this.#folder = mkdtempSync(join(tmpdir(), 'baton-e2e-'))
    this.dataDir = join(this.#folder, 'data')
    const config = join(this.#folder, 'baton.yaml')
    // JSON is YAML. A busy machine is no overload. Parties get OPTIONS in the tests of probes only.
    writeFileSync(config, JSON.stringify({ ...timers, overload_lag: 0, probe_interval: 0, trunks, ...file }))
    this.#env = {
      ...process.env,
      BATON_CONFIG: config,
      DATA_DIR: this.dataDir,
      SIP_LISTEN: 'udp:127.0.0.1:0,tcp:127.0.0.1:0',
      HTTP_LISTEN: '127.0.0.1:0',
      METRICS_LISTEN: '127.0.0.1:0',
      LOG_FORMAT: 'json',
      ...ground.env,
      ...env,
    }
    const run = [process.execPath, ...(standsBy ? [...commandLine(), 'standby'] : program())]
    // The shell's process becomes Baton's.
    const passing = sockets.length === 0 ? [] : ['sh', '-c', 'LISTEN_PID=$$ exec "$0" "$@"']
    const [command = '', ...args] = [...(machine?.runs ?? []), ...passing, ...run]
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe', ...sockets],
      env: { ...this.#env, ...(sockets.length > 0 && { LISTEN_FDS: String(sockets.length) }) },
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
  }

  async served(): Promise<void> {
    await this.#serving
  }

  get http(): string {
    return this.#addresses.http
  }

  /** Where Prometheus scrapes it. */
  get metricsUrl(): string {
    return this.#addresses.metrics
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get events(): EventFeed {
    if (!this.#events) throw new Error('Baton has not started')

    return this.#events
  }

  /** `address:port` of a listener. */
  sip(transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss' = 'udp'): string {
    const listener = this.#addresses.sip.find((each) => each.startsWith(`${transport}:`))

    return listener?.slice(transport.length + 1) ?? ''
  }

  /** Calls the API; throws, with the problem details, on any status that is not 2xx. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.request(method, path, body)
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} → ${response.status} ${text}`)

    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  request(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.http}${path}`, {
      method,
      headers: {
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  /**
   * Stores a project, publishes its table and promotes that to all its environments. Returns the version.
   * @param force why it is promoted although handoffs of it cannot be called
   */
  async project(
    project: { project: string; environments: object } & Record<string, unknown>,
    { force }: { force?: string } = {},
  ): Promise<number> {
    const path = `/v1/projects/${project.project}`
    await this.api('PUT', path, project)
    const { version } = await this.api<{ version: number }>('POST', `${path}/versions`, { message: 'for a test' })
    for (const environment of Object.keys(project.environments)) {
      await this.api('POST', `${path}/environments/${environment}/promote`, {
        ...{ version, message: 'for a test', force },
      })
    }

    return version
  }

  /** Keeps an audio file with the draft of a project. */
  async audio(project: string, name: string, wav: Buffer): Promise<void> {
    const response = await fetch(`${this.http}/v1/projects/${project}/audio/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'audio/wav' },
      body: new Uint8Array(wav),
    })
    if (!response.ok) throw new Error(`PUT ${name}: ${response.status} ${await response.text()}`)
  }

  call(id: string): Promise<CallView> {
    return this.api('GET', `/v1/calls/${id}`)
  }

  ladder(id: string): Promise<LadderView> {
    return this.api('GET', `/v1/calls/${id}/ladder`)
  }

  /** Runs `npx baton` with this one's settings, and resolves with what it prints; rejects when it fails. */
  async command(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [...commandLine(), ...args], { env: this.#env })

    return stdout
  }

  /** As they are now: a busy process may answer with those of a moment ago, and says so by Age. */
  async metrics(without: readonly string[] = []): Promise<Samples> {
    return until('metrics of this moment', async () => {
      const response = await fetch(this.#addresses.metrics)
      const text = await response.text()

      return response.headers.get('age') === '0' && parseMetrics(text, without)
    })
  }

  /** Resolves when the named gauges are all zero: nothing is left. */
  async idle(gauges: readonly string[], seconds = 10): Promise<void> {
    const check = async (): Promise<void> => {
      const samples = await this.metrics()
      const left = gauges.map((gauge) => `${gauge} ${total(samples, gauge)}`).filter((text) => !text.endsWith(' 0'))
      assert.deepEqual(left, [])
    }
    await until('no gauge counts anything', check, seconds)
  }

  /** The first log entry with that message, logged or still to come. */
  async logged(message: string, seconds = 10): Promise<LogEntry> {
    return until(`"${message}" is logged`, () => this.log.find((entry) => entry.message === message) ?? false, seconds)
  }

  /** Asks it to stop, as an operator does. Resolves with its exit code when it has. */
  terminate(): Promise<number | null> {
    const exited = this.exited()
    this.#child.kill('SIGTERM')

    return exited
  }

  /** Resolves with its exit code when it has ended. */
  async exited(): Promise<number | null> {
    await once(this.#child, 'exit')

    return this.#child.exitCode
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  /** Its log is read no further. */
  stopReading(): void {
    this.#child.stdout?.pause()
  }

  /** SIGTERM, and SIGKILL when that does not end it in five seconds. Idempotent. */
  async stop(): Promise<void> {
    this.#events?.close()
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const killer = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
      this.#child.kill('SIGTERM')
      await once(this.#child, 'exit')
      clearTimeout(killer)
    }
    await this.#ground.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #ready(): Promise<void> {
    const { stdout } = this.#child
    if (!stdout) throw new Error('Baton has no standard output')
    const lines = createInterface({ input: stdout })
    await new Promise<void>((done, reject) => {
      lines.on('line', (line) => {
        const entry = parse(line)
        this.log.push(entry)
        if (entry.message !== 'ready') return
        this.#addresses = entry as unknown as { sip: string[]; http: string; metrics: string }
        done()
      })
      this.#child.once('exit', (code) => {
        const said = [this.#stderr, ...this.log.map((entry) => JSON.stringify(entry))].join('\n')
        reject(new Error(`Baton ended with ${code}:\n${said}`))
      })
    })
  }
}

/** `npm test` has just built it; by itself, a test file runs the source. */
function program(): string[] {
  return process.env.BATON_TEST_BUILT === '1' ? [resolve('dist/server/main.js')] : ['--import', 'tsx', 'server/main.ts']
}

/** `npx baton`. */
function commandLine(): string[] {
  return process.env.BATON_TEST_BUILT === '1'
    ? [resolve('dist/server/cli/main.js')]
    : ['--import', 'tsx', 'server/cli/main.ts']
}

function parse(line: string): LogEntry {
  try {
    return JSON.parse(line) as LogEntry
  } catch {
    return { level: 'none', message: line }
  }
}
