/** Bencoding, the notation of rtpengine's ng protocol. Strings have one character a byte, as bodies of the SIP port have. */

export type NgValue = string | number | readonly NgValue[] | NgDictionary
export interface NgDictionary {
  readonly [key: string]: NgValue | undefined
}

/** Undefined entries of a dictionary are left out. */
export function bencode(value: NgValue): string {
  if (typeof value === 'number') return `i${value}e`
  if (typeof value === 'string') return `${value.length}:${value}`
  if (isList(value)) return `l${value.map(bencode).join('')}e`
  const entries = Object.entries(value).flatMap(([key, entry]) =>
    entry === undefined ? [] : [bencode(key) + bencode(entry)],
  )

  return `d${entries.join('')}e`
}

/** Undefined for what is no value, or has anything after it. */
export function bdecode(text: string): NgValue | undefined {
  const reader = new BencodeReader(text)
  try {
    const value = reader.value(0)

    return reader.isAtEnd ? value : undefined
  } catch (error) {
    if (error instanceof MalformedBencode) return undefined
    throw error
  }
}

class MalformedBencode extends Error {}

/** rtpengine nests its answers to `query` about eight levels deep. */
const maxDepth = 32

class BencodeReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length
  }

  value(depth: number): NgValue {
    if (depth > maxDepth) throw new MalformedBencode()
    switch (this.#text[this.#at]) {
      case 'i':
        this.#at += 1

        return this.#numberUntil('e')
      case 'l':
        return this.#list(depth)
      case 'd':
        return this.#dictionary(depth)
      default:
        return this.#string()
    }
  }

  #list(depth: number): NgValue[] {
    const values: NgValue[] = []
    this.#at += 1
    while (!this.#isEnd()) values.push(this.value(depth + 1))

    return values
  }

  #dictionary(depth: number): NgDictionary {
    const entries: [string, NgValue][] = []
    this.#at += 1
    while (!this.#isEnd()) entries.push([this.#string(), this.value(depth + 1)])

    return Object.fromEntries(entries)
  }

  #isEnd(): boolean {
    if (this.#text[this.#at] !== 'e') return false
    this.#at += 1

    return true
  }

  #string(): string {
    const length = this.#numberUntil(':')
    const end = this.#at + length
    if (length < 0 || end > this.#text.length) throw new MalformedBencode()
    const text = this.#text.slice(this.#at, end)
    this.#at = end

    return text
  }

  #numberUntil(end: string): number {
    const until = this.#text.indexOf(end, this.#at)
    const digits = this.#text.slice(this.#at, until)
    if (until === -1 || !/^-?\d{1,20}$/.test(digits)) throw new MalformedBencode()
    this.#at = until + 1

    return Number(digits)
  }
}

function isList(value: NgDictionary | readonly NgValue[]): value is readonly NgValue[] {
  return Array.isArray(value)
}

/** The dictionary that a value is; an empty one for any other value. */
export function dictionaryOf(value: NgValue | undefined): NgDictionary {
  return value === undefined || typeof value === 'string' || typeof value === 'number' || isList(value) ? {} : value
}

export function listOf(value: NgValue | undefined): readonly NgValue[] {
  return value !== undefined && typeof value !== 'string' && typeof value !== 'number' && isList(value) ? value : []
}

export function textOf(value: NgValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

export function numberOf(value: NgValue | undefined): number {
  return typeof value === 'number' ? value : 0
}
