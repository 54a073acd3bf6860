import { isUtf8 } from 'node:buffer'
import { type Additions, type CredentialsFor, headerName, onOneLine, type ResponseOptions } from '../../engine/index.ts'
import type { HeadersToSend, SendOptions, SipHeader } from './stack.ts'

// The engine's strings hold one byte a character; the port's header values are text.

const beyondAscii = /[^\0-\x7f]/

// Sequences that UTF-8 has (Unicode 3.9, table 3-7), and the bytes that are part of none.
const sequences =
  /(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+|[\x80-\xff]/g
const strayBase = 0xdc00
const hasStray = /[\udc80-\udcff]/u
const stray = /[\udc80-\udcff]/gu
const strayOrBeyondAscii = /[\udc80-\udcff]|[^\0-\x7f\udc80-\udcff]+/gu

/**
 * Bytes as text. A byte that is no UTF-8, as peers send that write ISO 8859-1, becomes a lone surrogate (U+DC80 to U+DCFF),
 * so that `encode` gives back the bytes that came.
 */
export function decode(bytes: string): string {
  if (!beyondAscii.test(bytes)) return bytes
  const buffer = Buffer.from(bytes, 'latin1')
  if (isUtf8(buffer)) return buffer.toString('utf8')

  return bytes.replace(sequences, (found) =>
    found.length > 1
      ? Buffer.from(found, 'latin1').toString('utf8')
      : String.fromCharCode(strayBase + found.charCodeAt(0)),
  )
}

/** The bytes of a text; the reverse of `decode`. */
export function encode(text: string): string {
  if (!beyondAscii.test(text)) return text
  if (!hasStray.test(text)) return Buffer.from(text, 'utf8').toString('latin1')

  return text.replace(strayOrBeyondAscii, (found) => {
    const code = found.charCodeAt(0)
    const isStray = found.length === 1 && code >= 0xdc80 && code <= 0xdcff

    return isStray ? String.fromCharCode(code - strayBase) : Buffer.from(found, 'utf8').toString('latin1')
  })
}

/** Decoded text for logs and JSON: a byte that was no UTF-8 is shown as ISO 8859-1. */
export function readable(text: string): string {
  return text.replace(stray, (found) => String.fromCharCode(found.charCodeAt(0) - strayBase))
}

// RFC 3261 8.1.1, 12.2: the stack alone writes these.
const owned = new Set(
  ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Max-Forwards', 'Route', 'Record-Route', 'Content-Length'].map(
    headerName,
  ),
)

// No spread: V8 gives each object of the form { ...some, more } a hidden class of its own, which makes its readers slow.

export function encodeAdditions({ headers, body }: SendOptions = {}): Additions {
  return { headers: headers && headerList(headers), body }
}

export function encodeResponse({ headers, body, reason }: SendOptions = {}): ResponseOptions {
  return {
    headers: headers && headerList(headers),
    body,
    reason: reason === undefined ? undefined : encodeLine(reason),
  }
}

/** Credentials in binary strings, for a next hop in text. */
export function encodeCredentials(credentials: CredentialsFor): CredentialsFor {
  return ({ uri, address }) => {
    const found = credentials({ uri: decode(uri), address })

    return (
      found && {
        username: encode(found.username),
        password: encode(found.password),
        realm: found.realm === undefined ? undefined : encode(found.realm),
      }
    )
  }
}

/** The bytes of a text, on one line. */
export function encodeLine(text: string): string {
  return onOneLine(encode(text))
}

/** The user's headers, without those that the stack alone writes. */
export function headerList(headers: HeadersToSend): SipHeader[] {
  const list: SipHeader[] = []
  for (const header of headers) {
    const [name, value] = header
    if (owned.has(headerName(name))) continue
    const line = encodeLine(value)
    list.push(line === value ? header : [name, line])
  }

  return list
}
