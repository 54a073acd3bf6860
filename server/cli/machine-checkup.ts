import { createSocket } from 'node:dgram'
import { access, constants, mkdir } from 'node:fs/promises'
import { createServer, isIP } from 'node:net'
import type { Logger } from 'winston'
import { ConfigError, loadSettings, type Settings } from '../../config/index.ts'
import { Routing } from '../../routes/index.ts'
import { checkProvider } from '../access/index.ts'
import { checkRuntime, checkup, type CheckFinding, type CheckedTarget } from '../checkup/index.ts'
import { openStore } from '../open-store.ts'
import { TwilioConnection } from '../twilio/index.ts'
import { urlOf } from './api-client.ts'
import { TimerWheel } from '../../engine/index.ts'
import { createProbeStack } from '../sip/create-stack.ts'
import type { SipUser } from '../sip/stack.ts'
import { TargetWatch } from '../targets/index.ts'

/** The findings about this machine, and whether the Baton of its settings runs. */
export interface MachineCheckup {
  findings: CheckFinding[]
  /** The URL of a Baton that runs here, which knows of the rest. */
  running?: string
}

/** Checks all that Baton needs to run on this machine; with none that runs, also what a Baton would say of itself. */
export async function machineCheckup(env: Record<string, string | undefined>): Promise<MachineCheckup> {
  const { findings, settings } = readSettings(env)
  if (!settings) return { findings: [...checkRuntime(process.versions, Date.now()), ...findings] }

  const url = urlOf(settings.http.address, settings.http.port)
  findings.push(...(await checkDataFolder(settings)))
  if (await isBaton(url)) {
    return {
      running: url,
      findings: [...findings, { check: 'ports', state: 'ok', detail: `a Baton is running at ${url}` }],
    }
  }
  findings.push(...(await checkPorts(settings)))
  const { problems, routing } = await checkProjects(settings)
  const { targets, problem } = await askedTargets(settings, routing)
  findings.push(...problems, ...problem, ...(await checkup({ settings, routing, targets })))
  findings.push(...(await checkTwilio(settings)), ...(await checkProvider(settings.http)))
  await routing?.close()

  return { findings }
}

/** The connection to Twilio, where credentials can be kept. A Redis that does not answer has a finding of its own. */
async function checkTwilio(settings: Settings): Promise<CheckFinding[]> {
  if (settings.secretsKey === undefined) return []
  const twilio = await TwilioConnection.open(settings, quietLog).catch(() => undefined)
  const findings = (await twilio?.checks()) ?? []
  await twilio?.close()

  return findings
}

function readSettings(env: Record<string, string | undefined>): { findings: CheckFinding[]; settings?: Settings } {
  const detail = env.BATON_CONFIG ? `defaults, ${env.BATON_CONFIG} and the environment` : 'defaults and the environment'
  try {
    return { settings: loadSettings({ env }), findings: [{ check: 'settings', state: 'ok', detail }] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error

    return {
      findings: error.problems.map(({ setting, problem, hint }) => ({
        ...{ check: 'settings', state: 'failed', detail: `${setting}: ${problem}`, where: setting, hint },
      })),
    }
  }
}

async function checkDataFolder({ dataDir }: Settings): Promise<CheckFinding[]> {
  try {
    await mkdir(dataDir, { recursive: true })
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)

    return [{ check: 'data folder', state: 'ok', detail: dataDir }]
  } catch (error) {
    return [
      {
        check: 'data folder',
        state: 'failed',
        detail: `${dataDir}: ${(error as Error).message}`,
        where: 'DATA_DIR',
        hint: 'Give DATA_DIR a folder that can be written.',
      },
    ]
  }
}

/** The ports are free. */
async function checkPorts({ http, metrics, sip }: Settings): Promise<CheckFinding[]> {
  const listeners = [
    { setting: 'HTTP_LISTEN', transport: 'tcp' as const, ...http },
    { setting: 'METRICS_LISTEN', transport: 'tcp' as const, ...metrics },
    ...sip.listen.map((listener) => ({ setting: 'SIP_LISTEN', ...listener })),
  ]

  return Promise.all(
    listeners.map(async ({ setting, transport, address, port }) => {
      const place = `${transport}:${address}:${port}`
      const problem = await (transport === 'udp' ? tryUdp(address, port) : tryTcp(address, port))
      if (problem === undefined) return { check: 'ports', state: 'ok', detail: `${setting} ${place} is free` }

      return {
        check: 'ports',
        state: 'failed',
        detail: `${setting} ${place}: ${problem}`,
        where: setting,
        hint: `Stop what has it, or set ${setting} to another.`,
      }
    }),
  )
}

