import type { Logger } from 'winston'
import type { Settings } from '../config/index.ts'
import { App } from './app.ts'
import { importProjects } from './import-projects.ts'
import { keepPrivate } from './private-folder.ts'

/** Builds Baton, imports the projects that the settings name and opens the doors. Rejects, leaving nothing open, when it cannot. */
export async function start(settings: Settings, log: Logger): Promise<App> {
  keepPrivate(settings.dataDir)
  const app = await App.create(settings, log)
  try {
    await importProjects(app.routing, settings.projects, log)
    const { sip, http, metrics } = await app.start()
    log.info('ready', {
      sip: sip.map(({ transport, address, port }) => `${transport}:${address}:${port}`),
      http,
      metrics,
    })

    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

/** SIGHUP: certificates are read again. */
export function reloadOnSignal(app: App): void {
  process.on('SIGHUP', () => {
    void app
      .reload()
      .then(() => app.log.info('certificates reloaded'))
      .catch((error: unknown) => app.log.error('certificates not reloaded; the old ones stay', { error }))
  })
}
