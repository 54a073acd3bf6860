import { fileURLToPath } from 'node:url'
import { ConfigError, loadSettings, type Settings } from '../config/index.ts'
import { App } from './app.ts'
import { importProjects } from './import-projects.ts'
import { createLog } from './log.ts'

/** Reads the settings, starts Baton and stops it on signals. Resolves when it is serving. */
export async function main(): Promise<App> {
  const settings = readSettings()
  const log = createLog(settings.log)
  const app = await startOrExplain(settings, log)
  let stopping = false
  const stop = (signal: NodeJS.Signals): void => {
    // A second signal is from somebody who does not want to wait.
    if (stopping) process.exit(1)
    stopping = true
    log.info('stopping: new calls get 503', { signal, seconds: settings.drainDeadline })
    void app
      .drain()
      .then(() => app.close())
      .then(() => log.info('stopped'))
      .then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error: String(error) }))
  process.on('uncaughtException', (error) => log.error('uncaught exception', { error: error.stack }))

  return app
}

async function startOrExplain(settings: Settings, log: ReturnType<typeof createLog>): Promise<App> {
  try {
    const app = await App.create(settings, log)
    await importProjects(app.routing, settings.projects, log)
    const { sip, http, metrics } = await app.start()
    log.info('ready', {
      sip: sip.map(({ transport, address, port }) => `${transport}:${address}:${port}`),
      http,
      metrics,
    })

    return app
  } catch (error) {
    log.error(`Baton cannot start: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}

function readSettings(): Settings {
  try {
    return loadSettings({ env: process.env, terminal: process.stdout.isTTY })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
