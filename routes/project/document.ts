/** Project files as text: JSON or YAML, within bounds on depth and length, with the line of every mistake. */
import { isUtf8 } from 'node:buffer'

import { isScalar, LineCounter, parseDocument, visit, type Document, Lexer } from 'yaml'

import { checkProject } from './check.ts'
import { jsonLines, jsonProblems } from './json-document.ts'
import { pointerPath, RoutesError, type Problem } from '../schema/errors.ts'
import type { ProjectFile } from '../schema/project-file.ts'

export type DocumentType = 'json' | 'yaml'

/** A document as it was sent or stored. */
export interface SourceText {
  text: string
  type: DocumentType
}

/** The text of a document's bytes, its byte order mark included. Throws a RoutesError (422) when they are not UTF-8. */
export function sourceText(bytes: Buffer, type: DocumentType): SourceText {
  const text = bytes.toString()
  if (isUtf8(bytes)) return { text, type }
  // Each octet that is not UTF-8 has become U+FFFD; the line is that of the first.
  const line = text.slice(0, text.indexOf('\ufffd')).split('\n').length
  const problem = { pointer: '', problem: 'is not UTF-8', hint: 'save the file as UTF-8', line }
  throw new RoutesError('invalid_document', mistakes(1, `${type.toUpperCase()} text`), [problem])
}

/** Reads a project file. Throws a RoutesError (422) that names every mistake with its line. */
export function readProject(source: SourceText): ProjectFile {
  const { value, locate } = readDocument(source)
  const problems = checkProject(value)
  if (problems.length) throw new RoutesError('invalid_project', mistakes(problems.length), locate(problems))

  return value as ProjectFile
}

/** "1 mistake in the project file" */
export function mistakes(count: number, what = 'project file'): string {
  return `${count} ${count === 1 ? 'mistake' : 'mistakes'} in the ${what}`
}

export interface ReadDocument {
  value: unknown
  /** The same problems with their lines; a pointer that is not in the document gets the line of its nearest parent. */
  locate: (problems: readonly Problem[]) => Problem[]
}

/** Mistakes of syntax that an error lists. */
const maxProblems = 100

/** Reads JSON or YAML. Throws a RoutesError (422) for any other text, and for one that exceeds the bounds below. */
export function readDocument({ text, type }: SourceText): ReadDocument {
  const { problems, value, lineAt } = type === 'json' ? readJson(text.replace(/^\ufeff/, '')) : readYaml(text)
  if (problems.length) {
    const first = problems.slice(0, maxProblems)
    throw new RoutesError('invalid_document', mistakes(problems.length, `${type.toUpperCase()} text`), first)
  }

  return {
    value,
    locate: (located) => located.map((problem) => ({ ...problem, ...lineAbove(problem.pointer, lineAt) })),
  }
}

interface ParsedText {
  problems: Problem[]
  value: unknown
  /** The line of the value at a pointer; undefined when there is no value. */
  lineAt: (pointer: string) => number | undefined
}

function readJson(text: string): ParsedText {
  try {
    const value = JSON.parse(text) as unknown
    let lines: Map<string, number> | undefined

    return { problems: jsonProblems(text), value, lineAt: (pointer) => (lines ??= jsonLines(text)).get(pointer) }
  } catch (error) {
    const problem = { pointer: '', problem: (error as Error).message, hint: 'this is to be JSON' }

    return { problems: [problem], value: undefined, lineAt: () => undefined }
  }
}

function readYaml(text: string): ParsedText {
  const excess = excessOf(text)
  if (excess) return { problems: [{ pointer: '', ...excess }], value: undefined, lineAt: () => undefined }

  const lines = new LineCounter()
  // The parser's own check for repeated keys takes quadratic time, so `repeatedKeys` does it.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  const problems: Problem[] = document.errors.map((error) => ({
    pointer: '',
    problem: error.message,
    line: lines.linePos(error.pos[0]).line,
  }))
  for (const offset of repeatedKeys(document)) {
    problems.push({ pointer: '', problem: 'Map keys must be unique', line: lines.linePos(offset).line })
  }

  return {
    problems,
    value: toValue(document, problems),
    lineAt: (pointer) => {
      const node = document.getIn(pointerPath(pointer).map(index), true) as YamlNodeRange | undefined

      return node?.range ? lines.linePos(node.range[0]).line : undefined
    },
  }
}

