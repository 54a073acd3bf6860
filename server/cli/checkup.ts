import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { access, constants, mkdir } from 'node:fs/promises'
import { createServer, isIP } from 'node:net'
import { ConfigError, loadSettings, type Settings } from '../../config/index.ts'
import { Routing, type ProjectView } from '../../routes/index.ts'
import { openStore } from '../open-store.ts'
import { urlOf } from './api-address.ts'

/** One thing that `doctor` looked at. */
export interface Finding {
  check: string
  state: 'ok' | 'warning' | 'failed'
  detail: string
  /** What to do. */
  hint?: string
}

type Check = (settings: Settings) => Promise<Finding[]>

/** Looks at everything that Baton needs to serve; what it needs in order to go on looking comes first. */
export async function checkup(env: Record<string, string | undefined>): Promise<Finding[]> {
  const { findings, settings } = checkSettings(env)
  const machine = [checkNode(), ...findings]
  if (!settings) return machine

  const checks: Check[] = [checkDataFolder, checkPorts, checkPeers, checkProjects]
  const found: Finding[] = []
  for (const check of checks) found.push(...(await check(settings)))

  return [...machine, ...found]
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const good = major > 20 || (major === 20 && minor >= 19)

  return {
    check: 'node',
    state: good ? 'ok' : 'failed',
    detail: process.versions.node,
    ...(!good && { hint: 'Install Node 20.19 or newer.' }),
  }
}

function checkSettings(env: Record<string, string | undefined>): { findings: Finding[]; settings?: Settings } {
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

async function checkDataFolder({ dataDir }: Settings): Promise<Finding[]> {
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

/** The ports are free, or it is a Baton that has them. */
async function checkPorts({ http, metrics, sip }: Settings): Promise<Finding[]> {
  if (await isBaton(urlOf(http.address, http.port)))
    return [{ check: 'ports', state: 'ok', detail: `a Baton is running at ${urlOf(http.address, http.port)}` }]

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

/** The gateways of the trunks have addresses. */
async function checkPeers({ trunks }: Settings): Promise<Finding[]> {
  const gateways = trunks.flatMap(({ name, gateways }) => gateways.map((uri) => ({ name, uri })))
  const found = await Promise.all(
    gateways.map(async ({ name, uri }): Promise<Finding> => {
      const check = `trunk ${name}`
      const host = hostOf(uri)
      try {
        const { address } = await lookup(host)

        return { check, state: 'ok', detail: `${uri} is at ${address}` }
      } catch {
        return {
          check,
          state: 'failed',
          detail: `${uri}: ${host} has no address`,
          hint: 'Correct the gateway in the file of BATON_CONFIG, or its DNS entry.',
        }
      }
    }),
  )

  return found.length > 0
    ? found
    : [{ check: 'trunks', state: 'ok', detail: `${trunks.map(({ name }) => name).join(', ')}: no gateways` }]
}

function hostOf(uri: string): string {
  const [address = ''] = uri
    .replace(/^sips?:/i, '')
    .replace(/^[^@]*@/, '')
    .split(/[;?]/, 1)

  return /^\[([^\]]*)\]/.exec(address)?.[1] ?? address.replace(/:\d+$/, '')
}

/** There is somewhere for a call to go. */
async function checkProjects(settings: Settings): Promise<Finding[]> {
  const files = await Promise.all(settings.projects.map(checkProjectFile))
  const check = settings.redisUrl === undefined ? 'routing tables' : 'routing tables in Redis'
  const hint = settings.redisUrl === undefined ? 'Look at DATA_DIR.' : 'Start Redis, or correct REDIS_URL.'
  const opened = await openRouting(settings)
  if (typeof opened === 'string') return [...files.flat(), { check, state: 'failed', detail: opened, hint }]

  const { problems, store } = opened.health()
  const projects = opened.projects()
  await opened.close()
  if (problems.length > 0) {
    return [...files.flat(), ...problems.map((detail): Finding => ({ check, state: 'failed', detail, hint }))]
  }
  if (projects.length === 0 && settings.projects.length === 0) {
    return [{ check, state: 'warning', detail: 'there is no project', hint: 'npx baton routes import FILE' }]
  }

  return [
    ...files.flat(),
    { check, state: 'ok', detail: `${projects.length} projects in ${store}` },
    ...projects.flatMap(checkEnvironments),
  ]
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

async function checkProjectFile(file: string): Promise<Finding[]> {
  try {
    await access(file, constants.R_OK)

    return []
  } catch {
    return [{ check: 'projects', state: 'failed', detail: `${file} cannot be read`, hint: 'Correct PROJECTS.' }]
  }
}

function checkEnvironments({ project, environments }: ProjectView): Finding[] {
  return Object.entries(environments).map(([environment, { version, agents = [] }]): Finding => {
    const check = `${project} ${environment}`
    const promote = `npx baton routes promote ${project} --env ${environment} --version N`
    if (version === undefined) return { check, state: 'warning', detail: 'no version is promoted', hint: promote }
    if (agents.length === 0) {
      return {
        check,
        state: 'warning',
        detail: `version ${version}, but no agents`,
        hint: 'Name them in the project file.',
      }
    }

    return {
      check,
      state: 'ok',
      detail: `version ${version}, ${agents.length} ${agents.length === 1 ? 'agent' : 'agents'}`,
    }
  })
}
