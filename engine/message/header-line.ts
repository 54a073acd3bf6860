import { trimBlanks } from './characters.ts'
import type { HeaderName } from './header-names.ts'

/** One header field: parsed from the wire, where it stands in the text from `start` to `end`, or built (`start` -1). */
export class HeaderLine {
  readonly name: HeaderName
  readonly start: number
  readonly end: number
  #value: string
  #folded: boolean

  constructor(name: HeaderName, value: string, start = -1, end = -1, folded = false) {
    this.name = name
    this.start = start
    this.end = end
    this.#value = value
    this.#folded = folded
  }

  /** The value on one line, without blanks around it. */
  get value(): string {
    if (this.#folded) {
      // RFC 3261 7.3.1: a fold, and the blanks around it, stand for one space.
      this.#value = this.#value.split('\r\n').map(trimBlanks).join(' ')
      this.#folded = false
    }

    return this.#value
  }
}
