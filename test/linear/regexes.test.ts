import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { check, type Diagnostics } from 'recheck'
import ts from 'typescript'

/** What may be matched against text from outside. */
const folders = ['base', 'config', 'engine', 'metrics', 'routes', 'server']
/** Regular expressions that were found to take linear time; a check of all takes a quarter of a minute. */
const cache = 'node_modules/.cache/linear-regexes.json'
/** Verdicts by counted steps alone: recheck takes a match that a busy machine delays for a found attack. */
const options = { timeout: 300_000, randomSeed: 1, seedingTimeout: null, incubationTimeout: null, attackTimeout: null }

interface Found {
  source: string
  flags: string
  /** `file:line`. */
  at: string
}

describe('every regular expression', () => {
  it('takes time that grows no faster than the text it is matched against', async () => {
    const safe = new Set(knownSafe())
    const bad: string[] = []
    const all = new Map(regexesOf(folders.flatMap(filesIn)).map((found) => [`/${found.source}/${found.flags}`, found]))
    assert.ok(all.size > 100, 'the regular expressions are found')
    const unknown = [...all].filter(([text]) => !safe.has(text))
    await Promise.all(
      unknown.map(async ([text, { source, flags, at }]) => {
        const verdict = await check(source, flags, options)
        if (verdict.status === 'safe') safe.add(text)
        else bad.push(`${at}: ${text} ${reasonOf(verdict)}`)
      }),
    )
    assert.deepEqual(bad, [])
    mkdirSync('node_modules/.cache', { recursive: true })
    writeFileSync(cache, JSON.stringify([...safe].filter((text) => all.has(text))))
  }).timeout(options.timeout)

  it('is known to the checker: one that takes quadratic time is found out', async () => {
    for (const source of ['<([^>]*)>', ';.*$', '(?:a+)+$']) {
      assert.equal((await check(source, '', options)).status, 'vulnerable', source)
    }
  })
})

function reasonOf(verdict: Diagnostics): string {
  return verdict.status === 'vulnerable' ? `is ${verdict.complexity.summary}` : 'could not be judged'
}

function knownSafe(): string[] {
  try {
    return JSON.parse(readFileSync(cache, 'utf8')) as string[]
  } catch {
    return []
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

/** Literals, the patterns of API fields, and what is built of constants: each is looked up where it is written. */
function regexesOf(files: readonly string[]): Found[] {
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
    const found: Found[] = []
    const constants = new Map<string, string>()
    const add = (node: ts.Node, pattern: string, flags: string): void => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart())
      found.push({ source: pattern, flags, at: `${file}:${line + 1}` })
    }
    const visit = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
        const text = textOf(node.initializer, constants)
        if (text !== undefined) constants.set(node.name.text, text)
      }
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf('/')
        add(node, node.text.slice(1, end), node.text.slice(end + 1))
      }
      const [pattern, flags] =
        ts.isNewExpression(node) && node.expression.getText() === 'RegExp' ? (node.arguments ?? []) : []
      if (pattern) {
        const text = textOf(pattern, constants)
        assert.ok(text !== undefined, `${file}: a RegExp that is built at run time: ${pattern.getText()}`)
        add(node, text, flags && ts.isStringLiteralLike(flags) ? flags.text : '')
      }
      if (ts.isPropertyAssignment(node) && node.name.getText() === 'pattern') {
        const text = textOf(node.initializer, constants)
        if (text !== undefined) add(node, text, 'u')
      }
      ts.forEachChild(node, visit)
    }
    visit(source)

    return found
  })
}

/** A string that is made of literals and of constants before it. */
function textOf(node: ts.Expression, constants: ReadonlyMap<string, string>): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isIdentifier(node)) return constants.get(node.text)
  if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'String.raw') {
    return ts.isNoSubstitutionTemplateLiteral(node.template) ? node.template.rawText : undefined
  }
  if (!ts.isTemplateExpression(node)) return undefined
  const parts = node.templateSpans.map((span) => {
    const text = textOf(span.expression, constants)

    return text === undefined ? undefined : text + span.literal.text
  })

  return parts.includes(undefined) ? undefined : node.head.text + parts.join('')
}
