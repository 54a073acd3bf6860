// npm start: installs and builds what is missing, starts Baton (by default with the demo project), places one rehearsal call,
// prints its outcome, and keeps serving. Needs nothing but Node and npm.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from './build.mjs'
import { installPackages } from './packages.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  stop(`Baton needs Node 20.19 or newer; this is ${process.version}. Install a newer one, then run npm start again.`)
}

try {
  installPackages()
  build()
} catch (error) {
  stop(error.message)
}

const { env, stdout } = process
// Without a configuration, Baton serves the demo project.
if (!env.BATON_CONFIG && !env.PROJECTS) env.PROJECTS = join(root, 'config/projects/demo.yaml')

const { loadSettings } = await import('../dist/config/index.js')
const { createLog } = await import('../dist/server/log.js')
const { reloadOnSignal, start } = await import('../dist/server/start.js')
const { stopOnSignals } = await import('../dist/server/stop.js')
const { welcome } = await import('../dist/server/welcome/index.js')

const settings = attempt(() => loadSettings({ env, terminal: stdout.isTTY }))
const log = createLog(settings.log)
// The log lines of the rehearsal call would interrupt its ladder.
if (settings.log.level === 'info') log.level = 'warn'

let app
try {
  app = await start(settings, log)
} catch (error) {
  stop(`Baton cannot start. ${error.message}`)
}
stopOnSignals(app)
reloadOnSignal(app)
await welcome(app, {
  write: (text) => stdout.write(text),
  terminal: stdout.isTTY === true,
  columns: stdout.columns ?? 100,
  env,
})
log.level = settings.log.level

function attempt(step) {
  try {
    return step()
  } catch (error) {
    return stop(error.message)
  }
}

function stop(message) {
  console.error(message)
  process.exit(1)
}
