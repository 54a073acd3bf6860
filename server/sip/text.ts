import type { Additions, DialogRequestOptions } from '../../engine/index.ts'
import type { HeadersToSend, RequestOptions, SendOptions } from './stack.ts'

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
  'via from to call-id cseq contact max-forwards route record-route content-length v f t i m l'.split(' '),
)

export function encodeAdditions({ headers, body }: SendOptions = {}): Additions {
  return { headers: headers && headerList(headers), body }
}

export function encodeReason({ reason }: SendOptions = {}): string | undefined {
  return reason === undefined ? undefined : encodeLine(reason)
}

export function encodeRequest(options: RequestOptions = {}): DialogRequestOptions {
  const { credentials } = options
  if (!credentials) return encodeAdditions(options)
  const { username, password, realm } = credentials

  return {
    ...encodeAdditions(options),
    credentials: {
      username: encode(username),
      password: encode(password),
      realm: realm === undefined ? undefined : encode(realm),
    },
  }
}

// A line break would begin a header of its own.
const lineBreaks = /[\r\n\0]+/g

/** The bytes of a text that is to stand on one line. */
export function encodeLine(text: string): string {
  return encode(text).replace(lineBreaks, ' ')
}

/** The headers to send, but for those that are the stack's. */
export function headerList(headers: HeadersToSend): [name: string, value: string][] {
  const list: [string, string][] = []
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || owned.has(name.toLowerCase())) continue
    if (typeof value === 'string') list.push([name, encodeLine(value)])
    else for (const one of value) list.push([name, encodeLine(one)])
  }

  return list
}