async function isBaton(url: string): Promise<boolean> {
  try {
    const answer = (await (await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2000) })).json()) as {
      checks?: unknown
    }

    return Array.isArray(answer.checks)
  } catch {
    return false
  }
}

const quiet = () => undefined
const quietLog = { info: quiet, warn: quiet, error: quiet }

function tryTcp(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

function tryUdp(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4')
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close()
      resolve(error.code ?? error.message)
    })
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(undefined)))
  })
}

/** The tables can be read. The caller closes the routing. */
async function checkProjects(settings: Settings): Promise<{ problems: CheckFinding[]; routing?: Routing }> {
  const files = (await Promise.all(settings.projects.map(checkProjectFile))).flat()
  const isRedis = settings.redisUrl !== undefined
  const failed = (detail: string): CheckFinding => ({
    ...{ check: isRedis ? 'routing tables in Redis' : 'routing tables', state: 'failed', detail },
    ...{ where: isRedis ? 'REDIS_URL' : 'DATA_DIR' },
    hint: isRedis ? 'Start Redis, or correct REDIS_URL.' : 'Look at DATA_DIR.',
  })
  const opened = await openRouting(settings)
  if (typeof opened === 'string') return { problems: [...files, failed(opened)] }

  const problems = [...files, ...opened.health().problems.map(failed)]
  // The first start imports the projects of PROJECTS.
  const isFirst = opened.projects().length === 0 && settings.projects.length > 0
  if (!isFirst && opened.health().problems.length === 0) return { problems, routing: opened }
  await opened.close()

  return { problems }
}

async function openRouting(settings: Settings): Promise<Routing | string> {
  try {
    return await Routing.open({ store: await openStore(settings, quietLog), log: quietLog })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function checkProjectFile(file: string): Promise<CheckFinding[]> {
  try {
    await access(file, constants.R_OK)

    return []
  } catch {
    return [
      { check: 'projects', state: 'failed', detail: `${file} cannot be read`, where: 'PROJECTS', hint: 'Correct it.' },
    ]
  }
}

const noop = (): void => undefined

/** Refuses whatever is sent to the ports of a check-up, which live for seconds. */
const refusing: SipUser = {
  invite: (invite) => {
    invite.reject(503)
  },
  request: (request) => {
    request.respond(503)
  },
  message: noop,
  connected: noop,
}

const noTables = {
  projects: () => [],
  running: () => [],
  on: () => noTables,
  off: () => noTables,
} as unknown as Routing

/** Asks every target of the settings and of the running releases once by OPTIONS, without a Baton that runs. */
async function askedTargets(
  settings: Settings,
  routing: Routing | undefined,
): Promise<{ targets: readonly CheckedTarget[]; problem: CheckFinding[] }> {
  const clock = new TimerWheel()
  // The findings have all that the stack would log.
  const log = { error: noop, warn: noop, info: noop, debug: noop } as unknown as Logger
  const stack = createProbeStack(settings, log)
  const watch = new TargetWatch({
    ...{ trunks: settings.trunks, stack, clock },
    routing: routing ?? noTables,
    // Each is asked once, here, and not at an interval.
    probeInterval: 0,
  })
  try {
    await stack.start(refusing)
    watch.start()
    await watch.probeAll()

    return { targets: watch.list(), problem: [] }
  } catch (error) {
    const detail = `cannot ask agents, gateways and handoffs: ${(error as Error).message}`
    const hint = 'Correct what the other findings say of SIP_LISTEN and its certificates.'

    return { targets: [], problem: [{ check: 'sip', state: 'failed', detail, where: 'SIP_LISTEN', hint }] }
  } finally {
    watch.close()
    await stack.close()
    clock.clear()
  }
}
