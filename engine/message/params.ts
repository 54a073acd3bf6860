import { isBlank, isPlainValue, isToken, trimBlanks, uriParameterBytes } from './characters.ts'
import { percentDecode, percentEncode } from './percent.ts'
import { endOfQuoted, quote, unquote } from './quoted-string.ts'

const SEMICOLON = 59
const EQUALS = 61
const QUOTE = 34

/** How names and values are written: those of headers may be quoted, those of URIs percent-encoded. */
interface Notation {
  isName(text: string): boolean
  readName(raw: string): string
  writeName(name: string): string
  readValue(raw: string): string
  writeValue(value: string): string
}

const headerNotation: Notation = {
  isName: isToken,
  readName: (raw) => raw.toLowerCase(),
  writeName: (name) => name,
  readValue: unquote,
  writeValue: (value) => (value === '' || isPlainValue(value) ? value : quote(value)),
}

const uriNotation: Notation = {
  isName: (text) => isToken(text) || isPlainValue(text),
  readName: (raw) => percentDecode(raw).toLowerCase(),
  writeName: (name) => percentEncode(name, uriParameterBytes),
  readValue: percentDecode,
  writeValue: (value) => percentEncode(value, uriParameterBytes),
}

/**
 * The parameters of a header value or a URI, `;name=value;flag`, in order. Immutable. Names are lower case; values are
 * given and taken plain, without quotes or %HH; a parameter without a value has the value ''.
 */
export class Params {
  static readonly none = new Params(headerNotation, [], [])
  static readonly noneOfUri = new Params(uriNotation, [], [])

  readonly #notation: Notation
  readonly #names: readonly string[]
  readonly #raw: readonly string[]

  private constructor(notation: Notation, names: readonly string[], raw: readonly string[]) {
    this.#notation = notation
    this.#names = names
    this.#raw = raw
  }

  /** Parameters of a header. */
  static of(values: Readonly<Record<string, string>>): Params {
    return Object.entries(values).reduce((params, [name, value]) => params.with(name, value), Params.none)
  }

  /** Parameters of a URI. */
  static ofUri(values: Readonly<Record<string, string>>): Params {
    return Object.entries(values).reduce((params, [name, value]) => params.with(name, value), Params.noneOfUri)
  }

  /** Parses a header's `;name=value…` from `start` to the end. Undefined when it is malformed. */
  static parse(text: string, start = 0): Params | undefined {
    return Params.#parse(headerNotation, text, start)
  }

  /** Parses a URI's `;name=value…` from `start` to the end. Undefined when it is malformed. */
  static parseUri(text: string, start = 0): Params | undefined {
    return Params.#parse(uriNotation, text, start)
  }

  static #parse(notation: Notation, text: string, start: number): Params | undefined {
    let at = start
    while (isBlank(text.charCodeAt(at))) at++
    if (at >= text.length) return notation === uriNotation ? Params.noneOfUri : Params.none
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
      if (!notation.isName(name)) return undefined
      const value = equals < end ? trimBlanks(text.slice(equals + 1, end)) : ''
      if (hasQuotes && value.charCodeAt(0) === QUOTE && endOfQuoted(value, 0) !== value.length) return undefined
      names.push(notation.readName(name))
      raw.push(value)
      at = end
    }

    return new Params(notation, names, raw)
  }

  get size(): number {
    return this.#names.length
  }

  has(name: string): boolean {
    return this.#names.includes(name)
  }

  get(name: string): string | undefined {
    const index = this.#names.indexOf(name)

    return index < 0 ? undefined : this.#notation.readValue(this.#raw[index] ?? '')
  }

  /** These parameters and `name`, in its old place if it was there. */
  with(name: string, value = ''): Params {
    const raw = this.#notation.writeValue(value)
    const index = this.#names.indexOf(name)
    if (index < 0) return new Params(this.#notation, [...this.#names, name], [...this.#raw, raw])

    return new Params(this.#notation, this.#names, this.#raw.with(index, raw))
  }

  without(name: string): Params {
    if (!this.has(name)) return this
    const keep = (_: string, i: number) => this.#names[i] !== name

    return new Params(this.#notation, this.#names.filter(keep), this.#raw.filter(keep))
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (let i = 0; i < this.#names.length; i++) {
      yield [this.#names[i] ?? '', this.#notation.readValue(this.#raw[i] ?? '')]
    }
  }

  /** `;name=value;flag`, or '' when there are none. */
  toString(): string {
    let out = ''
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#notation.writeName(this.#names[i] ?? '')
      const value = this.#raw[i] ?? ''
      out += value === '' ? `;${name}` : `;${name}=${value}`
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
