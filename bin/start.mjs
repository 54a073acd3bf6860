// npm start: installs and builds what is missing, starts Baton (by default with the demo project), places one rehearsal call,
// prints its outcome, and keeps serving. Needs nothing but Node and npm.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from './build.mjs'
import { installPackages } from './packages.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  stop(`Baton needs Node 20.19 or newer; this is ${process.version}. Install a newer one, then run npm start again.`)
}

try {
  installPackages()
  build()
} catch (error) {
  stop(messageOf(error))
}

const { env, stdout } = process
// Without a configuration, Baton serves the demo project, and plays its agents and destinations until there are others.
if (!env.BATON_CONFIG && !env.PROJECTS) {
  env.PROJECTS = join(root, 'config/projects/demo.yaml')
  env.STAND_INS ??= 'on'
}

const { loadSettings } = /** @type {typeof import('../config/index.ts')} */ (await built('config/index.js'))
const { createLog } = /** @type {typeof import('../server/log.ts')} */ (await built('server/log.js'))
const { reloadOnSignal, start } = /** @type {typeof import('../server/start.ts')} */ (await built('server/start.js'))
const { stopOnSignals } = /** @type {typeof import('../server/stop.ts')} */ (await built('server/stop.js'))
const { welcome } = /** @type {typeof import('../server/welcome/index.ts')} */ (await built('server/welcome/index.js'))

let settings
try {
  settings = loadSettings({ env, terminal: stdout.isTTY })
} catch (error) {
  stop(messageOf(error))
}
const log = createLog(settings.log)
// The log lines of the rehearsal call would interrupt its ladder.
if (settings.log.level === 'info') log.level = 'warn'

let app
try {
  app = await start(settings, log)
} catch (error) {
  stop(`Baton cannot start. ${messageOf(error)}`)
}
stopOnSignals(app)
reloadOnSignal(app)
await welcome(app, {
  write: (/** @type {string} */ text) => stdout.write(text),
  terminal: stdout.isTTY,
  columns: stdout.isTTY ? stdout.columns : 100,
  env,
})
log.level = settings.log.level

/**
 * A module of the build.
 * @param {string} path
 */
function built(path) {
  return import(new URL(`../dist/${path}`, import.meta.url).href)
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error)
}

/**
 * @param {string} message
 * @returns {never}
 */
function stop(message) {
  console.error(message)
  process.exit(1)
}
