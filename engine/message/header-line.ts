import type { HeaderName } from './header-names.ts'

/** One header field: parsed from the wire, where it stands in the text from `start` to `end`, or built (`start` -1). */
export class HeaderLine {
  readonly name: HeaderName
  /** On one line, without blanks around it. */
  readonly value: string
  readonly start: number
  readonly end: number

  constructor(name: HeaderName, value: string, start = -1, end = -1) {
    this.name = name
    this.value = value
    this.start = start
    this.end = end
  }
}
