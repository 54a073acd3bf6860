import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fuzz } from './fuzz.ts'

const run = promisify(execFile)

describe('The engine and the whole call path', () => {
  it('take 50,000 mutated messages, with calls going on, without an exception and with nothing left (npm run fuzz: a million)', async function () {
    this.timeout(300_000)
    const { sent } = await fuzz({ seed: 20_261_122, messages: 50_000 })
    assert.ok(sent > 10_000, `only ${sent} messages were sent back: calls did not go on`)
  })

  it('do the same again for the same seed', async function () {
    this.timeout(180_000)
    const program = fileURLToPath(new URL('run.ts', import.meta.url))
    const told = async (): Promise<string | undefined> => {
      const args = ['--import', 'tsx', program, '--seed', '1', '--messages', '3000']
      const { stdout } = await run(process.execPath, args)

      return /\d+ sent back/.exec(stdout)?.[0]
    }
    const [first, again] = [await told(), await told()]
    assert.ok(first)
    assert.equal(again, first)
  })
})
