import { trimBlanks } from './characters.ts'
import { Params } from './params.ts'
import { endOfQuoted, quote, unquote } from './quoted-string.ts'

/** A name-addr or addr-spec with its parameters, as From, To, Contact, Route and Refer-To hold (RFC 3261 20.10). */
export interface NameAddr {
  /** Without quotes. */
  readonly displayName: string | undefined
  /** The URI's text, without angle brackets. */
  readonly uri: string
  /** The header's parameters, not the URI's. */
  readonly params: Params
}

/** Parses one name-addr or addr-spec. Undefined when it is malformed. The URI itself is not looked into. */
export function parseNameAddr(value: string): NameAddr | undefined {
  const text = trimBlanks(value)
  if (text.charCodeAt(0) === 34) {
    const end = endOfQuoted(text, 0)
    if (end < 0) return undefined
    const open = text.indexOf('<', end)
    if (open < 0 || trimBlanks(text.slice(end, open)) !== '') return undefined

    return bracketed(text, open, unquote(text.slice(0, end)))
  }
  const open = text.indexOf('<')
  if (open === 0) return bracketed(text, 0, undefined)
  const semicolon = text.indexOf(';')
  if (open > 0 && (semicolon < 0 || open < semicolon)) {
    const displayName = trimBlanks(text.slice(0, open))

    return isDisplayName(displayName) ? bracketed(text, open, displayName) : undefined
  }

  return addrSpec(text, semicolon)
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

// RFC 3261 wants tokens; what peers send unquoted (UTF-8, full stops, brackets) is taken unless it would change the structure.
function isDisplayName(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 34 || code === 44 || code === 58 || code === 62 || code === 64 || code === 92 || code < 9) return false
  }

  return true
}

/** The text of a name-addr: always in angle brackets, the display name quoted. */
export function formatNameAddr(parts: { displayName?: string | undefined; uri: string; params?: Params }): string {
  const name = parts.displayName ? `${quote(parts.displayName)} ` : ''

  return `${name}<${parts.uri}>${parts.params?.toString() ?? ''}`
}
