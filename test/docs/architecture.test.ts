import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { page, pageWithMachines } from './machines.ts'

describe('the page on the architecture', () => {
  it('shows the state machines as they are in the code (npm run docs prints them anew)', async () => {
    const { found, right } = await pageWithMachines()

    assert.equal(found, right)
  })

  it('names files and folders that are there', () => {
    const named = [
      ...readFileSync(page, 'utf8').matchAll(
        /`((?:config|engine|routes|metrics|server|bench|bin|test|sipp-scenarios)\/[\w./-]*)`/g,
      ),
    ]
    const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(path))

    assert.ok(named.length > 30)
    assert.deepEqual(missing, [])
  })

  it('has every folder of the project in its table, and what the linter lets it import', () => {
    const rows = new Map(
      [...readFileSync(page, 'utf8').matchAll(/^\| `(\w[\w-]*)\/` *\|.*\| *([^|]*?) *\|$/gm)].map(
        ([, folder, imports]) => [folder, imports],
      ),
    )
    const folders = readdirSync('.', { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(?:\..*|node_modules|dist|data|docs|coverage)$/.test(entry.name))
      .map(({ name }) => name)
      // A folder of notes or logs is no part of the project.
      .filter((name) => readdirSync(name, { recursive: true }).some((path) => /\.(?:ts|mjs|xml)$/.test(String(path))))
    const [, linter = ''] =
      /^const mayImport = \{$([\s\S]*?)^\}$/m.exec(readFileSync('eslint.config.mjs', 'utf8')) ?? []

    assert.deepEqual([...rows.keys()].sort(), folders.sort())
    for (const [, folder = '', allowed = ''] of linter.matchAll(/^ {2}(\w+): \[(.*)\],$/gm)) {
      assert.equal(rows.get(folder), allowed === '' ? 'itself' : allowed.replaceAll("'", '`'), folder)
    }
  })
})
