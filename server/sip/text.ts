import { type Additions, type CredentialsFor, headerName, type ResponseOptions } from '../../engine/index.ts'
import type { CredentialsFor as PortCredentialsFor, Header, HeadersToSend, SendOptions } from './stack.ts'

// The engine's strings hold one byte a character; the port's header values are text.

const beyondAscii = /[^\0-\x7f]/

/** Bytes as text; bytes that are no UTF-8 become U+FFFD. */
export function decode(bytes: string): string {
  return beyondAscii.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes
}

export function encode(text: string): string {
  return beyondAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

// RFC 3261 8.1.1 and 12.2: these say what the stack does, so the stack alone writes them.
const owned = new Set(
  ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Max-Forwards', 'Route', 'Record-Route', 'Content-Length'].map(
    headerName,
  ),
)

// Written out property by property: V8 gives each object of the form { ...some, more } a hidden class of its own, and all
// that reads such objects gets slow.

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

export function encodeCredentials(credentials: PortCredentialsFor): CredentialsFor {
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

// Nearly every value: there is nothing to encode and nothing to replace.
const plainLine = /^[\t\x20-\x7e]*$/
// A line break would begin a header of its own.
const lineBreaks = /[\r\n\0]+/g

/** The bytes of a text that is to stand on one line. */
export function encodeLine(text: string): string {
  return plainLine.test(text) ? text : encode(text).replace(lineBreaks, ' ')
}

/** The headers to send, but for those that are the stack's. */
export function headerList(headers: HeadersToSend): Header[] {
  const list: Header[] = []
  for (const header of headers) {
    const [name, value] = header
    if (owned.has(headerName(name))) continue
    const line = encodeLine(value)
    list.push(line === value ? header : [name, line])
  }

  return list
}