interface YamlNodeRange {
  range?: [number, number, number] | null
}

/** The offsets of keys that an earlier entry of the same mapping has. */
function repeatedKeys(document: Document): number[] {
  const offsets: number[] = []
  visit(document, {
    Map: (_key, { items }) => {
      const keys = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (keys.has(key.value)) offsets.push(key.range?.[0] ?? 0)
        keys.add(key.value)
      }
    },
  })

  return offsets
}

function toValue(document: Document, problems: Problem[]): unknown {
  if (problems.length) return undefined
  try {
    return document.toJS({ maxAliasCount: maxAliases }) as unknown
  } catch (error) {
    problems.push({ pointer: '', problem: (error as Error).message })
    return undefined
  }
}

function lineAbove(pointer: string, lineAt: ParsedText['lineAt']): { line?: number } {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const line = lineAt(at)
    if (line !== undefined) return { line }
    if (at === '') return {}
  }
}

function index(step: string): string | number {
  return /^\d+$/.test(step) ? Number(step) : step
}

/**
 * Bounds on a YAML text, which a scan of its tokens checks before the parser sees it: nested and repeated parts make the
 * parser take time and memory out of proportion.
 */
const maxDepth = 64
const maxIndentation = 256
const maxAliases = 100
const maxTokens = 400_000
const tooDeep = `is nested deeper than ${maxDepth}`

/** The first bound that a YAML text exceeds, and the line; undefined when it keeps all of them. */
function excessOf(text: string): { problem: string; line: number } | undefined {
  const bounds = new YamlBounds()
  for (const token of new Lexer().lex(text)) {
    const problem = bounds.take(token)
    if (problem !== undefined) return { problem, line: bounds.line }
  }

  return undefined
}

/** Counts the depth, the aliases and the number of a text's tokens. */
class YamlBounds {
  line = 1
  #tokens = 0
  #aliases = 0
  /** Brackets and braces that are open. */
  #flowDepth = 0
  /** Indicators of block sequences and keys in this line, each of which nests. */
  #indicators = 0
  #isLineStart = true
  #isScalarNext = false

  take(token: string): string | undefined {
    if (++this.#tokens > maxTokens) return `has more than ${maxTokens} words and signs`
    if (this.#isScalarNext) {
      this.#isScalarNext = false
      this.#countLines(token)

      return undefined
    }
    const isLineStart = this.#isLineStart
    this.#isLineStart = token.endsWith('\n')
    if (this.#isLineStart) this.#indicators = 0
    this.#countLines(token)

    return this.#excess(token, isLineStart)
  }

  // complexity: one case for each indicator of YAML.
  // eslint-disable-next-line complexity
  #excess(token: string, isLineStart: boolean): string | undefined {
    switch (token[0]) {
      case '\u001f':
        this.#isScalarNext = true
        return undefined
      case '[':
      case '{':
        return ++this.#flowDepth > maxDepth ? tooDeep : undefined
      case ']':
      case '}':
        this.#flowDepth = Math.max(0, this.#flowDepth - 1)
        return undefined
      case '-':
      case '?':
      case ':':
        return ++this.#indicators > maxDepth ? tooDeep : undefined
      case '*':
        return ++this.#aliases > maxAliases ? `has more than ${maxAliases} aliases` : undefined
      case ' ':
        return isLineStart && token.length > maxIndentation ? tooDeep : undefined
      default:
        return undefined
    }
  }

  #countLines(token: string): void {
    for (let at = token.indexOf('\n'); at !== -1; at = token.indexOf('\n', at + 1)) this.line += 1
  }
}
