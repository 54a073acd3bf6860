import { isToken, parseDigits } from './characters.ts'
import { type CSeq, parseCSeq } from './cseq.ts'
import {
  endOfElement,
  firstOfList,
  HeaderLine,
  maxPassedOver,
  type PassedOver,
  type PassedOverReason,
  splitList,
} from './header-line.ts'
import { type HeaderName, headerName, headerNames, isName } from './header-names.ts'
import { type NameAddr, parseNameAddr } from './name-addr.ts'
import { parseSipUri, type SipUri } from './uri.ts'
import { formatVia, parseVia, type Via } from './via.ts'

/** The text of a received message; the message's lines point into this text. */
export interface MessageOrigin {
  readonly text: string
  readonly lines: HeaderLine[]
  readonly bodyStart: number
  readonly passedOver?: PassedOver[] | undefined
}

/** Makes the header lines of a whole message. */
export type LineParser = (text: string) => HeaderLine[]

const nothingPassedOver: readonly PassedOver[] = []

const parseFirstVia = (value: string): Via | undefined => parseVia(firstOfList(value))

/** The first of a list. A display name without its quotes may hold a comma: then there is no URI before it. */
function parseFirstNameAddr(value: string): NameAddr | undefined {
  const first = parseNameAddr(firstOfList(value))
  if (first && (first.uri.includes(':') || first.uri === '*')) return first
  const whole = value.includes(',') ? parseNameAddr(value) : undefined

  return whole?.uri.includes(':') ? whole : undefined
}

const nameOf = (name: string | HeaderName): HeaderName => (typeof name === 'string' ? headerName(name) : name)

/**
 * A SIP message as a binary string: one character a byte. An unchanged parsed message serialises to the
 * received bytes; in a changed one only the changed lines are rendered anew.
 */
export abstract class Message {
  abstract readonly kind: 'request' | 'response' | 'bad'
  /** The lines, or what parses the text again when they are needed. */
  #parsed: HeaderLine[] | LineParser
  #body: string
  #text: string | undefined
  // Parsed values: undefined before the first read, null when missing or malformed.
  #via: Via | null | undefined
  #from: NameAddr | null | undefined
  #to: NameAddr | null | undefined
  #contact: NameAddr | null | undefined
  #contactUri: SipUri | null | undefined
  #cseq: CSeq | null | undefined
  #fromTag: string | null | undefined
  #toTag: string | null | undefined
  #passedOver: PassedOver[] | undefined

  constructor(origin?: MessageOrigin) {
    this.#parsed = origin?.lines ?? []
    this.#body = origin ? origin.text.slice(origin.bodyStart) : ''
    this.#text = origin?.text
    this.#passedOver = origin?.passedOver
  }

  protected abstract startLine(): string

  /** Keeps the text alone: a message of a call that is up is rarely read. Its lines are parsed again when one is. */
  compact(parser: LineParser): void {
    this.toString()
    this.#parsed = parser
    this.#via = this.#from = this.#to = this.#contact = undefined
    this.#contactUri = this.#cseq = this.#fromTag = this.#toTag = undefined
  }

  /** The first value of a header, in any case or compact form. */
  header(name: string | HeaderName): string | undefined {
    return this.#line(nameOf(name))?.value
  }

