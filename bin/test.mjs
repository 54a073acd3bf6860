// npm test [-- mocha arguments]: installs what the tests need, builds, type-checks, and runs every test.
// Needs nothing but Node and npm. The last line is `N passed, N failed[, N skipped]`.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { installPackages } from './packages.mjs'
import { installPrograms, neededPrograms } from './programs.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Baton needs Node 20.19 or newer; this is ${process.version}.`)
}

const chosen = process.argv.slice(2)
/** @type {Record<'passed' | 'failed' | 'skipped', number>} */
const counts = { passed: 0, failed: 0, skipped: 0 }
const scratch = mkdtempSync(join(tmpdir(), 'baton-test-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

try {
  installPackages()
  installPrograms(neededPrograms('test'))
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}

const [isBuilt] = await Promise.all([
  step('Build', '--input-type=module', '-e', "import { build } from './bin/build.mjs'; build()"),
  step(
    'Types',
    'node_modules/typescript/bin/tsc',
    '--incremental',
    '--tsBuildInfoFile',
    'node_modules/.cache/types.tsbuildinfo',
  ),
])
await mocha(isBuilt)

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
process.exitCode = counts.failed > 0 ? 1 : 0

/**
 * Runs a step that must succeed; it counts as a failed test when it does not.
 * @param {string} name
 * @param {string[]} args
 */
async function step(name, ...args) {
  const started = Date.now()
  const { code, output } = await node(args, 'pipe')
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)${code === 0 ? '' : `\n${output}`}`)
  if (code !== 0) counts.failed++

  return code === 0
}

/**
 * Runs the tests, files side by side; most of them wait for timers, so there are more jobs than cores.
 * @param {boolean} built
 */
async function mocha(built) {
  const summary = join(scratch, 'summary.json')
  const reporter = ['--reporter', './bin/test-reporter.mjs', '--reporter-option', `summary=${summary}`]
  const specs = chosen.some((argument) => !argument.startsWith('-')) ? [] : ['test/**/*.test.ts']
  const args = ['node_modules/mocha/bin/mocha.js', '--parallel', '--jobs', '3', ...reporter, ...chosen, ...specs]
  const { code } = await node(args, 'inherit', { ...(await unset()), BATON_TEST_BUILT: built ? '1' : '0' })
  try {
    const result = /** @type {typeof counts} */ (JSON.parse(readFileSync(summary, 'utf8')))
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) counts[key] += result[key]
    if (code !== 0 && result.failed === 0) counts.failed++
  } catch {
    console.log('The tests could not be run (see above).')
    counts.failed++
  }
}

/** Takes the settings of a Baton that runs here out of the environment, but for where there is a drachtio-server or FreeSWITCH. */
async function unset() {
  try {
    const { environmentKeys } = /** @type {typeof import('../config/schema.ts')} */ (
      await import(new URL('../dist/config/schema.js', import.meta.url).href)
    )
    const names = ['BATON_CONFIG', ...environmentKeys.map((key) => key.toUpperCase())]
    const kept = /^(?:DRACHTIO_(?:HOST|PORT|SECRET)|FREESWITCH(?:_SECRET)?)$/

    return Object.fromEntries(names.filter((name) => !kept.test(name)).map((name) => [name, undefined]))
  } catch {
    return {} // Without a build, whose failure is printed already.
  }
}

/**
 * @param {string[]} args
 * @param {'pipe' | 'inherit'} output
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function node(args, output, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', output, output],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...env },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)))
    child.on('close', (code) => resolve({ code, output: text }))
  })
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
