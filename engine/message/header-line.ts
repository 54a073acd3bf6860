import { onOneLine, trimBlanks, endOfQuoted } from './characters.ts'
import type { HeaderName } from './header-names.ts'

/**
 * One header field: the part of a text from `start` to `end`, CRLF included. The value is sliced at its first read.
 * Immutable, so that a response shares lines with its request.
 */
export class HeaderLine {
  readonly name: HeaderName
  readonly #source: string
  readonly #start: number
  readonly #end: number
  readonly #valueStart: number
  readonly #valueEnd: number
  #value: string | undefined

  /** `value` is given for a folded line, whose value is not the text between `valueStart` and `valueEnd`. */
  // eslint-disable-next-line max-params -- one line is made for each header: an options object would cost more than the parsing
  constructor(
    name: HeaderName,
    source: string,
    start: number,
    end: number,
    valueStart: number,
    valueEnd: number,
    value?: string,
  ) {
    this.name = name
    this.#source = source
    this.#start = start
    this.#end = end
    this.#valueStart = valueStart
    this.#valueEnd = valueEnd
    this.#value = value
  }

  /** Makes a line of an untrusted value, in which control characters become blanks. */
  static ofAny(name: HeaderName, value: string): HeaderLine {
    return HeaderLine.of(name, onOneLine(value))
  }

  /** Makes a line of a value that is known to have no line ends. */
  static of(name: HeaderName, value: string): HeaderLine {
    const source = `${name.prefix}${value}\r\n`

    return new HeaderLine(name, source, 0, source.length, 0, 0, value)
  }

  /** The value, unfolded and trimmed. */
  get value(): string {
    return (this.#value ??= this.#source.slice(this.#valueStart, this.#valueEnd))
  }

  /** The line as it is written in a message, CRLF included. */
  get text(): string {
    const source = this.#source

    return this.#end - this.#start === source.length ? source : source.slice(this.#start, this.#end)
  }
}

/** The end of the list element that begins at `start`: the next comma outside quotes and angle brackets, or the end. */
export function endOfElement(value: string, start: number): number {
  let inBrackets = false
  for (let i = start; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === 44 && !inBrackets) return i
    if (code === 60) inBrackets = true
    else if (code === 62) inBrackets = false
    else if (code === 34 && !inBrackets) {
      const end = endOfQuoted(value, i)
      if (end < 0) return value.length
      i = end - 1
    }
  }

  return value.length
}

/** The elements of a comma list (RFC 3261 7.3.1), trimmed; commas in quotes and angle brackets do not count. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return value === '' ? [] : [trimBlanks(value)]
  if (!value.includes('"') && !value.includes('<')) return value.split(',').map(trimBlanks)
  const elements: string[] = []
  for (let start = 0; start <= value.length;) {
    const end = endOfElement(value, start)
    elements.push(trimBlanks(value.slice(start, end)))
    start = end + 1
  }

  return elements
}

/** The first element of a comma list, trimmed. */
export function firstOfList(value: string): string {
  return value.includes(',') ? trimBlanks(value.slice(0, endOfElement(value, 0))) : value
}

/** Why a header line is passed over. The words are a metric's label. */
export type PassedOverReason = keyof typeof problems

/** A malformed header line of a received message that nothing needs, so that it is ignored (RFC 3261 8.2.2, 16.3). */
export interface PassedOver {
  readonly reason: PassedOverReason
  readonly line: string
}

/** How many passed-over lines of one message are kept for the ladder. */
export const maxPassedOver = 16

const problems = {
  no_header_name: 'no header name',
  line_break: 'a CR or LF alone',
  too_long: 'too long',
  too_many: 'one of too many headers',
  content_length: 'not the length of the body',
  contact: 'malformed',
  max_forwards: 'malformed',
} as const

const shownCharacters = 80

/** A line that was passed over, and why, as the ladder and the evidence show it. */
export function passedOverText({ reason, line }: PassedOver): string {
  const shown = line.trimEnd().replace(/[\x00-\x1f\x7f]/g, ' ')

  return `${shown.length > shownCharacters ? `${shown.slice(0, shownCharacters)}...` : shown} (${problems[reason]})`
}
