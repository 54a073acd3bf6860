// npm test [-- mocha arguments]: installs what the tests need, builds, type-checks, and runs every test.
// Needs nothing but Node and npm. The last line is `N passed, N failed[, N skipped]`.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
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
const unitFolders = ['base', 'config', 'docs', 'engine', 'linear', 'metrics', 'routes', 'server']
const jobs = 3
/** @type {Record<'passed' | 'failed' | 'skipped', number>} */
const counts = { passed: 0, failed: 0, skipped: 0 }
const scratch = mkdtempSync(join(tmpdir(), 'baton-test-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

/** @type {string[]} */
let missing = []
try {
  installPackages()
  missing = installPrograms(neededPrograms('test'))
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
const testEnv = { ...(await unset()), BATON_TEST_BUILT: isBuilt ? '1' : '0' }
if (chosen.some((argument) => !argument.startsWith('-'))) await parallel(chosen)
else {
  await unitTests()
  await parallel(['test/**/*.test.ts', '--ignore', `test/{${unitFolders.join()}}/**`, ...chosen])
}

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
 * Runs tests, files side by side; most of them wait for timers, so there are more jobs than cores.
 * @param {string[]} args
 */
function parallel(args) {
  return mocha('others', ['--parallel', '--jobs', String(jobs), ...args])
}

/** Runs the unit tests in processes that live to their end, which mocha's own workers do not: only then V8 writes their coverage. */
async function unitTests() {
  const files = unitFolders
    .flatMap((folder) =>
      readdirSync(`test/${folder}`, { recursive: true }).map((file) => `test/${folder}/${String(file)}`),
    )
    .filter((file) => file.endsWith('.test.ts'))
  const directory = join(scratch, 'coverage')
  const { failed } = counts
  const shares = Array.from({ length: jobs }, (_, job) => files.filter((_file, at) => at % jobs === job))
  await Promise.all(
    shares.map((share, job) =>
      mocha(`unit-${job}`, ['--exit', ...share, ...chosen], {
        NODE_V8_COVERAGE: directory,
        MOCHA_WORKER_ID: String(job),
      }),
    ),
  )
  // Tests that are left out, or skipped for want of a program, cover nothing.
  const isWhole = missing.length === 0 && chosen.length === 0 && counts.failed === failed
  if (isWhole && !(await isCovered(directory))) counts.failed++
}

/**
 * @param {string} name
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} more
 */
async function mocha(name, args, more = {}) {
  const summary = join(scratch, `${name}.json`)
  const reporter = ['--reporter', './bin/test-reporter.mjs', '--reporter-option', `summary=${summary}`]
  const { code } = await node(['node_modules/mocha/bin/mocha.js', ...reporter, ...args], 'inherit', {
    ...testEnv,
    ...more,
  })
  try {
    const result = /** @type {typeof counts} */ (JSON.parse(readFileSync(summary, 'utf8')))
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) counts[key] += result[key]
    if (code !== 0 && result.failed === 0) counts.failed++
  } catch {
    console.log('The tests could not be run (see above).')
    counts.failed++
  }
}

/**
 * Whether the unit tests run as much of the code as .c8rc.json asks for, whose numbers are only ever raised.
 * @param {string} directory
 */
async function isCovered(directory) {
  const kinds = /** @type {const} */ (['lines', 'branches', 'functions'])
  const floors = /** @type {Record<typeof kinds[number], number>} */ (JSON.parse(readFileSync('.c8rc.json', 'utf8')))
  const args = ['report', '--temp-directory', directory, '--reports-dir', scratch, '--reporter', 'json-summary']
  const { output } = await node(['node_modules/c8/bin/c8.js', ...args], 'pipe')
  try {
    const { total } = /** @type {{ total: Record<typeof kinds[number], { pct: number }> }} */ (
      JSON.parse(readFileSync(join(scratch, 'coverage-summary.json'), 'utf8'))
    )
    const isMet = kinds.every((kind) => total[kind].pct >= floors[kind])
    const parts = kinds.map((kind) => `${total[kind].pct} % of ${kind} (floor ${floors[kind]})`)
    console.log(`${isMet ? '✓' : '✗'} Coverage of the unit tests: ${parts.join(', ')}`)
    const higher = kinds.filter((kind) => total[kind].pct >= floors[kind] + 2)
    if (higher.length > 0) console.log(`  Raise in .c8rc.json: ${higher.join(', ')}`)

    return isMet
  } catch {
    console.log(`✗ Coverage of the unit tests\n${output}`)

    return false
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
