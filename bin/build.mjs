// The build (dist/), which is made again after a change of the sources. Plain JS, node: built-ins only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const config = 'tsconfig.build.json'
const stamp = join(root, 'dist', '.built-from')
const pagesStamp = join(root, 'dist', '.pages-built-from')

/** Builds when the sources have changed. @throws Error with the compiler's output */
export function build() {
  buildServer()
  buildPages()
}

function buildServer() {
  const files = sourceFiles()
  const sources = fingerprint(files)
  const isWhole = hasEveryOutput(files)
  if (isWhole && isBuiltFrom(stamp, sources)) return
  // The compiler writes only outputs of changed sources: it does not notice that an output is missing.
  if (!isWhole) rmSync(join(root, 'dist/.tsbuildinfo'), { force: true })
  console.log('Building (tsc) …')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    // `npm run check` checks the types; a start need not wait for them.
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', config, '--noCheck'],
    { cwd: root, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`The build failed:\n${stdout}${stderr}`)
  writeFileSync(stamp, sources)
}

/** The operators' pages. A package that was installed without what builds them has them already. */
function buildPages() {
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const files = ['web', 'clients/typescript/src']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  const sources = fingerprint(files)
  if (existsSync(join(root, 'dist/web/index.html')) && isBuiltFrom(pagesStamp, sources)) return
  console.log('Building the pages (vite) …')
  const { status, stdout, stderr } = spawnSync(process.execPath, [vite, 'build', 'web', '--logLevel', 'warn'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The build of the pages failed:\n${stdout}${stderr}`)
  writeFileSync(pagesStamp, sources)
}

/**
 * @param {string} file
 * @param {string} sources
 */
function isBuiltFrom(file, sources) {
  return existsSync(file) && readFileSync(file, 'utf8') === sources
}

/** @param {readonly string[]} files */
function hasEveryOutput(files) {
  return files
    .filter((path) => /(?<!\.d)\.ts$/.test(path))
    .every((path) => existsSync(join(root, 'dist', path.replace(/\.ts$/, '.js'))))
}

/** @returns {string[]} */
function sourceFiles() {
  const { include } = /** @type {{ include: string[] }} */ (JSON.parse(readFileSync(join(root, config), 'utf8')))

  return include.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(?:ts|json)$/.test(path))
      .map((path) => join(folder, path)),
  )
}

/**
 * A hash over name, size and time of every source.
 * @param {readonly string[]} files
 */
function fingerprint(files) {
  const hash = createHash('sha256')
  for (const path of [...[...files].sort(), config, 'tsconfig.json', 'package-lock.json']) {
    const { size, mtimeMs } = statSync(join(root, path))
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }

  return hash.digest('hex')
}
