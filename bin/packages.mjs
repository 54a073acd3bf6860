// The npm packages that package-lock.json asks for, installed when they are not there. Plain JS with nothing but
// node: built-ins, because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** True when every package of package-lock.json is in node_modules, in that version. */
export function packagesAreInstalled() {
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages
  let installed
  try {
    // npm's own note of what it put into node_modules.
    installed = JSON.parse(readFileSync(`${root}node_modules/.package-lock.json`, 'utf8')).packages
  } catch {
    return false
  }

  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional || devOptional || installed[path]?.version === version,
  )
}

/** Runs `npm ci` when it is needed; throws with what to do when that fails. */
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
