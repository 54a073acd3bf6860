import { isToken, parseDigits } from './characters.ts'
import { type CSeq, parseCSeq } from './cseq.ts'
import { HeaderLine } from './header-line.ts'
import { type HeaderName, headerName } from './header-names.ts'
import { endOfElement, firstOfList, splitList } from './lists.ts'
import { type NameAddr, parseNameAddr } from './name-addr.ts'
import { formatVia, parseVia, type Via } from './via.ts'

/** The text that a parsed message came from; its lines point into it. */
export interface Origin {
  readonly text: string
  readonly lines: HeaderLine[]
  readonly bodyStart: number
}

const parseFirstVia = (value: string): Via | undefined => parseVia(firstOfList(value))
const parseFirstNameAddr = (value: string): NameAddr | undefined => parseNameAddr(firstOfList(value))

// A value that came percent-encoded or from a user may hold line ends, and must not make headers of its own.
function newLine(name: HeaderName, value: string): HeaderLine {
  const isClean = !value.includes('\r') && !value.includes('\n')

  return new HeaderLine(name, isClean ? value : value.replaceAll('\r', ' ').replaceAll('\n', ' '))
}

/**
 * A SIP message as a binary string: one character a byte. A parsed message that nobody changed serialises to the bytes
 * that came; of a changed one only the changed lines are rendered anew.
 */
export abstract class Message {
  abstract readonly kind: 'request' | 'response' | 'bad'
  readonly #source: string
  readonly #lines: HeaderLine[]
  #body: string
  #text: string | undefined
  // Parsed values: undefined when not looked at yet, null when missing or malformed.
  #via: Via | null | undefined
  #from: NameAddr | null | undefined
  #to: NameAddr | null | undefined
  #contact: NameAddr | null | undefined
  #cseq: CSeq | null | undefined

  constructor(origin?: Origin) {
    this.#source = origin?.text ?? ''
    this.#lines = origin?.lines ?? []
    this.#body = origin ? origin.text.slice(origin.bodyStart) : ''
    this.#text = origin?.text
  }

  protected abstract startLine(): string

  /** The first value of a header, in any case or compact form. */
  header(name: string): string | undefined {
    const { key } = headerName(name)
    for (const line of this.#lines) if (line.name.key === key) return line.value

    return undefined
  }

  /** Every value of a header, one for each line, in order. */
  headers(name: string): string[] {
    const { key } = headerName(name)
    const values: string[] = []
    for (const line of this.#lines) if (line.name.key === key) values.push(line.value)

    return values
  }

  /** Every element of a header that holds comma lists, over all its lines, in order (Route, Supported, Via …). */
  list(name: string): string[] {
    const lines = this.headers(name)

    return lines.length === 1 ? splitList(lines[0] ?? '') : lines.flatMap(splitList)
  }

  has(name: string): boolean {
    return this.header(name) !== undefined
  }

  /** Every header line in order: canonical name and value. */
  entries(): (readonly [name: string, value: string])[] {
    return this.#lines.map((line) => [line.name.name, line.value])
  }

  /** Adds a line after the others. What no header can be is not sent: a name that is no token, a CR or LF in a value. */
  add(name: string, value: string): this {
    if (isToken(name)) this.#lines.push(newLine(headerName(name), value))

    return this.#changed()
  }

  /** Adds a line before all others. */
  prepend(name: string, value: string): this {
    if (isToken(name)) this.#lines.unshift(newLine(headerName(name), value))

    return this.#changed()
  }

  /** Makes these the only values of a header, one line each, where its first line was. */
  set(name: string, value: string | readonly string[]): this {
    if (!isToken(name)) return this
    const header = headerName(name)
    const values = typeof value === 'string' ? [value] : value
    const at = this.#lines.findIndex((line) => line.name.key === header.key)
    const lines = values.map((text) => newLine(header, text))
    this.remove(name)
    this.#lines.splice(at < 0 ? this.#lines.length : at, 0, ...lines)

    return this.#changed()
  }

  /** Replaces the first element of a header's first line and leaves what follows it. */
  replaceFirst(name: string, value: string): this {
    const { key } = headerName(name)
    const at = this.#lines.findIndex((line) => line.name.key === key)
    const line = this.#lines[at]
    if (!line) return this.add(name, value)
    const comma = line.value.includes(',') ? endOfElement(line.value, 0) : line.value.length
    this.#lines[at] = newLine(line.name, value + line.value.slice(comma))

    return this.#changed()
  }

  remove(name: string): this {
    const { key } = headerName(name)
    let kept = 0
    for (const line of this.#lines) if (line.name.key !== key) this.#lines[kept++] = line
    this.#lines.length = kept

    return this.#changed()
  }

  /** The top Via. */
  get via(): Via | undefined {
    if (this.#via === undefined) this.#via = this.#read('Via', parseFirstVia)

    return this.#via ?? undefined
  }

  /** Replaces the top Via; the others stay as they are. */
  replaceVia(via: Via): this {
    this.replaceFirst('Via', formatVia(via))
    this.#via = via

    return this
  }

  get from(): NameAddr | undefined {
    if (this.#from === undefined) this.#from = this.#read('From', parseNameAddr)

    return this.#from ?? undefined
  }

  get to(): NameAddr | undefined {
    if (this.#to === undefined) this.#to = this.#read('To', parseNameAddr)

    return this.#to ?? undefined
  }

  /** The first Contact. */
  get contact(): NameAddr | undefined {
    if (this.#contact === undefined) this.#contact = this.#read('Contact', parseFirstNameAddr)

    return this.#contact ?? undefined
  }

  get cseq(): CSeq | undefined {
    if (this.#cseq === undefined) this.#cseq = this.#read('CSeq', parseCSeq)

    return this.#cseq ?? undefined
  }

  /** '' when there is none. */
  get callId(): string {
    return this.header('Call-ID') ?? ''
  }

  get fromTag(): string | undefined {
    return this.from?.params.get('tag')
  }

  get toTag(): string | undefined {
    return this.to?.params.get('tag')
  }

  /** Undefined when it is missing or not a number. */
  get maxForwards(): number | undefined {
    const value = this.header('Max-Forwards')

    return value === undefined ? undefined : parseDigits(value)
  }

  get body(): string {
    return this.#body
  }

  set body(body: string) {
    this.#body = body
    this.#changed()
  }

  /** The message's bytes on the wire. Content-Length is there and right in whatever we made or changed. */
  toString(): string {
    return (this.#text ??= this.#render())
  }

  #render(): string {
    let text = `${this.startLine()}\r\n`
    for (const line of this.#lines) {
      if (line.name.key === 'content-length') continue
      text += line.start < 0 ? `${line.name.name}: ${line.value}\r\n` : this.#source.slice(line.start, line.end)
    }

    return `${text}Content-Length: ${this.#body.length}\r\n\r\n${this.#body}`
  }

  #read<T>(name: string, parse: (value: string) => T | undefined): T | null {
    const value = this.header(name)

    return value === undefined ? null : (parse(value) ?? null)
  }

  #changed(): this {
    this.#text = undefined
    this.#via = this.#from = this.#to = this.#contact = this.#cseq = undefined

    return this
  }
}
