import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Modules that every command loads at its start; some hundred of them take a quarter of a second. */
const maxModules = 45
const maxPackages = ['commander']
/** Modules of the ground floor that import no other one. */
const small = new Set(['base/defined.ts', 'base/address.ts'])

/** The modules that are loaded with a file, through imports of values. */
function loadedWith(file: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>()
  const packages = new Set<string>()
  const load = (path: string): void => {
    if (files.has(path)) return
    files.add(path)
    const source = readFileSync(path, 'utf8')
    for (const [, from = ''] of source.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?'([^']+)'/gm)) {
      if (from.startsWith('.')) load(join(dirname(path), from))
      else if (!from.startsWith('node:')) packages.add(from)
    }
  }
  load(file)

  return { files, packages }
}

describe('the start of the command line', () => {
  it('loads what a command needs only when it runs', () => {
    const { files, packages } = loadedWith('server/cli/main.ts')
    const foreign = [...files].filter((path) => !path.startsWith('server/') && !small.has(path))

    assert.deepEqual([...packages], maxPackages)
    assert.deepEqual(foreign, [])
    assert.ok(files.size <= maxModules, `${files.size} modules: ${[...files].join(' ')}`)
  })
})
