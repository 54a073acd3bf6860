import type { Additions, DialogRequestOptions } from '../../../engine/index.ts'
import type { HeadersToSend, RequestOptions, SendOptions } from '../stack.ts'

// The engine's strings hold one byte a character; the port's header values are text.

const beyondAscii = /[^\0-\x7f]/

/** Bytes as text; bytes that are no UTF-8 become U+FFFD. */
export function decode(bytes: string): string {
  return beyondAscii.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes
}

export function encode(text: string): string {
  return beyondAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

export function encodeAdditions({ headers, body }: SendOptions = {}): Additions {
  return { headers: headerList(headers), body }
}

export function encodeReason({ reason }: SendOptions = {}): string | undefined {
  return reason === undefined ? undefined : encode(reason)
}

export function encodeRequest(options: RequestOptions = {}): DialogRequestOptions {
  return { ...encodeAdditions(options), credentials: options.credentials }
}

function headerList(headers: HeadersToSend | undefined): [name: string, value: string][] {
  const list: [string, string][] = []
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'string') list.push([name, encode(value)])
    else if (value) for (const one of value) list.push([name, encode(one)])
  }

  return list
}
