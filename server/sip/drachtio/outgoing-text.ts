import type Srf from 'drachtio-srf'

import type { SendOptions } from '../stack.ts'
import { decode, headerList } from '../text.ts'
import { parseSipUri, requestUriOf } from '../../../engine/index.ts'

/**
 * Headers and body as drachtio-srf takes them, in an object of their own each time, since it changes what it is given. It
 * writes UTF-8 text: bytes of a body that are no UTF-8 cannot be sent through it and become U+FFFD.
 */
export function outgoing({ headers = [], body = '' }: SendOptions = {}, more: Lines = []): Srf.Outgoing {
  const lines: Record<string, string> = {}
  addLines(lines, headerList(headers))
  if (body !== '' && !Object.keys(lines).some(isContentType)) lines['Content-Type'] = 'application/sdp'
  addLines(lines, more)

  return body === '' ? { headers: lines } : { headers: lines, body: decode(body) }
}

function addLines(lines: Record<string, string>, more: Lines): void {
  for (const [name, value] of more) {
    const before = lines[name]
    const text = decode(value)
    // The library has one value for each name. The server cuts headers at line breaks, so that this makes two of them.
    lines[name] = before === undefined ? text : `${before}\r\n${name}: ${text}`
  }
}

/** Headers in order, as binary strings. */
export type Lines = readonly (readonly [name: string, value: string])[]

function isContentType(name: string): boolean {
  const lower = name.toLowerCase()

  return lower === 'content-type' || lower === 'c'
}

/** About how many bytes a frame with this will have. */
export function sizeOf({ headers, body = '' }: Srf.Outgoing): number {
  let size = 500 + Buffer.byteLength(body)
  for (const name in headers) size += name.length + Buffer.byteLength(headers[name] ?? '') + 4

  return size
}

// drachtio-server (0.9.10) ends itself, with every call it has, over a URI without a host: a Request-URI, whatever its
// route, and a Contact. None of ours goes out, and none of a peer's is acted on.

/** The Request-URI for a URI: a tel: URI's number is a user of the next hop (RFC 3261 19.1.6). Undefined when the server would not survive it. */
export function requestUri(uri: string, nextHop = ''): string | undefined {
  if (hasHost(uri)) return requestUriOf(uri)
  const number = /^tel:(.+)$/i.exec(uri)?.[1]
  const hop = parseSipUri(nextHop)

  return number !== undefined && hop
    ? `sip:${number}@${hop.host}${hop.port === undefined ? '' : `:${hop.port}`};user=phone`
    : undefined
}

export function hasHost(uri: string): boolean {
  return parseSipUri(uri) !== undefined
}
