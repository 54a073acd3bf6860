/** Baton as a system under test: the built server, as a site runs it, with one project whose agent is SIPp. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

import { nodeBinary } from './nodes.ts'
import { freePort, listening, earlyEnd, start, type Started, stop } from './processes.ts'
import { running, type Running, type Subject } from './subjects.ts'

/** On the embedded engine: one process. */
export const embedded: Subject = embeddedWith({})

/** The same with settings of its own; undefined leaves one at its default. */
export function embeddedWith(settings: NodeJS.ProcessEnv): Subject {
  return { name: 'baton', start: (agent) => startBaton(agent, settings) }
}

/** The same on other versions of Node. @throws when npm cannot install one */
export function nodeSubjects(versions: readonly string[]): Subject[] {
  return versions.map((version) => {
    const binary = nodeBinary(version)

    return { name: `node ${version}`, start: (agent) => startBaton(agent, {}, binary) }
  })
}

/** What the records of calls cost: Baton without them and with them, on the disk, and in this Redis as well where there is one. */
export function recoverySubjects(redisUrl = ''): Subject[] {
  return [
    { ...embeddedWith({ RECOVERY: 'off', REDIS_URL: redisUrl }), name: 'baton-unkept' },
    embeddedWith({ RECOVERY: 'on', REDIS_URL: redisUrl }),
  ]
}

/** On drachtio-srf and our engine as a drachtio server: two processes, and what the protocol costs between them. */
export const drachtio: Subject = {
  name: 'baton-drachtio',
  async start(agent) {
    const [sip, admin] = [await freePort(), await freePort()]
    const engine = start(process.execPath, [
      ...[...profiling(), resolve('dist/server/cli/main.js'), 'engine', '--noconfig', '--secret', 'bench'],
      ...['--address', '127.0.0.1', '--port', String(admin), '--contact', `sip:127.0.0.1:${sip};transport=udp`],
    ])
    await listening(sip, () => earlyEnd('The engine', engine))
    const server = { DRACHTIO_HOST: '127.0.0.1', DRACHTIO_PORT: String(admin), DRACHTIO_SECRET: 'bench' }
    const baton = await startBaton(agent, server)

    return {
      port: baton.port,
      pids: [...baton.pids, engine.child.pid ?? 0],
      async stop() {
        await baton.stop()
        await stop(engine)
      },
    }
  },
}

async function startBaton(
  agent: number,
  settings: NodeJS.ProcessEnv,
  node: string = process.execPath,
): Promise<Running> {
  const data = mkdtempSync(join(tmpdir(), 'baton-bench-data-'))
  const baton = start(node, [youngGeneration, ...profiling(), resolve('dist/server/main.js')], {
    env: {
      NODE_ENV: 'production',
      LOG_FORMAT: 'json',
      SIP_LISTEN: 'udp:127.0.0.1:0',
      HTTP_LISTEN: '127.0.0.1:0',
      METRICS_LISTEN: '127.0.0.1:0',
      DATA_DIR: data,
      DRACHTIO_HOST: '',
      // How far it gets is what is measured, not how it refuses.
      OVERLOAD_LAG: '0',
      ...settings,
    },
  })
  const { sip, http } = await ready(baton)
  await connectNumber(http, agent)

  return running(portOf(sip), baton, data)
}

/** As in `npm start`, bin/baton.mjs and the container. */
const youngGeneration = '--max-semi-space-size=64'

/** BENCH_CPU_PROFILE=folder: V8 writes where the time went. */
function profiling(): string[] {
  const folder = process.env.BENCH_CPU_PROFILE

  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`]
}

interface Ready {
  sip: string
  http: string
}

/** Waits for the line in which Baton says where it listens. */
async function ready(baton: Started): Promise<Ready> {
  const { stdout } = baton.child
  if (stdout === null) throw new Error('Baton has no standard output.')
  const gaveUp = setTimeout(() => baton.child.kill(), 20_000)
  try {
    for await (const line of createInterface({ input: stdout })) {
      const entry = parse(line)
      if ((entry.msg ?? entry.message) !== 'ready') continue
      stdout.resume()

      return { sip: String(first(entry.sip)), http: String(first(entry.http)) }
    }
  } finally {
    clearTimeout(gaveUp)
  }
  throw new Error(earlyEnd('Baton', baton) ?? `Baton did not get ready:\n${baton.output()}`)
}

/** Gives the bench's number to a project whose only agent is SIPp. */
async function connectNumber(http: string, agent: number): Promise<void> {
  const base = http.includes('://') ? http : `http://${http}`
  const project = {
    project: 'bench',
    environments: { live: { numbers: ['+14155550100'], agents: [`sip:agent@127.0.0.1:${agent}`] } },
    table: {
      handoffs: [{ name: 'desk', description: 'Not called', default: true, route: 'sip:desk@127.0.0.1:9' }],
    },
  }
  await call('PUT', `${base}/v1/projects/bench`, project)
  await call('POST', `${base}/v1/projects/bench/versions`, { message: 'bench' })
  await call('POST', `${base}/v1/projects/bench/environments/live/promote`, { version: 1, message: 'bench' })
}

async function call(method: string, url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${method} ${url} → ${response.status} ${await response.text()}`)
}

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)
const portOf = (address: string) => Number(/:(\d+)$/.exec(address)?.[1])

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return {}
  }
}
