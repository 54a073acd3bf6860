import { chmodSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Logger } from 'winston'

import type { Settings } from '../config/index.ts'
import { App } from './app.ts'
import { shareAudio } from './audio/index.ts'
import { checkReceiveBuffer, grantedReceiveBytes } from './checkup/index.ts'
import type { EnvironmentName, Routing } from '../routes/index.ts'
import type { StandbyCalls } from './recovery/index.ts'
import { readProjectFiles, type ReadProjectFile } from './project-files.ts'

/** Builds Baton, imports the projects of PROJECTS and opens the listeners. Closes what is open when it rejects. @param standby what a standby takes over */
export async function start(settings: Settings, log: Logger, standby?: StandbyCalls): Promise<App> {
  keepPrivate(settings.dataDir)
  if (settings.media.kind === 'rtpengine') shareAudio(settings.dataDir)
  const files = await readProjectFiles(settings.projects)
  const app = await App.create(settings, log, files, standby)
  try {
    await importProjects(app.routing, files, log)
    const { sip, http, metrics } = await app.start()
    log.info('ready', {
      sip: sip.map(({ transport, address, port }) => `${transport}:${address}:${port}`),
      http,
      metrics,
    })
    warnOfReceiveBuffer(settings, { receiveBytes: await grantedReceiveBytes() }, log)

    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

/** SIGHUP reads the certificates again. */
export function reloadOnSignal(app: App): void {
  process.on('SIGHUP', () => {
    void app
      .reload()
      .then(() => app.log.info('certificates reloaded'))
      .catch((error: unknown) => app.log.error('certificates not reloaded; the old ones stay', { error }))
  })
}

/** The system drops the datagrams of a burst that a small buffer has no room for; parties repeat them after half a second (T1). */
export function warnOfReceiveBuffer(
  settings: Settings,
  figures: Parameters<typeof checkReceiveBuffer>[1],
  log: { warn(message: string, fields: object): unknown },
): void {
  for (const { state, detail, hint } of checkReceiveBuffer(settings, figures)) {
    if (state !== 'ok') log.warn('the receive buffer is small: a burst of calls may be lost', { detail, hint })
  }
}

interface ImportLog {
  info(message: string, fields?: object): unknown
  error(message: string, fields?: object): unknown
}

/** Stores, publishes and promotes each project file whose project does not exist yet. */
async function importProjects(routing: Routing, files: readonly ReadProjectFile[], log: ImportLog): Promise<void> {
  for (const { file, project, source } of files) {
    const { project: name, environments } = project
    if (routing.projects().some((existing) => existing.project === name)) continue

    const actor = { who: 'baton', from: 'start', why: `imported from ${file}` }
    await routing.putProject(name, source, actor)
    const { version } = await routing.publish(name, actor)
    const problems = (await routing.lint(name)).filter(({ severity }) => severity === 'error')
    // No earlier release is replaced: the handoffs without a problem can be called meanwhile.
    const force = problems.length === 0 ? {} : { force: 'imported at start' }
    for (const environment of Object.keys(environments) as EnvironmentName[]) {
      await routing.promote(name, environment, { version, ...force }, actor)
    }
    log.info('project imported, published and promoted', { project: name, version, file })
    if (problems.length > 0) {
      log.error('handoffs of an imported project cannot be called', { project: name, version, file, problems })
    }
  }
}

const privateFolder = 0o700
const privateFile = 0o600

/**
 * Only the user that runs Baton may read a folder, which holds callers' numbers and tokens of tables, and the files that this
 * process creates from now on. Files of another user are left as they are.
 */
export function keepPrivate(folder: string): void {
  process.umask(0o077)
  mkdirSync(folder, { recursive: true })
  tighten(folder)
}

function tighten(folder: string): void {
  try {
    chmodSync(folder, privateFolder)
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) tighten(path)
      else if (entry.isFile()) chmodSync(path, privateFile)
    }
  } catch {
    // The stores report what they cannot read or write.
  }
}
