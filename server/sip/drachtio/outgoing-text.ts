import type Srf from 'drachtio-srf'

import type { SendOptions } from '../stack.ts'
import { decode, headerList } from '../text.ts'
import {
  defaultMethods,
  parseSessionExpires,
  parseSipUri,
  requestUriOf,
  type Request,
  understandsReplaces,
} from '../../../engine/index.ts'

/**
 * Headers and body as drachtio-srf takes them, in an object of their own each time, since it changes what it is given. It
 * writes UTF-8 text: bytes of a body that are no UTF-8 cannot be sent through it and become U+FFFD.
 */
export function outgoing({ headers = [], body = '' }: SendOptions = {}, more: OutgoingHeaders = []): Srf.Outgoing {
  const lines: Record<string, string> = {}
  addLines(lines, headerList(headers))
  if (body !== '' && !Object.keys(lines).some(isContentType)) lines['Content-Type'] = 'application/sdp'
  addLines(lines, more)

  return body === '' ? { headers: lines } : { headers: lines, body: decode(body) }
}

function addLines(lines: Record<string, string>, more: OutgoingHeaders): void {
  for (const [name, value] of more) {
    const before = lines[name]
    const text = decode(value)
    // The library has one value for each name. The server cuts headers at line breaks, so that this makes two of them.
    lines[name] = before === undefined ? text : `${before}\r\n${name}: ${text}`
  }
}

/** Headers in order, as binary strings. */
export type OutgoingHeaders = readonly (readonly [name: string, value: string])[]

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

// The server leaves Allow and Supported (RFC 3261 20.5, 20.37) and the refusal of other extensions to its client.

/** In the order of the embedded engine, so that peers get the same INVITE on both stacks. */
const allow = [...defaultMethods, 'PRACK', 'SUBSCRIBE'].join(', ')
const extensions = ['100rel', 'timer', 'norefersub']
const supported = extensions.join(', ')

/** Headers of our INVITEs. */
export const inviteCapabilities: OutgoingHeaders = [
  ['Allow', allow],
  ['Supported', supported],
]

/** Headers of our responses to OPTIONS (RFC 3261 11.2). */
export const optionsCapabilities: OutgoingHeaders = [
  ['Allow', allow],
  ['Accept', 'application/sdp'],
  ['Supported', supported],
]

/** The extensions that a request requires and we lack; '' when it may be served (RFC 3261 8.2.2.3). */
export function unsupported(request: Request): string {
  return request
    .list('Require')
    .filter((tag) => !extensions.includes(tag.toLowerCase()) && !understandsReplaces(request, tag.toLowerCase()))
    .join(', ')
}

/** Headers of a response to this request, beside those of its sender. */
export function responseCapabilities(request: Request, status: number): OutgoingHeaders {
  const { method } = request
  if (status === 405) return [['Allow', allow]]
  // RFC 3262 3: the server makes it reliable when we ask for it.
  if (status > 100 && status < 200) return isListed(request, 'Require', '100rel') ? [['Require', '100rel']] : []
  if (status >= 300) return []
  if (method === 'UPDATE') return sessionTimer(request)

  return method === 'INVITE' ? [...inviteCapabilities, ...sessionTimer(request)] : []
}

/** RFC 4028 9: the session interval is that of the request, and a peer that supports the extension refreshes. The server keeps the timer. */
function sessionTimer(request: Request): OutgoingHeaders {
  const offered = parseSessionExpires(request.header('Session-Expires'))
  if (!offered) return []
  const peerRefreshes = isListed(request, 'Supported', 'timer')
  const who = offered.refresher ?? (peerRefreshes ? 'uac' : 'uas')

  return [
    ['Session-Expires', `${offered.expires};refresher=${who}`],
    ...(who === 'uac' && peerRefreshes ? ([['Require', 'timer']] as const) : []),
  ]
}

function isListed(request: Request, name: string, tag: string): boolean {
  return request.list(name).some((each) => each.toLowerCase() === tag)
}
