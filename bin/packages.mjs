// Installs the npm packages of package-lock.json when they are missing. Plain JS with node: built-ins only, because it runs
// before any package is installed.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** True when every package of package-lock.json is in node_modules, in that version. */
export function packagesAreInstalled() {
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages
  let installed
  try {
    // npm records here which packages it has installed.
    installed = JSON.parse(readFileSync(`${root}node_modules/.package-lock.json`, 'utf8')).packages
  } catch {
    return false
  }

  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional || devOptional || installed[path]?.version === version,
  )
}

/** Runs `npm ci` when packages are missing. @throws Error with what to do */
export function installPackages() {
  if (packagesAreInstalled()) return
  console.log('Installing npm packages (npm ci) …')
  const { status } = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) {
    throw new Error('npm ci failed (see above). Check that the npm registry can be reached, then run this again.')
  }
}
