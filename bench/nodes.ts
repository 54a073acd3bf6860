/** The versions of Node that Baton supports, as npm serves their binaries. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The oldest supported version, and the newest of each supported line. */
export const supportedNodes: readonly string[] = ['20.19', '22', '24']
/** A binary has some 120 MB. */
const installTimeoutMs = 180_000

/**
 * The binary of a version of Node, which is installed below `node_modules/.cache` at the first use.
 * @param version such as `22` (the newest of that line) or `20.19`
 * @throws when npm cannot install it, or the binary does not run here, with the reason
 */
export function nodeBinary(version: string): string {
  const folder = resolve('node_modules/.cache/nodes', version)
  const binary = join(folder, 'node_modules', binaryPackage, 'bin/node')
  if (!existsSync(binary)) install(version, folder)
  const { status, error, stderr } = spawnSync(binary, ['--version'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Node ${version} does not run here: ${error?.message ?? stderr.trim()}`)

  return binary
}

/** Package `node` of npm installs this one, by a script, which a site may forbid. */
const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
const binaryPackage = `${prefix}-${process.platform}-${process.arch}`

function install(version: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  // Without a package.json of its own npm installs into the project's folder.
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  const { status, error, stderr } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `${binaryPackage}@${version}`],
    { cwd: folder, encoding: 'utf8', timeout: installTimeoutMs },
  )
  if (status !== 0) throw new Error(`npm cannot install Node ${version}: ${error?.message ?? stderr.trim()}`)
}
