import { isToken, trimBlanks, endOfQuoted, quote, unquote } from './characters.ts'
import { Params } from './params.ts'

/** A name-addr or addr-spec with its parameters, as From, To, Contact, Route and Refer-To hold (RFC 3261 20.10). */
export interface NameAddr {
  /** Without quotes. */
  readonly displayName: string | undefined
  /** The URI's text, without angle brackets. */
  readonly uri: string
  /** The header's parameters, not the URI's. */
  readonly params: Params
}

/**
 * Parses one name-addr or addr-spec. Undefined when it is malformed. The URI itself is not looked into. A display name
 * that lacks its quotes is taken with them (RFC 4475 3.1.2.15).
 */
export function parseNameAddr(value: string): NameAddr | undefined {
  const text = trimBlanks(value)
  const open = endOfDisplayName(text)
  if (open === undefined) return undefined
  if (text.charCodeAt(open) !== OPEN) return addrSpec(text, open === text.length ? -1 : open)
  if (open === 0) return bracketed(text, 0, undefined)
  const displayName = trimBlanks(text.slice(0, open))

  return isDisplayName(displayName) ? bracketed(text, open, withoutQuotes(displayName)) : undefined
}

const OPEN = 60
const SEMICOLON = 59

/** The position of the opening bracket, or the first semicolon or end of an addr-spec; undefined when a quoted string is not closed. */
function endOfDisplayName(text: string): number | undefined {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === OPEN || code === SEMICOLON) return at
    if (code !== 34) continue
    const end = endOfQuoted(text, at)
    if (end < 0) return undefined
    at = end - 1
  }

  return text.length
}

/** The content of a quoted string. A name with quotes in odd places, such as `""unknown""`, loses all its quotes. */
function withoutQuotes(displayName: string): string {
  if (isQuoted(displayName)) return unquote(displayName)

  return displayName.includes('"') ? displayName.replaceAll('"', '') : displayName
}

const isQuoted = (text: string): boolean => text.charCodeAt(0) === 34 && endOfQuoted(text, 0) === text.length

/**
 * A From or To without its tag, for another dialog to begin with: as it was written, except that a display name without
 * its quotes gets them. A malformed value stays as it is.
 * @param address what `parseNameAddr` made of it
 */
export function withoutTag(value: string, address = parseNameAddr(value)): string {
  const text = trimBlanks(value)
  if (!address) return text
  const { displayName, uri, params } = address
  const rest = params.without('tag').toString()
  const open = text.indexOf(`<${uri}>`)
  const name = open < 0 ? '' : trimBlanks(text.slice(0, open))
  if (name === '' || isQuoted(name) || isTokens(name)) {
    return text.slice(0, text.length - params.toString().length).trimEnd() + rest
  }

  return `${quote(displayName ?? '')} <${uri}>${rest}`
}

/** RFC 3261 25.1: what a display name may be without quotes. */
function isTokens(name: string): boolean {
  return name.split(' ').every((word) => word === '' || isToken(word))
}

function bracketed(text: string, open: number, displayName: string | undefined): NameAddr | undefined {
  const close = text.indexOf('>', open)
  if (close < 0) return undefined
  const uri = text.slice(open + 1, close)
  const params = isUriText(uri) ? Params.parse(text, close + 1) : undefined

  return params && { displayName, uri, params }
}

// RFC 3261 20: without brackets, everything from a semicolon on is the header's; a comma or question mark needs brackets.
function addrSpec(text: string, semicolon: number): NameAddr | undefined {
  const uri = semicolon < 0 ? text : trimBlanks(text.slice(0, semicolon))
  if (!isUriText(uri) || uri.includes('?') || uri.includes(',')) return undefined
  const params = semicolon < 0 ? Params.none : Params.parse(text, semicolon)

  return params && { displayName: undefined, uri, params }
}

function isUriText(uri: string): boolean {
  for (let i = 0; i < uri.length; i++) {
    const code = uri.charCodeAt(i)
    if (code <= 32 || code === 34 || code === 60 || code === 62) return false
  }

  return uri.length > 0
}

// RFC 3261 wants tokens or one quoted string; other text from peers (UTF-8, commas, addresses) is accepted unless it would change
// the structure.
function isDisplayName(text: string): boolean {
  if (isQuoted(text)) return true
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 62 || code === 92 || code < 9) return false
  }

  return true
}

/** The text of a name-addr: always in angle brackets, the display name quoted. */
export function formatNameAddr(parts: { displayName?: string | undefined; uri: string; params?: Params }): string {
  const name = parts.displayName ? `${quote(parts.displayName)} ` : ''

  return `${name}<${parts.uri}>${parts.params?.toString() ?? ''}`
}
