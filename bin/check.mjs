// npm run check: format, lint, types, floors and the unit tests, all at once, with the time and the failures of each.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const steps = ['format:check', 'lint', 'types', 'floors', 'unused', 'test:fast']
const results = await Promise.all(steps.map(run))
process.exitCode = results.every((passed) => passed) ? 0 : 1

/**
 * @param {string} step
 * @returns {Promise<boolean>}
 */
function run(step) {
  const started = Date.now()
  const child = spawn('npm', ['run', '--silent', step], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))

  return new Promise((resolve) => {
    child.on('close', (code) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      console.log(code === 0 ? `✓ ${step} (${seconds} s)` : `✗ ${step} (${seconds} s)\n${output}`)
      resolve(code === 0)
    })
  })
}
