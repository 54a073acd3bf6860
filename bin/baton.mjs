#!/usr/bin/env -S node --max-semi-space-size=64
// `npx baton …`: runs the build, or the sources through tsx when they are newer. Plain JS, node: built-ins only.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = join(root, 'dist/server/cli/main.js')
const source = join(root, 'server/cli/main.ts')
const canRunSources = existsSync(source) && existsSync(join(root, 'node_modules/tsx'))

if (existsSync(built) && !(canRunSources && changedSince(statSync(join(root, 'dist/.tsbuildinfo')).mtimeMs))) {
  await import(new URL('../dist/server/cli/main.js', import.meta.url).href)
} else if (canRunSources) {
  const { register } = await import('tsx/esm/api')
  register()
  await import(new URL('../server/cli/main.ts', import.meta.url).href)
} else {
  console.error('Baton is not built yet. In its folder, run: npm ci && npm run build')
  process.exitCode = 1
}

/** @param {number} time milliseconds since 1970 */
function changedSince(time) {
  return ['base', 'config', 'engine', 'routes', 'metrics', 'server'].some((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).some(
      (file) => file.endsWith('.ts') && statSync(join(root, folder, file)).mtimeMs > time,
    ),
  )
}
