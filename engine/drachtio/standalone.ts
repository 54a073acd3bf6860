import type { Tap } from '../transport/index.ts'
import type { Log } from '../user-agent/index.ts'
import { readOptions } from './options/read.ts'
import { serverOptions } from './options/server-options.ts'
import { type HomerSetting, type LogLevel, logLevels } from './options/settings.ts'
import { protocolVersion } from './server-messages.ts'
import { DrachtioServer } from './server.ts'

/** What the process lends. */
export interface Process {
  env: Readonly<Record<string, string | undefined>>
  /** What `--version` prints. */
  version?: string | undefined
  out: (text: string) => void
  err: (text: string) => void
  /** Who takes the copies of all messages for a Homer; without it none are made. */
  copiesFor?: ((homer: HomerSetting) => Tap) | undefined
}

export type Started =
  /** `reload` reads the certificates of the SIP listeners again, and tells `err` how that went. */
  { kind: 'running'; server: DrachtioServer; reload: () => Promise<void> } | { kind: 'done' } | { kind: 'failed' }

/**
 * Starts the engine alone, as `baton engine` does, and prints one line when it is ready. What is wrong with the options,
 * or cannot be listened on, is printed too.
 */
export async function startAlone(
  args: readonly string[],
  { env, version, out, err, copiesFor }: Process,
): Promise<Started> {
  const options = readOptions({ args, env })
  if (options.kind === 'help') {
    out(options.text)
    return { kind: 'done' }
  }
  if (options.kind === 'version') {
    out(`${[version, `drachtio protocol of ${protocolVersion}`].filter(Boolean).join(', ')}\n`)
    return { kind: 'done' }
  }
  const built = options.kind === 'settings' ? serverOptions(options.settings) : options.problems
  if (!('sip' in built) || options.kind !== 'settings') {
    for (const problem of 'sip' in built ? [] : built) err(`${problem}\n`)
    return { kind: 'failed' }
  }
  const log = createLog(options.settings.logLevel, err)
  for (const notice of options.notices) log.warn(notice, {})
  const server = new DrachtioServer({ ...built, sip: { ...built.sip, log } })
  const { homer } = options.settings
  if (homer.host !== '') server.userAgent.tap = copiesFor?.(homer)
  try {
    await server.start()
  } catch (error) {
    err(`${messageOf(error)}\n`)
    return { kind: 'failed' }
  }
  out(readyLine(server, options.settings.adminAddress))

  const reload = async (): Promise<void> => {
    try {
      await server.userAgent.reload()
      log.warn('certificates reloaded', {})
    } catch (error) {
      log.error('certificates not reloaded; the old ones stay', { error: messageOf(error) })
    }
  }

  return { kind: 'running', server, reload }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function readyLine(server: DrachtioServer, address: string): string {
  const ports = server.adminPorts.map((port) => `${address}:${port}`).join(', ')

  return `ready: applications on ${ports}; SIP on ${server.hostPorts}\n`
}

/** One line for each thing that only an operator can act on. */
function createLog(level: LogLevel, err: (text: string) => void): Log {
  const most = logLevels.indexOf(level)
  const at = (each: LogLevel) => (message: string, fields: Readonly<Record<string, unknown>>) => {
    if (logLevels.indexOf(each) > most) return
    const details = Object.entries(fields).map(([name, value]) => ` ${name}=${detail(value)}`)
    err(`${new Date().toISOString()} ${each} ${message}${details.join('')}\n`)
  }

  return { error: at('error'), warn: at('warning') }
}

function detail(value: unknown): string {
  if (value instanceof Error) return value.stack ?? value.message

  return typeof value === 'string' ? value : JSON.stringify(value)
}
