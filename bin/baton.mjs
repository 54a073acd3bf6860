#!/usr/bin/env node
// `npx baton …`: the build when there is one, the sources (through tsx) when there is not. Plain JS, node: built-ins only.
import { existsSync } from 'node:fs'

const built = new URL('../dist/server/cli/main.js', import.meta.url)
const source = new URL('../server/cli/main.ts', import.meta.url)

if (existsSync(built)) await import(built.href)
else if (existsSync(source) && existsSync(new URL('../node_modules/tsx', import.meta.url))) {
  const { register } = await import('tsx/esm/api')
  register()
  await import(source.href)
} else {
  console.error('Baton is not built yet. In its folder, run: npm ci && npm run build')
  process.exitCode = 1
}
