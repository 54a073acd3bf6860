import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { delimiter, dirname } from 'node:path'

import { nodeBinary, supportedNodes } from '../../bench/nodes.ts'

/** What a version of Node may do otherwise: the engine with its sockets and timers, calls and transfers on every stack. */
const files = [
  'test/engine/**/*.test.ts',
  ...['calls', 'transfers-by-refer', 'transfers-by-invite'].map((name) => `test/e2e/${name}.test.ts`),
]
const [ownMajor] = process.versions.node.split('.')
/** Ports that no other worker of `npm test` takes (test/harness/ports.ts). */
const worker = '6'

describe('On another supported version of Node', function () {
  this.timeout(900_000)

  for (const version of supportedNodes.filter((each) => each.split('.')[0] !== ownMajor)) {
    it(`calls and transfers go as on this one: Node ${version}`, async function () {
      const binary = installed(version)
      if (binary === undefined) return this.skip()
      const output = await tests(binary)
      assert.match(output, /^\s+[1-9]\d* passing/m, output)
      assert.doesNotMatch(output, /^\s+\d+ failing|\w+Warning: /m, output)
    })
  }
})

/** Undefined, and the reason printed, where npm does not get the binary. */
function installed(version: string): string | undefined {
  try {
    return nodeBinary(version)
  } catch (error) {
    console.log(`  Skipped, since ${error instanceof Error ? error.message : String(error)}`)

    return undefined
  }
}

/** What mocha prints, whether the tests pass or not. */
function tests(node: string): Promise<string> {
  const PATH = [dirname(node), process.env.PATH].join(delimiter)
  const env = { ...process.env, PATH, MOCHA_WORKER_ID: worker }
  const args = ['node_modules/mocha/bin/mocha.js', '--reporter', 'dot', ...files]

  return new Promise((resolve) => {
    execFile(node, args, { env }, (_, stdout, stderr) => {
      resolve(`${stdout}${stderr}`)
    })
  })
}