  /** Every value of a header, one for each line, in order. */
  headers(name: string | HeaderName): string[] {
    const wanted = nameOf(name)
    const values: string[] = []
    for (const line of this.#lines) if (isName(line.name, wanted)) values.push(line.value)

    return values
  }

  /** How many lines a header has. */
  count(name: string | HeaderName): number {
    const wanted = nameOf(name)
    let count = 0
    for (const line of this.#lines) if (isName(line.name, wanted)) count++

    return count
  }

  /** Every element of a header that holds comma lists, over all its lines, in order (Route, Supported, Via …). */
  list(name: string | HeaderName): string[] {
    const lines = this.headers(name)

    return lines.length === 1 ? splitList(lines[0] ?? '') : lines.flatMap(splitList)
  }

  has(name: string | HeaderName): boolean {
    return this.#line(nameOf(name)) !== undefined
  }

  /** Every header line in order: canonical name and value; with `isWanted`, those whose name it takes. */
  entries(isWanted?: (name: string) => boolean): (readonly [name: string, value: string])[] {
    const entries: (readonly [name: string, value: string])[] = []
    for (const line of this.#lines) {
      const { name } = line.name
      if (!isWanted || isWanted(name)) entries.push([name, line.value])
    }

    return entries
  }

  /** Adds a line after the others. A name that is no token is not added; control characters in the value become blanks. */
  add(name: string | HeaderName, value: string): this {
    const header = nameOf(name)
    if (header.isRegistered || isToken(header.name)) this.#lines.push(HeaderLine.ofAny(header, value))

    return this.#changed(header)
  }

  /** Adds an existing line after the others. */
  addLine(line: HeaderLine): this {
    this.#lines.push(line)

    return this.#changed(line.name)
  }

  /** Adds lines of another message unchanged: all lines of a header, or the first. */
  addFrom(message: Message, name: HeaderName, which: 'all' | 'first'): this {
    for (const line of message.#lines) {
      if (!isName(line.name, name)) continue
      this.#lines.push(line)
      if (which === 'first') break
    }

    return this.#changed(name)
  }

  /** Replaces all values of a header by these, one line each, at the place of its first line. */
  set(name: string, value: string | readonly string[]): this {
    if (!isToken(name)) return this
    const header = headerName(name)
    const values = typeof value === 'string' ? [value] : value
    const at = this.#lines.findIndex((line) => isName(line.name, header))
    const lines = values.map((text) => HeaderLine.ofAny(header, text))
    this.remove(name)
    this.#lines.splice(at < 0 ? this.#lines.length : at, 0, ...lines)

    return this.#changed(header)
  }

  /** Replaces the first element of a header's first line and leaves what follows it. */
  replaceFirst(name: string | HeaderName, value: string): this {
    const header = nameOf(name)
    const at = this.#lines.findIndex((line) => isName(line.name, header))
    const line = this.#lines[at]
    if (!line) return this.add(header, value)
    const comma = line.value.includes(',') ? endOfElement(line.value, 0) : line.value.length
    this.#lines[at] = HeaderLine.ofAny(line.name, value + line.value.slice(comma))

    return this.#changed(header)
  }

  remove(name: string): this {
    const header = headerName(name)
    let kept = 0
    for (const line of this.#lines) if (!isName(line.name, header)) this.#lines[kept++] = line
    this.#lines.length = kept

    return this.#changed(header)
  }

  /** The top Via. */
  get via(): Via | undefined {
    if (this.#via === undefined) this.#via = this.#read(headerNames.via, parseFirstVia)

    return this.#via ?? undefined
  }

  /** Replaces the top Via; the others stay as they are. */
  replaceVia(via: Via): this {
    this.replaceFirst(headerNames.via, formatVia(via))
    this.#via = via

    return this
  }

  get from(): NameAddr | undefined {
    if (this.#from === undefined) this.#from = this.#read(headerNames.from, parseNameAddr)

    return this.#from ?? undefined
  }

  get to(): NameAddr | undefined {
    if (this.#to === undefined) this.#to = this.#read(headerNames.to, parseNameAddr)

    return this.#to ?? undefined
  }

  /** The first Contact; a malformed one is passed over. */
  get contact(): NameAddr | undefined {
    if (this.#contact === undefined) {
      this.#contact = this.#read(headerNames.contact, parseFirstNameAddr)
      if (this.#contact === null) this.passOver(headerNames.contact, 'contact')
    }

    return this.#contact ?? undefined
  }

  /** The URI of the first Contact; undefined when there is none, or none that is a SIP URI. */
  get contactUri(): SipUri | undefined {
    if (this.#contactUri === undefined) this.#contactUri = parseSipUri(this.contact?.uri ?? '') ?? null

    return this.#contactUri ?? undefined
  }

  get cseq(): CSeq | undefined {
    if (this.#cseq === undefined) this.#cseq = this.#read(headerNames.cseq, parseCSeq)

    return this.#cseq ?? undefined
  }

  /** '' when there is none. */
  get callId(): string {
    return this.header(headerNames.callId) ?? ''
  }

  get fromTag(): string | undefined {
    if (this.#fromTag === undefined) this.#fromTag = this.from?.params.get('tag') ?? null

    return this.#fromTag ?? undefined
  }

  get toTag(): string | undefined {
    if (this.#toTag === undefined) this.#toTag = this.to?.params.get('tag') ?? null

    return this.#toTag ?? undefined
  }

  /** Undefined when it is missing or not a number. */
  get maxForwards(): number | undefined {
    const value = this.header(headerNames.maxForwards)

    return value === undefined ? undefined : parseDigits(value)
  }

  /** The malformed lines that have been passed over so far; `contact` adds its line when it is read. */
  get passedOver(): readonly PassedOver[] {
    return this.#passedOver ?? nothingPassedOver
  }

  /** Notes that a header, if present, is malformed and not needed. */
  passOver(name: HeaderName, reason: PassedOverReason): void {
    const line = this.#line(name)
    if (!line) return
    this.#passedOver ??= []
    const isNoted = this.#passedOver.some((noted) => noted.reason === reason)
    if (!isNoted && this.#passedOver.length < maxPassedOver) this.#passedOver.push({ reason, line: line.text })
  }

  get body(): string {
    return this.#body
  }

  set body(body: string) {
    this.#body = body
    this.#text = undefined
  }

  /** The message's bytes on the wire. A created or changed message gets the right Content-Length. */
  toString(): string {
    return (this.#text ??= this.#render())
  }

  /** Shares the parsed Via, From and CSeq of a request with the response that has the same lines. */
  adoptParsed(message: Message): this {
    this.#via = message.#via
    this.#from = message.#from
    this.#fromTag = message.#fromTag
    this.#cseq = message.#cseq

    return this
  }

  get #lines(): HeaderLine[] {
    if (typeof this.#parsed === 'function') this.#parsed = this.#parsed(this.toString())

    return this.#parsed
  }

  #render(): string {
    let text = `${this.startLine()}\r\n`
    for (const line of this.#lines) if (line.name !== headerNames.contentLength) text += line.text

    return `${text}Content-Length: ${this.#body.length}\r\n\r\n${this.#body}`
  }

  #line(name: HeaderName): HeaderLine | undefined {
    for (const line of this.#lines) if (isName(line.name, name)) return line

    return undefined
  }

  #read<T>(name: HeaderName, parse: (value: string) => T | undefined): T | null {
    const value = this.#line(name)?.value

    return value === undefined ? null : (parse(value) ?? null)
  }

  /** Forgets the text and the parsed value of a header whose lines have changed. */
  #changed(name: HeaderName): this {
    this.#text = undefined
    if (name === headerNames.via) this.#via = undefined
    else if (name === headerNames.from) this.#from = this.#fromTag = undefined
    else if (name === headerNames.to) this.#to = this.#toTag = undefined
    else if (name === headerNames.contact) this.#contact = this.#contactUri = undefined
    else if (name === headerNames.cseq) this.#cseq = undefined

    return this
  }
}
