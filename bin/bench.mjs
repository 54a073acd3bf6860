// npm run bench [-- options]: installs what is missing, builds, and runs the load harness (bench/).
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { installPackages } from './packages.mjs'
import { installPrograms } from './programs.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
installPackages()
const missing = installPrograms(new Map(['sipp', 'kamailio'].map((command) => [command, ['bench/']])))
if (missing.length > 0) process.exit(1)

const node = (...args) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
process.exitCode =
  node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json') ||
  node('dist/bench/main.js', ...process.argv.slice(2))
