import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { page, pageWithMachines } from './machines.ts'

/** Rows of tables that are longer cannot be read in an editor and in a diff. */
const maxRowLength = 160

describe('the tables of the docs', () => {
  it('are narrow enough for an editor and a diff', () => {
    const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)
    const long = [...pages, 'README.md', 'CONTRIBUTING.md', 'engine/README.md']
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) =>
        readFileSync(name, 'utf8')
          .split('\n')
          .map((line, at) => ({ place: `${name}:${at + 1}`, line })),
      )
      .filter(({ line }) => line.startsWith('|') && line.length > maxRowLength)

    assert.deepEqual(
      long.map(({ place }) => place),
      [],
    )
  })
})

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

  it('has every folder of the server in its table, and each has its floor', () => {
    const text = readFileSync(page, 'utf8')
    const floors = readFileSync('.dependency-cruiser.cjs', 'utf8')
    for (const { name } of readdirSync('server', { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
      assert.match(text, new RegExp(`^\\| (.*, )?\`${name}/\``, 'm'), `${name}/ has no row`)
      assert.ok(floors.includes(`'${name}'`), `.dependency-cruiser.cjs has no floor for server/${name}/`)
    }
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
