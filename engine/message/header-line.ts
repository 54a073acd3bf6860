import { onOneLine } from './characters.ts'
import type { HeaderName } from './header-names.ts'

/**
 * One header field. It stands in a text, from `start` to `end`, with its CRLF; the value is cut out when it is asked for.
 * Immutable, so that messages share lines: a response has those of its request.
 */
export class HeaderLine {
  readonly name: HeaderName
  readonly #source: string
  readonly #start: number
  readonly #end: number
  readonly #valueStart: number
  readonly #valueEnd: number
  #value: string | undefined

  /** `value` when it is not what stands between `valueStart` and `valueEnd`, because it was folded. */
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

  /** Of a value that came percent-encoded or from a user: it may hold line ends and other control characters. */
  static ofAny(name: HeaderName, value: string): HeaderLine {
    return HeaderLine.of(name, onOneLine(value))
  }

  /** Of a value that holds no line ends. */
  static of(name: HeaderName, value: string): HeaderLine {
    const source = `${name.name}: ${value}\r\n`

    return new HeaderLine(name, source, 0, source.length, 0, 0, value)
  }

  /** On one line, without blanks around it. */
  get value(): string {
    return (this.#value ??= this.#source.slice(this.#valueStart, this.#valueEnd))
  }

  /** As it is written in a message, with its CRLF. */
  get text(): string {
    const source = this.#source

    return this.#end - this.#start === source.length ? source : source.slice(this.#start, this.#end)
  }
}
