/** Project files as text: JSON or YAML in, with the line of every mistake. */
import { isUtf8 } from 'node:buffer'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { checkProject } from './check.ts'
import { pointerPath, RoutesError, type Problem } from '../errors.ts'
import type { ProjectFile } from './schema.ts'

export type DocumentType = 'json' | 'yaml'

/** A document as somebody wrote it. */
export interface SourceText {
  text: string
  type: DocumentType
}

/** The text of a document's bytes, its byte order mark included. Throws a RoutesError (422) when they are not UTF-8. */
export function sourceText(bytes: Buffer, type: DocumentType): SourceText {
  const text = bytes.toString()
  if (isUtf8(bytes)) return { text, type }
  // What cannot be read has become U+FFFD. One that was meant is there too, so the line is that of the first.
  const line = text.slice(0, text.indexOf('\ufffd')).split('\n').length
  const problem = { pointer: '', problem: 'is not UTF-8', hint: 'save the file as UTF-8', line }
  throw new RoutesError('invalid_document', mistakes(1, `${type.toUpperCase()} text`), [problem])
}

/** Reads a project file. Throws a RoutesError (422) that names every mistake with its line. */
export function readProject(source: SourceText): ProjectFile {
  const { value, lineOf } = readDocument(source)
  const problems = checkProject(value)
  if (problems.length) {
    throw new RoutesError(
      'invalid_project',
      mistakes(problems.length),
      problems.map((p) => ({ ...p, ...lineOf(p.pointer) })),
    )
  }

  return value as ProjectFile
}

/** "1 mistake in the project file" */
export function mistakes(count: number, what = 'project file'): string {
  return `${count} ${count === 1 ? 'mistake' : 'mistakes'} in the ${what}`
}

interface ReadDocument {
  value: unknown
  lineOf: (pointer: string) => { line?: number }
}

/** Reads JSON or YAML. Throws a RoutesError (422) when it is neither. */
export function readDocument({ text, type }: SourceText): ReadDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  // What JSON allows and YAML does not, such as tabs, is for JSON.parse to judge; keys that are there twice it would not see.
  const errors = type === 'json' ? document.errors.filter(({ code }) => code === 'DUPLICATE_KEY') : document.errors
  const problems: Problem[] = errors.map((error) => ({
    pointer: '',
    problem: error.message,
    line: lines.linePos(error.pos[0]).line,
  }))
  const value = type === 'json' ? parseJson(text, problems) : parseYaml(document, problems)
  if (problems.length) {
    throw new RoutesError('invalid_document', mistakes(problems.length, `${type.toUpperCase()} text`), problems)
  }

  return { value, lineOf: (pointer) => lineAt(document, lines, pointer) }
}

function parseJson(text: string, problems: Problem[]): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, '')) as unknown
  } catch (error) {
    if (!problems.length) problems.push({ pointer: '', problem: (error as Error).message, hint: 'this is to be JSON' })
    return undefined
  }
}

function parseYaml(document: Document, problems: Problem[]): unknown {
  if (problems.length) return undefined
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown
  } catch (error) {
    problems.push({ pointer: '', problem: (error as Error).message })
    return undefined
  }
}

/** The line of the nearest thing above the pointer that is there. */
function lineAt(document: Document, lines: LineCounter, pointer: string): { line?: number } {
  const path = pointerPath(pointer)
  for (; path.length; path.pop()) {
    const node = document.getIn(path.map(index), true) as { range?: [number, number, number] | null } | undefined
    if (node?.range) return { line: lines.linePos(node.range[0]).line }
  }

  return document.contents?.range ? { line: lines.linePos(document.contents.range[0]).line } : {}
}

function index(step: string): string | number {
  return /^\d+$/.test(step) ? Number(step) : step
}
