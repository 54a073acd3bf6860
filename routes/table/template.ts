/**
 * Header templates: `$name`, `${name}`, `${name:-default}` and `$$`, parsed once, when a table is compiled. A variable is a
 * plain name, or `header.X-Name` for an inbound header in any case.
 */
import { isHeaderName } from '../schema/header.ts'
import { nearest } from '../../base/nearest.ts'

/**
 * Header templates: `$name`, `${name}`, `${name:-default}` and `$$`. Parsed once, when a table is compiled.
 * A variable is a plain name, or `header.X-Name` for an inbound header (its case does not matter).
 */

interface Reference {
  /** As it is looked up: `header.` names in lower case. */
  readonly variable: string
  /** As it was written. */
  readonly written: string
  readonly otherwise: Template | undefined
}

/** What is wrong with a template, and where in its text (counted from 0). */
export interface TemplateMistake {
  problem: string
  hint: string
  at: number
}

export type Lookup = (variable: string) => string | undefined

/** A parsed template. */
export class Template {
  readonly text: string
  readonly #parts: readonly (string | Reference)[]

  constructor(text: string, parts: readonly (string | Reference)[]) {
    this.text = text
    this.#parts = parts
  }

  /** A variable that is not known renders as '', and is reported unless the template has a default for it. */
  render(lookup: Lookup, unknown: (variable: string) => void): string {
    let out = ''
    for (const part of this.#parts) {
      if (typeof part === 'string') {
        out += part
        continue
      }
      const value = lookup(part.variable)
      if (value) out += value
      else if (part.otherwise) out += part.otherwise.render(lookup, unknown)
      else if (value === undefined) unknown(part.written)
    }

    return out
  }

  /** Every variable that it may ask for, as written. */
  variables(): string[] {
    return this.#parts.flatMap((part) =>
      typeof part === 'string' ? [] : [part.written, ...(part.otherwise?.variables() ?? [])],
    )
  }

  /** The text between the variables. */
  literals(): string[] {
    return this.#parts.flatMap((part) => (typeof part === 'string' ? [part] : (part.otherwise?.literals() ?? [])))
  }
}

const bare = /(?:header\.[A-Za-z0-9_-]+|[A-Za-z_][A-Za-z0-9_]*)/y
const braced = /[^\s{}$:]+/y

/** Parses a template, or says what is wrong with it. */
export function parseTemplate(text: string): Template | TemplateMistake {
  try {
    return parse(text, 0, false).template
  } catch (error) {
    if (error instanceof TemplateError) return { problem: error.message, hint: error.hint, at: error.at }
    throw error
  }
}

class TemplateError extends Error {
  readonly hint: string
  readonly at: number

  constructor(problem: string, hint: string, at: number) {
    super(problem)
    this.hint = hint
    this.at = at
  }
}

function parse(text: string, from: number, nested: boolean): { template: Template; end: number } {
  const parts: (string | Reference)[] = []
  let literal = ''
  let at = from
  const take = (reference: Reference): void => {
    if (literal) parts.push(literal)
    literal = ''
    parts.push(reference)
  }

  while (at < text.length && !(nested && text[at] === '}')) {
    if (text[at] !== '$') {
      literal += text.charAt(at++)
    } else if (text[at + 1] === '$') {
      literal += '$'
      at += 2
    } else if (text[at + 1] === '{') {
      const name = match(braced, text, at + 2)
      if (!name) throw new TemplateError('"${" has no variable name after it', 'write ${name} or ${name:-default}', at)
      const after = at + 2 + name.length
      if (text[after] === '}') {
        take(reference(name, undefined))
        at = after + 1
      } else if (text.startsWith(':-', after)) {
        const inner = parse(text, after + 2, true)
        if (text[inner.end] !== '}') throw unclosed(at)
        take(reference(name, inner.template))
        at = inner.end + 1
      } else if (after >= text.length) {
        throw unclosed(at)
      } else {
        throw new TemplateError(
          `"\${${name}" is followed by "${text[after] ?? ''}"`,
          'write ${name} or ${name:-default}',
          at,
        )
      }
    } else {
      const name = match(bare, text, at + 1)
      if (!name) throw new TemplateError('"$" has no variable name after it', 'write $$ for a dollar sign', at)
      take(reference(name, undefined))
      at += 1 + name.length
    }
  }
  if (literal) parts.push(literal)

  return { template: new Template(text.slice(from, at), parts), end: at }
}

function unclosed(at: number): TemplateError {
  return new TemplateError('"${" is never closed', 'write ${name} or ${name:-default}', at)
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at

  return pattern.exec(text)?.[0] ?? ''
}

function reference(written: string, otherwise: Template | undefined): Reference {
  return { variable: variableKey(written), written, otherwise }
}

/** The form in which a variable is looked up. */
export function variableKey(written: string): string {
  return written.startsWith('header.') ? written.toLowerCase() : written
}

/** Variables that every call has. Nothing an environment or a request brings can replace them. */
export const builtInVariables = [
  'caller_id',
  'caller_name',
  'called_number',
  'call_id',
  'project',
  'environment',
  'version',
  'handoff',
  'reason',
] as const

const builtIn: ReadonlySet<string> = new Set(builtInVariables)

export function isBuiltIn(variable: string): boolean {
  return builtIn.has(variable)
}

const plain = /^[A-Za-z_][A-Za-z0-9_]*$/

export function isVariableName(name: string): boolean {
  return plain.test(name)
}

export interface KnownVariables {
  /** Variables of any of the project's environments. */
  environment: ReadonlySet<string>
  /** What transfer requests bring, when the project lists it; any name when it does not. */
  request: ReadonlySet<string> | undefined
}

/** Says why a variable cannot exist, or undefined when it can. */
export function variableProblem(written: string, known: KnownVariables): { problem: string; hint: string } | undefined {
  if (written.startsWith('header.')) {
    const header = written.slice('header.'.length)
    if (/^x-/i.test(header) && header.length > 2 && isHeaderName(header)) return undefined

    return {
      problem: `unknown variable "${written}"`,
      hint: 'only inbound X- headers are variables, such as header.X-Account',
    }
  }
  if (!isVariableName(written)) {
    return {
      problem: `unknown variable "${written}"`,
      hint: 'a name is letters, digits and "_"; an inbound header is header.X-Name',
    }
  }
  if (isBuiltIn(written) || known.environment.has(written)) return undefined
  if (known.request === undefined || known.request.has(written)) return undefined

  const all = [...builtInVariables, ...known.environment, ...known.request]
  const guess = nearest(written, all)

  return {
    problem: `unknown variable "${written}"`,
    hint: guess === undefined ? `the variables here are ${all.join(', ')}` : `did you mean "${guess}"?`,
  }
}
