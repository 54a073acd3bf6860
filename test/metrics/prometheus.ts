import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { programPath } from '../harness/needs.ts'

export interface Sample {
  labels: Readonly<Record<string, string>>
  value: number
}

export interface PrometheusOptions {
  /** `host:port` of what is scraped each second, as job `baton`. */
  target: string
}

/** A real Prometheus on a free port, with a folder of its own. */
export async function startPrometheus({ target }: PrometheusOptions): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-prometheus-'))
  const config = join(folder, 'prometheus.yaml')
  const scrape = { job_name: 'baton', static_configs: [{ targets: [target] }] }
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [scrape] }))
  const child = spawn(
    programPath('prometheus') ?? 'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--log.format=json',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  try {
    return new Prometheus(`http://${await addressOf(child)}`, child, folder)
  } catch (error) {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

export class Prometheus {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: string

  constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url
    this.#child = child
    this.#folder = folder
  }

  /** The instant vector (or scalar) that an expression has now. Values that are no numbers are left out, as Grafana does. */
  async query(expression: string): Promise<Sample[]> {
    const response = await fetch(`${this.url}/api/v1/query?${new URLSearchParams({ query: expression }).toString()}`)
    const { status, data, error } = (await response.json()) as QueryAnswer
    if (status !== 'success' || !data) throw new Error(`${expression}: ${error ?? `HTTP ${response.status}`}`)
    const samples =
      data.resultType === 'scalar' ? [{ metric: {}, value: data.result as [number, string] }] : (data.result as Vector)

    return samples
      .map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }))
      .filter(({ value }) => !Number.isNaN(value))
  }

  /** The first answer that satisfies `enough`, asked for again and again; the last one when `seconds` have passed. */
  async until(expression: string, enough: (samples: Sample[]) => boolean, seconds = 15): Promise<Sample[]> {
    const deadline = performance.now() + seconds * 1000
    for (;;) {
      const samples = await this.query(expression)
      if (enough(samples) || performance.now() > deadline) return samples
      await delay(100)
    }
  }

  /** The only value that an expression has, once it is `expected` or `seconds` have passed. */
  async value(expression: string, expected: number, seconds?: number): Promise<number | undefined> {
    const samples = await this.until(expression, ([first]) => first?.value === expected, seconds)

    return samples[0]?.value
  }

  /** Resolves when `count` more scrapes have been stored. */
  async scrapes(count: number): Promise<void> {
    const scraped = 'count_over_time(up{job="baton"}[1h])'
    const before = (await this.query(scraped))[0]?.value ?? 0
    const after = await this.until(scraped, ([first]) => (first?.value ?? 0) >= before + count, count * 2 + 30)
    if ((after[0]?.value ?? 0) < before + count) throw new Error('Prometheus does not scrape')
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill()
      await once(this.#child, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

type Vector = { metric: Record<string, string>; value: [number, string] }[]

interface QueryAnswer {
  status: string
  error?: string
  data?: { resultType: string; result: Vector | [number, string] }
}

/** Its log names the port that it was given, and says when it answers there; either may come first. */
async function addressOf(child: ChildProcess): Promise<string> {
  const printed: string[] = []
  let listeningOn = ''
  let isReady = false
  for await (const line of createInterface({ input: child.stderr! })) {
    printed.push(line)
    const { msg = '', address = '' } = JSON.parse(line.startsWith('{') ? line : '{}') as Record<string, string>
    if (msg === 'Listening on') listeningOn = address
    if (msg.startsWith('Server is ready')) isReady = true
    if (isReady && listeningOn) {
      child.stderr!.resume()

      return listeningOn
    }
  }
  throw new Error(`Prometheus did not start:\n${printed.join('\n')}`)
}
