import {
  afterBlanks,
  beforeBlanks,
  isBlank,
  isPlainValue,
  isToken,
  trimBlanks,
  uriParameterBytes,
  endOfQuoted,
  percentDecode,
  percentEncode,
  quote,
  unquote,
} from './characters.ts'

const SEMICOLON = 59
const EQUALS = 61
const QUOTE = 34
const PERCENT = 37

/** How names and values are written: quoted in headers, percent-encoded in URIs. */
interface Notation {
  isName(text: string, start: number, end: number): boolean
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
  isName: (text, start, end) => isToken(text, start, end) || isPlainValue(text.slice(start, end)),
  readName: (raw) => percentDecode(raw).toLowerCase(),
  writeName: (name) => percentEncode(name, uriParameterBytes),
  readValue: percentDecode,
  writeValue: (value) => percentEncode(value, uriParameterBytes),
}

/**
 * The parameters of a header value or a URI, `;name=value;flag`, in order. Immutable. Names are lower case; values are
 * given and taken plain, without quotes or %HH; a parameter without a value has the value ''. A parameter
 * is searched in the original text when it is read.
 */
export class Params {
  static readonly none = new Params(headerNotation, '', 0)
  static readonly noneOfUri = new Params(uriNotation, '', 0)

  readonly #notation: Notation
  readonly #text: string
  /** The index of the first semicolon. */
  readonly #start: number

  private constructor(notation: Notation, text: string, start: number) {
    this.#notation = notation
    this.#text = text
    this.#start = start
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
    let first = start
    while (isBlank(text.charCodeAt(first))) first++
    if (first >= text.length) return notation === uriNotation ? Params.noneOfUri : Params.none
    for (let at = first; at < text.length;) {
      if (text.charCodeAt(at) !== SEMICOLON) return undefined
      const end = endOfParameter(text, at + 1)
      if (end < 0) return undefined
      const equals = endOfName(text, at + 1, end)
      const nameStart = afterBlanks(text, at + 1, equals)
      if (!notation.isName(text, nameStart, beforeBlanks(text, nameStart, equals))) return undefined
      if (!isWhole(text, equals + 1, end)) return undefined
      at = end
    }

    return new Params(notation, text, first)
  }

  get size(): number {
    return [...this].length
  }

  has(name: string): boolean {
    return this.#find(name) >= 0
  }

  get(name: string): string | undefined {
    const at = this.#find(name)

    return at < 0 ? undefined : this.#valueOf(at)
  }

  /** These parameters and `name`, in its old place if it was there. */
  with(name: string, value = ''): Params {
    const raw = this.#notation.writeValue(value)
    const written = `;${this.#notation.writeName(name)}${raw === '' ? '' : `=${raw}`}`
    const at = this.#find(name)
    const text = this.#text
    const start = this.#start
    if (at < 0) return new Params(this.#notation, text.slice(start) + written, 0)

    return new Params(this.#notation, text.slice(start, at) + written + text.slice(endOfParameter(text, at + 1)), 0)
  }

  without(name: string): Params {
    const text = this.#text
    let kept = ''
    let from = this.#start
    for (let at = this.#start; at < text.length;) {
      const end = endOfParameter(text, at + 1)
      if (this.#isNamed(at, name)) {
        kept += text.slice(from, at)
        from = end
      }
      at = end
    }

    return from === this.#start ? this : new Params(this.#notation, kept + text.slice(from), 0)
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    const text = this.#text
    for (let at = this.#start; at < text.length; at = endOfParameter(text, at + 1)) {
      yield [this.#nameOf(at), this.#valueOf(at)]
    }
  }

  /** `;name=value;flag`, as it was written, or '' when there are none. */
  toString(): string {
    return this.#text.slice(this.#start)
  }

  /** The position of the semicolon before the first parameter of this name, or -1. */
  #find(name: string): number {
    const text = this.#text
    for (let at = this.#start; at < text.length; at = endOfParameter(text, at + 1)) {
      if (this.#isNamed(at, name)) return at
    }

    return -1
  }

  #isNamed(at: number, name: string): boolean {
    const text = this.#text
    let from = at + 1
    while (isBlank(text.charCodeAt(from))) from++
    for (let i = 0; i < name.length; i++) {
      const code = text.charCodeAt(from + i)
      // A percent-encoded name is decoded before it is compared.
      if (code === PERCENT && this.#notation === uriNotation) return this.#nameOf(at) === name
      if (lowerCase(code) !== name.charCodeAt(i)) return false
    }
    const next = text.charCodeAt(from + name.length)

    return next === EQUALS || next === SEMICOLON || isBlank(next) || from + name.length === text.length
  }

  #nameOf(at: number): string {
    const text = this.#text
    const equals = endOfName(text, at + 1, endOfParameter(text, at + 1))

    return this.#notation.readName(trimBlanks(text.slice(at + 1, equals)))
  }

  #valueOf(at: number): string {
    const text = this.#text
    const end = endOfParameter(text, at + 1)
    const equals = endOfName(text, at + 1, end)

    return equals === end ? '' : this.#notation.readValue(trimBlanks(text.slice(equals + 1, end)))
  }
}

const lowerCase = (code: number): number => (code >= 65 && code <= 90 ? code | 32 : code)

/** The equals sign of the parameter between these, or its end. */
function endOfName(text: string, start: number, end: number): number {
  let at = start
  while (at < end && text.charCodeAt(at) !== EQUALS) at++

  return at
}

/** Whether a value that begins with a quote is one quoted string to its end. */
function isWhole(text: string, start: number, end: number): boolean {
  let at = start
  while (isBlank(text.charCodeAt(at))) at++
  if (at >= end || text.charCodeAt(at) !== QUOTE) return true

  return endOfQuoted(text, at) === text.slice(0, end).trimEnd().length
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
