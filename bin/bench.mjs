// npm run bench [-- options]: installs what is missing, builds, and runs the load harness (bench/).
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { build } from './build.mjs'
import { installPackages } from './packages.mjs'
import { installPrograms } from './programs.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
installPackages()
const missing = installPrograms(new Map(['sipp', 'kamailio'].map((command) => [command, ['bench/']])))
if (missing.length > 0) process.exit(1)

/** @param {string[]} args */
const node = (...args) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
build()
process.exitCode = node('dist/bench/main.js', ...process.argv.slice(2))
