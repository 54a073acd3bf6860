// Installs the npm packages of package-lock.json when they are missing. Plain JS with node: built-ins only, because it runs
// before any package is installed.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** True when every package of package-lock.json is in node_modules, in that version. */
export function packagesAreInstalled() {
  const wanted = packagesIn('package-lock.json')
  let installed
  try {
    // npm records here which packages it has installed.
    installed = packagesIn('node_modules/.package-lock.json')
  } catch {
    return false
  }

  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional === true || devOptional === true || installed[path]?.version === version,
  )
}

/** @typedef {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} Packages */

/** @param {string} lock */
function packagesIn(lock) {
  const { packages } = /** @type {{ packages: Packages }} */ (JSON.parse(readFileSync(`${root}${lock}`, 'utf8')))

  return packages
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
