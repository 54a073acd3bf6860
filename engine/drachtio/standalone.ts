import type { Tap } from '../transport/index.ts'
import { DrachtioServer } from './drachtio-server.ts'
import type { EngineSettings, HomerSetting } from './options/engine-settings.ts'
import { readOptions } from './options/read-options.ts'
import { serverOptions } from './options/server-options.ts'
import { protocolVersion } from './protocol/server-messages.ts'
import { createServerLog, LogOutput, messageEntry } from './server-log.ts'

/** The process that the engine runs in. */
export interface EngineProcess {
  env: Readonly<Record<string, string | undefined>>
  /** Printed by `--version`. */
  version?: string | undefined
  out: (text: string) => void
  err: (text: string) => void
  /** Bytes given to `err` that have not been read yet; 0 when left out. */
  unread?: (() => number) | undefined
  /** Makes the tap that copies all messages to a Homer server; without it no copies are made. */
  copiesFor?: ((homer: HomerSetting) => Tap) | undefined
}

export type StartedEngine = RunningEngine | { kind: 'done' } | { kind: 'failed' }

export interface RunningEngine {
  kind: 'running'
  server: DrachtioServer
  /** Reads the certificates of the SIP listeners again and reopens the log file; the results are logged. */
  reload: () => Promise<void>
  /** Closes the server, then its log. */
  close: () => Promise<void>
}

/**
 * Starts the engine for `baton engine`, and prints one line when it is ready. Mistakes in the options and errors of listeners
 * are printed, too.
 */
export async function startEngine(args: readonly string[], engineProcess: EngineProcess): Promise<StartedEngine> {
  const { env, version, out, err } = engineProcess
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
  const { settings, notices } = options
  let output: LogOutput | undefined
  try {
    output = openLog(settings, engineProcess)
    const started = await serve(settings, notices, built, output, engineProcess)
    out(readyLine(started.server, settings.adminAddress))

    return started
  } catch (error) {
    output?.close()
    err(`${messageOf(error)}\n`)
    return { kind: 'failed' }
  }
}

function openLog({ log }: EngineSettings, { err, unread }: EngineProcess): LogOutput {
  const console = {
    write: err,
    get unread() {
      return unread?.() ?? 0
    },
  }

  return new LogOutput({ console, onConsole: log.onConsole, file: log.file, fileMode: log.fileMode })
}

async function serve(
  settings: EngineSettings,
  notices: readonly string[],
  options: ConstructorParameters<typeof DrachtioServer>[0],
  output: LogOutput,
  { copiesFor }: EngineProcess,
): Promise<RunningEngine> {
  const write = (entry: string): void => {
    output.write(entry)
  }
  const log = createServerLog(settings.logLevel, write)
  for (const notice of notices) log.warn(notice, {})
  const server = new DrachtioServer({ ...options, log })
  const { homer } = settings
  const copy = homer.host === '' ? undefined : copiesFor?.(homer)
  // Messages are logged at drachtio-server's level for them.
  const show: Tap | undefined = log.writes('info')
    ? (traced) => {
        write(messageEntry(traced, new Date().toISOString()))
      }
    : undefined
  server.userAgent.tap =
    copy && show
      ? (traced) => {
          show(traced)
          copy(traced)
        }
      : (copy ?? show)
  await server.start()
  log.notice('listening', { applications: server.adminPorts.join(), sip: server.hostPorts })

  return {
    kind: 'running',
    server,
    reload: async () => {
      try {
        output.reopen()
      } catch (error) {
        log.error('the log file is not opened anew; the old one stays', { error: messageOf(error) })
      }
      try {
        await server.userAgent.reload()
        log.notice('certificates reloaded', {})
      } catch (error) {
        log.error('certificates not reloaded; the old ones stay', { error: messageOf(error) })
      }
      output.flush()
    },
    close: async () => {
      await server.close()
      output.close()
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function readyLine(server: DrachtioServer, address: string): string {
  const ports = server.adminPorts.map((port) => `${address}:${port}`).join(', ')

  return `ready: applications on ${ports}; SIP on ${server.hostPorts}\n`
}
