import { createSocket } from 'node:dgram'
import { access, constants, mkdir } from 'node:fs/promises'
import { createServer, isIP } from 'node:net'
import { defined } from '../../base/defined.ts'
import { ConfigError, loadSettings, type Settings } from '../../config/index.ts'
import { Routing } from '../../routes/index.ts'
import {
  certificateExpiries,
  checkCertificates,
  checkGateways,
  checkSettings,
  checkTables,
  type CheckFinding,
} from '../checkup/index.ts'
import { openStore } from '../open-store.ts'
import { urlOf } from './api-client.ts'

type Check = (settings: Settings) => Promise<CheckFinding[]>

/** Checks all that Baton needs to run on this machine. Later checks need the settings, which come first. */
export async function machineCheckup(env: Record<string, string | undefined>): Promise<CheckFinding[]> {
  const { findings, settings } = readSettings(env)
  const machine = [checkNode(), ...findings]
  if (!settings) return machine

  const checks: Check[] = [
    checkDataFolder,
    checkPorts,
    checkTls,
    ({ trunks }) => checkGateways(trunks),
    (one) => Promise.resolve(checkSettings(one)),
    checkProjects,
  ]
  const found: CheckFinding[] = []
  for (const check of checks) found.push(...(await check(settings)))

  return [...machine, ...found]
}

function checkNode(): CheckFinding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const good = major > 20 || (major === 20 && minor >= 19)

  return {
    check: 'node',
    state: good ? 'ok' : 'failed',
    detail: process.versions.node,
    ...defined({ hint: good ? undefined : 'Install Node 20.19 or newer.' }),
  }
}

function readSettings(env: Record<string, string | undefined>): { findings: CheckFinding[]; settings?: Settings } {
  const detail = env.BATON_CONFIG ? `defaults, ${env.BATON_CONFIG} and the environment` : 'defaults and the environment'
  try {
    return { settings: loadSettings({ env }), findings: [{ check: 'settings', state: 'ok', detail }] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error

    return {
      findings: error.problems.map(({ setting, problem, hint }) => ({
        check: 'settings',
        state: 'failed',
        detail: `${setting}: ${problem}`,
        hint,
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
        hint: 'Give DATA_DIR a folder that can be written.',
      },
    ]
  }
}

async function checkTls({ sip: { tls } }: Settings): Promise<CheckFinding[]> {
  try {
    return checkCertificates(
      await certificateExpiries((tls?.certificates ?? []).map(({ certificate }) => certificate)),
      Date.now(),
    )
  } catch (error) {
    return [{ check: 'certificate', state: 'failed', detail: String(error), hint: 'Correct SIP_TLS_CERTIFICATES.' }]
  }
}

/** The ports are free, or a running Baton uses them. */
async function checkPorts({ http, metrics, sip }: Settings): Promise<CheckFinding[]> {
  if (await isBaton(urlOf(http.address, http.port))) {
    return [{ check: 'ports', state: 'ok', detail: `a Baton is running at ${urlOf(http.address, http.port)}` }]
  }

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

/** There are projects, and calls can be routed. */
async function checkProjects(settings: Settings): Promise<CheckFinding[]> {
  const files = await Promise.all(settings.projects.map(checkProjectFile))
  const check = settings.redisUrl === undefined ? 'routing tables' : 'routing tables in Redis'
  const hint = settings.redisUrl === undefined ? 'Look at DATA_DIR.' : 'Start Redis, or correct REDIS_URL.'
  const opened = await openRouting(settings)
  if (typeof opened === 'string') return [...files.flat(), { check, state: 'failed', detail: opened, hint }]

  const { problems, store } = opened.health()
  const projects = opened.projects()
  const found = checkTables(opened, settings.trunks)
  await opened.close()
  if (problems.length > 0) {
    return [...files.flat(), ...problems.map((detail): CheckFinding => ({ check, state: 'failed', detail, hint }))]
  }
  // The first start imports the projects of PROJECTS.
  if (projects.length === 0) return [...files.flat(), ...(settings.projects.length === 0 ? found : [])]

  return [...files.flat(), { check, state: 'ok', detail: `${projects.length} projects in ${store}` }, ...found]
}

async function openRouting(settings: Settings): Promise<Routing | string> {
  const quiet = () => undefined
  const log = { info: quiet, warn: quiet, error: quiet }
  try {
    return await Routing.open({ store: await openStore(settings, log), log })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function checkProjectFile(file: string): Promise<CheckFinding[]> {
  try {
    await access(file, constants.R_OK)

    return []
  } catch {
    return [{ check: 'projects', state: 'failed', detail: `${file} cannot be read`, hint: 'Correct PROJECTS.' }]
  }
}
