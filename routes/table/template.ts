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
    if (error instanceof Mistake) return { problem: error.message, hint: error.hint, at: error.at }
    throw error
  }
}

class Mistake extends Error {
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
      if (!name) throw new Mistake('"${" has no variable name after it', 'write ${name} or ${name:-default}', at)
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
        throw new Mistake(`"\${${name}" is followed by "${text[after] ?? ''}"`, 'write ${name} or ${name:-default}', at)
      }
    } else {
      const name = match(bare, text, at + 1)
      if (!name) throw new Mistake('"$" has no variable name after it', 'write $$ for a dollar sign', at)
      take(reference(name, undefined))
      at += 1 + name.length
    }
  }
  if (literal) parts.push(literal)

  return { template: new Template(text.slice(from, at), parts), end: at }
}

function unclosed(at: number): Mistake {
  return new Mistake('"${" is never closed', 'write ${name} or ${name:-default}', at)
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
