import { isBlank, isPlainValue, isToken, trimBlanks } from './characters.ts'
import { endOfQuoted, quote, unquote } from './quoted-string.ts'

const SEMICOLON = 59
const EQUALS = 61
const QUOTE = 34

/**
 * The parameters of a header value or URI, `;name=value;flag`, in order. Immutable. Names are lower case; quoted values
 * are given and taken without their quotes; a parameter without a value has the value ''.
 */
export class Params {
  static readonly none = new Params([], [])

  readonly #names: readonly string[]
  readonly #raw: readonly string[]

  private constructor(names: readonly string[], raw: readonly string[]) {
    this.#names = names
    this.#raw = raw
  }

  static of(values: Readonly<Record<string, string>>): Params {
    return Object.entries(values).reduce((params, [name, value]) => params.with(name, value), Params.none)
  }

  /** Parses `;name=value…` from `start` to the end. Undefined when it is malformed. */
  static parse(text: string, start = 0): Params | undefined {
    let at = start
    while (isBlank(text.charCodeAt(at))) at++
    if (at >= text.length) return Params.none
    const names: string[] = []
    const raw: string[] = []
    const hasQuotes = text.includes('"', at)
    while (at < text.length) {
      if (text.charCodeAt(at) !== SEMICOLON) return undefined
      const end = hasQuotes ? endOfParameter(text, at + 1) : indexOfOrEnd(text, ';', at + 1)
      if (end < 0) return undefined
      let equals = at + 1
      while (equals < end && text.charCodeAt(equals) !== EQUALS) equals++
      const name = trimBlanks(text.slice(at + 1, equals))
      if (!isParameterName(name)) return undefined
      const value = equals < end ? trimBlanks(text.slice(equals + 1, end)) : ''
      if (hasQuotes && value.charCodeAt(0) === QUOTE && endOfQuoted(value, 0) !== value.length) return undefined
      names.push(name.toLowerCase())
      raw.push(value)
      at = end
    }

    return new Params(names, raw)
  }

  get size(): number {
    return this.#names.length
  }

  has(name: string): boolean {
    return this.#names.includes(name)
  }

  get(name: string): string | undefined {
    const index = this.#names.indexOf(name)

    return index < 0 ? undefined : unquote(this.#raw[index] ?? '')
  }

  /** These parameters and `name`, in its old place if it was there. A value that needs quotes gets them. */
  with(name: string, value = ''): Params {
    const written = value === '' || isPlainValue(value) ? value : quote(value)
    const index = this.#names.indexOf(name)
    if (index < 0) return new Params([...this.#names, name], [...this.#raw, written])

    return new Params(this.#names, this.#raw.with(index, written))
  }

  without(name: string): Params {
    if (!this.has(name)) return this
    const keep = (_: string, i: number) => this.#names[i] !== name

    return new Params(this.#names.filter(keep), this.#raw.filter(keep))
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (let i = 0; i < this.#names.length; i++) yield [this.#names[i] ?? '', unquote(this.#raw[i] ?? '')]
  }

  /** `;name=value;flag`, or '' when there are none. */
  toString(): string {
    let out = ''
    for (let i = 0; i < this.#names.length; i++) {
      const value = this.#raw[i] ?? ''
      out += value === '' ? `;${this.#names[i] ?? ''}` : `;${this.#names[i] ?? ''}=${value}`
    }

    return out
  }
}

function indexOfOrEnd(text: string, character: string, start: number): number {
  const at = text.indexOf(character, start)

  return at < 0 ? text.length : at
}

/** The next semicolon outside quotes, or the end; -1 when a quoted string is not closed. */
function endOfParameter(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === SEMICOLON) return i
    if (code === QUOTE) {
      i = endOfQuoted(text, i) - 1
      if (i < 0) return -1
    }
  }

  return text.length
}

// URI parameters may hold `[]/:&$` in their names too (RFC 3261 25.1, paramchar).
function isParameterName(name: string): boolean {
  return isToken(name) || isPlainValue(name)
}
