/**
 * Header templates: `$name`, `${name}`, `${name:-default}` and `$$`, parsed once, when a table is compiled. A variable is a
 * plain name, or `header.X-Name` for an inbound header in any case.
 */

import { nearest } from '../../base/nearest.ts'
import type { ValueProblem } from '../schema/errors.ts'
import { isHeaderName } from '../schema/header.ts'
import { parseRoute } from '../schema/uri.ts'

interface VariableReference {
  /** The key to look up: `header.` names in lower case. */
  readonly variable: string
  /** The name in the template's text. */
  readonly written: string
  readonly otherwise: Template | undefined
}

/** The mistake in a template, and its index in the text. */
export interface TemplateMistake {
  problem: string
  hint: string
  at: number
}

export type VariableLookup = (variable: string) => string | undefined

/** A parsed template. */
export class Template {
  readonly #parts: readonly (string | VariableReference)[]

  constructor(parts: readonly (string | VariableReference)[]) {
    this.#parts = parts
  }

  /** An unknown variable renders as '', and is reported unless the template has a default for it. */
  render(lookup: VariableLookup, unknown: (variable: string) => void): string {
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

  /** The variables, as written, that have neither a value nor a default here. */
  lacking(lookup: VariableLookup): string[] {
    return this.#parts.flatMap((part) => {
      if (typeof part === 'string' || lookup(part.variable)) return []

      return part.otherwise ? part.otherwise.lacking(lookup) : [part.written]
    })
  }

  /** Every variable that the template may look up, as written. */
  variables(): string[] {
    return this.#parts.flatMap((part) =>
      typeof part === 'string' ? [] : [part.written, ...(part.otherwise?.variables() ?? [])],
    )
  }
}

const bare = /(?:header\.[A-Za-z0-9_-]+|[A-Za-z_][A-Za-z0-9_]*)/y
const braced = /[^\s{}$:]+/y

/** Parses a template, or returns the mistake in it. */
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
  const parts: (string | VariableReference)[] = []
  let literal = ''
  let at = from
  const take = (part: VariableReference): void => {
    if (literal) parts.push(literal)
    literal = ''
    parts.push(part)
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

  return { template: new Template(parts), end: at }
}

function unclosed(at: number): TemplateError {
  return new TemplateError('"${" is never closed', 'write ${name} or ${name:-default}', at)
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at

  return pattern.exec(text)?.[0] ?? ''
}

function reference(written: string, otherwise: Template | undefined): VariableReference {
  return { variable: variableKey(written), written, otherwise }
}

/** The key by which a variable is looked up. */
export function variableKey(written: string): string {
  return written.startsWith('header.') ? written.toLowerCase() : written
}

/** Variables that every call has. Neither an environment nor a request can replace them. */
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
  'context_id',
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
  /** Variables of transfer requests that the project lists; undefined, when it lists none, allows any name. */
  request: ReadonlySet<string> | undefined
}

/** Why a variable cannot exist, or undefined when it can. */
export function variableProblem(written: string, known: KnownVariables): ValueProblem | undefined {
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

/** Routes whose user part is filled in for each transfer, such as `sip:${queue}@pbx.example`. */

/** The route as a template; undefined for one without variables. */
export function routeTemplateOf(route: string | undefined): Template | undefined {
  const parsed = route?.includes('$') ? parseTemplate(route) : undefined

  return parsed instanceof Template ? parsed : undefined
}

/** The route with a sample in the place of each variable: its host, port and parameters are those of every call. */
export function sampleRoute(route: string): string {
  return routeTemplateOf(route)?.render(() => 'sample', ignore) ?? route
}

/** Why the variables of a route may not be where they are: they decide no host, no scheme and no parameter. */
export function routeTemplateProblem(template: Template): ValueProblem | undefined {
  const [one, other] = ['one', 'other'].map((value) => parseRoute(template.render(() => value, ignore)))
  const isUserAlone =
    one !== undefined &&
    other !== undefined &&
    one.kind !== 'tel' &&
    JSON.stringify({ ...one, user: '' }) === JSON.stringify({ ...other, user: '' })
  if (isUserAlone) return undefined

  return {
    problem: 'a variable of a route stands elsewhere than in the user part of a SIP URI',
    hint: 'write it before the @, such as sip:${queue}@pbx.example; "$$" is a dollar sign',
  }
}

/** The route of one transfer, or the names of the variables that it lacks. What values bring is escaped (RFC 3261 19.1.2). */
export function renderRoute(template: Template, lookup: VariableLookup): string | readonly string[] {
  const lacking = template.lacking(lookup)
  if (lacking.length > 0) return lacking

  return template.render((variable) => {
    const value = lookup(variable)

    return value && escapedUser(value)
  }, ignore)
}

/** RFC 3261 25.1: unreserved and some user-unreserved characters stay as they are; ";", "?" and "/" begin other parts for many peers. */
function escapedUser(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte)

    return /[A-Za-z0-9\-_.!~*'()&=+$,]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

const ignore = (): void => undefined
