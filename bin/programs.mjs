// The system programs that tests drive, and where Debian has them. Plain JS, node: built-ins only.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Command → Debian 12 package. A test names the commands it drives with `needs('sipp', …)`.
 * @type {Record<string, string>}
 */
const packageOf = {
  sipp: 'sip-tester',
  'redis-server': 'redis-server',
  kamailio: 'kamailio',
  rtpengine: 'rtpengine-daemon',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  chromium: 'chromium',
  tshark: 'tshark',
  openssl: 'openssl',
  curl: 'curl',
  baresip: 'baresip-core',
  lame: 'lame',
  ip: 'iproute2',
  'redis-cli': 'redis-tools',
}

// Services of a package must not start: tests run their own, on their own ports. An existing policy is left alone.
const aptInstall = `
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
install() { apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"; }
# A package may be available although another source fails.
apt-get update -qq -o Acquire::Retries=2 || true
install "$@" || for package in "$@"; do install "$package" || true; done
`

/**
 * True when the command is on the PATH, or in sbin, which a user's PATH may leave out.
 * @param {string} command
 */
export function isInstalled(command) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']

  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * The commands that the test files below a folder need, each with these files.
 * @param {string} folder
 */
export function neededPrograms(folder) {
  /** @type {Map<string, Set<string>>} */
  const needed = new Map()
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.test.ts')) continue
    const text = readFileSync(join(folder, path), 'utf8')
    for (const [, list = ''] of text.matchAll(/\bneeds\(([^)]*)\)/g)) {
      for (const [, command = ''] of list.matchAll(/'([^']+)'/g)) {
        const files = needed.get(command) ?? new Set()
        needed.set(command, files.add(join(folder, path)))
      }
    }
  }

  return needed
}

/**
 * Installs missing programs with apt-get where that is possible; else prints how to install them and which test files are
 * skipped. Returns the commands that are still missing.
 * @param {ReadonlyMap<string, Iterable<string>>} needed
 */
export function installPrograms(needed) {
  const missing = () => [...needed.keys()].filter((command) => !isInstalled(command))
  const wanted = missing()
  if (wanted.length === 0) return []

  const packages = [...new Set(wanted.map((command) => packageOf[command] ?? command))]
  const asRoot = rootPrefix()
  if (asRoot) {
    console.log(`Installing Debian packages: ${packages.join(' ')} …`)
    const [command = '', ...args] = [...asRoot, 'sh', '-c', aptInstall, 'sh', ...packages]
    spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 900_000 })
  }

  const still = missing()
  for (const command of still) {
    const files = [...(needed.get(command) ?? [])].join(', ')
    console.log(`Missing: ${command}. Skipped because of it: ${files}.`)
  }
  if (still.length > 0) {
    console.log(
      `To run them too: sudo apt-get install ${packages.join(' ')}   (or your system's packages of these programs)`,
    )
  }

  return still
}

/** The prefix that runs a command as root; undefined without the right to, or without apt-get. */
function rootPrefix() {
  if (!isInstalled('apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  const sudo = isInstalled('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0

  return sudo ? ['sudo', '-n'] : undefined
}
