import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Words that name no SIP or product noun: a reader must look at the code to learn what they stand for (docs/glossary.md). */
const vague = /\b(nobody|somebody|whoever|patience)\b/gi
const notOurs = /^(\.git|node_modules|dist|data|coverage)$/
const production = /^(base|config|engine|routes|metrics|server)\/.*\.ts$/

describe('the words of the tree', () => {
  it('are SIP and product nouns', () => {
    const found = files()
      .filter(
        (file) =>
          file !== 'docs/glossary.md' &&
          file !== 'test/docs/words.test.ts' &&
          file !== 'clients/typescript/src/schema.ts',
      )
      .filter((file) => /\.(ts|tsx|mjs|md|xml|ya?ml)$/.test(file))
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line, index) => (line.match(vague) ?? []).map((word) => `${file}:${index + 1}: ${word}`)),
      )
    assert.deepEqual(found, [])
  })

  it('mean one thing: a type is declared once in the tree', () => {
    const places = new Map<string, string[]>()
    for (const file of files().filter((name) => production.test(name))) {
      for (const [, name] of readFileSync(file, 'utf8').matchAll(
        /^(?:export )?(?:abstract )?(?:class|interface|type) (\w+)/gm,
      )) {
        if (name !== undefined) places.set(name, [...(places.get(name) ?? []), file])
      }
    }
    assert.deepEqual(
      [...places].filter(([, where]) => where.length > 1).map(([name, where]) => `${name}: ${where.join(', ')}`),
      [],
    )
  })

  it('are those of the glossary: every type and name that it sends a reader to is there', () => {
    const glossary = readFileSync('docs/glossary.md', 'utf8')
    const tree = files()
      .filter((name) => production.test(name))
      .map((name) => readFileSync(name, 'utf8'))
      .join('\n')
    const declared = new Set(tree.match(/\b\w+\b/g))
    // The first column of the last two tables has the words that are gone.
    const rows = glossary.slice(glossary.indexOf('## Words that one type')).split('\n')
    const named = rows.flatMap((row) => row.split('|')[2]?.match(/(?<=`)[A-Za-z]\w+(?=`)/g) ?? [])
    assert.ok(named.length > 50)
    assert.deepEqual(
      named.filter((name) => !declared.has(name)),
      [],
    )
  })

  it('stay given up: no type has a name that the glossary says is gone', () => {
    const rows = readFileSync('docs/glossary.md', 'utf8').match(/^\| `\w+`.*$/gm) ?? []
    const gone = rows.flatMap((row) => {
      const [, was = '', is = ''] = row.split('|')
      const name = was.trim().replaceAll('`', '')

      return is.includes(`\`${name}\``) ? [] : [name]
    })
    const declared = new RegExp(`^(?:export )?(?:abstract )?(?:class|interface|type) (?:${gone.join('|')})\\b`, 'm')
    assert.ok(gone.length > 10)
    assert.deepEqual(
      files().filter((name) => production.test(name) && declared.test(readFileSync(name, 'utf8'))),
      [],
    )
  })

  it('are in files that a search finds: no name stands three times', () => {
    const names = new Map<string, string[]>()
    for (const file of files().filter((path) => production.test(path) && basename(path) !== 'index.ts')) {
      names.set(basename(file), [...(names.get(basename(file)) ?? []), file])
    }
    assert.deepEqual(
      [...names.values()].filter((where) => where.length > 2).map((where) => where.join(', ')),
      [],
    )
  })
})

/** Of the top folder and of all rooms; what is installed, built or written at run time is left out. */
function files(): string[] {
  return readdirSync('.', { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return [entry.name]
    if (!entry.isDirectory() || notOurs.test(entry.name)) return []

    return readdirSync(entry.name, { recursive: true, encoding: 'utf8' }).map((name) => join(entry.name, name))
  })
}
