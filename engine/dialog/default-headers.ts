import {
  HeaderLine,
  headerNames,
  type Request,
  type Response,
  formatHostPort,
  isSipsUri,
  parseNameAddr,
} from '../message/index.ts'
import type { Additions, DefaultHeaders } from './core.ts'
import { type Flow, transportNames } from '../flow/index.ts'

export function defaultHeaders(allow: string, extensions: readonly string[], product: string): DefaultHeaders {
  const line = (name: keyof typeof headerNames, value: string) =>
    value === '' ? undefined : HeaderLine.ofAny(headerNames[name], value)

  return {
    allow: line('allow', allow),
    supported: line('supported', extensions.join(', ')),
    supportedWithoutOffer: line('supported', extensions.filter((tag) => tag !== '100rel').join(', ')),
    userAgent: line('userAgent', product),
    server: line('server', product),
  }
}

const usualType = HeaderLine.of(headerNames.contentType, 'application/sdp')

/** Adds a user's headers and body to a message. */
export function addTo(message: Request | Response, { headers, body }: Additions): void {
  if (headers) for (const [name, value] of headers) message.add(name, value)
  if (!body) return
  addDefault(message, usualType)
  message.body = body
}

/** Adds a line unless the message has that header, or there is no such line. */
export function addDefault(message: Request | Response, line: HeaderLine | undefined): void {
  if (line && !message.has(line.name)) message.addLine(line)
}

/** Adds the engine's Supported, beside one of the user's. */
export function addSupported(message: Request | Response, line: HeaderLine | undefined): void {
  if (line) message.addLine(line)
}

/** Adds our Contact unless the user has put one there. */
export function addContact(message: Request | Response, contact: string): void {
  if (!message.has(headerNames.contact)) message.addLine(HeaderLine.of(headerNames.contact, contact))
}

/** Adds Allow and Supported to an INVITE (RFC 3261 13.2.1). */
export function addCapabilities(invite: Request, { allow, supported, supportedWithoutOffer }: DefaultHeaders): void {
  addDefault(invite, allow)
  addSupported(invite, invite.body ? supported : supportedWithoutOffer)
}

/** `host:port` by which the peers of a flow reach us. */
export function ownHostPort(flow: Flow): string {
  const { host, port } = flow.advertised

  return formatHostPort(host, port)
}

/**
 * A Via value for a request on this flow. RFC 3581's rport asks for symmetric responses, RFC 5923's alias for the peer's
 * requests on the same connection.
 */
export function viaOf(flow: Flow, branch: string): string {
  const { transport } = flow
  const alias = transport === 'tcp' || transport === 'tls' ? ';alias' : ''

  return `SIP/2.0/${transportNames[transport]} ${ownHostPort(flow)};rport${alias};branch=${branch}`
}

/** Our Contact for the peers of a flow; `scheme` is that of the dialog. */
export function contactOf(flow: Flow, scheme: 'sip' | 'sips' = 'sip'): string {
  const { transport } = flow
  // RFC 5630 3.1.4 deprecates transport=tls, which a sips URI would say twice; RFC 7118 5.2.2 has ws for both.
  if (scheme === 'sips' && transport === 'tls') return `<sips:${ownHostPort(flow)}>`
  if (scheme === 'sips' && transport === 'wss') return `<sips:${ownHostPort(flow)};transport=ws>`

  return `<sip:${ownHostPort(flow)}${transport === 'udp' ? '' : `;transport=${transport}`}>`
}

/** The scheme of our Contact in a request: sips where the Request-URI or the top Route has it (RFC 3261 8.1.1.8). */
export function schemeOfRequest(request: Request): 'sip' | 'sips' {
  const [route] = request.list(headerNames.route)

  return isSipsUri(request.uri) || isSips(route) ? 'sips' : 'sip'
}

/** The scheme of our Contact in a response that makes a dialog (RFC 3261 12.1.1). */
export function schemeOfDialog(request: Request): 'sip' | 'sips' {
  const [proxy] = request.list(headerNames.recordRoute)
  const isPeerSips = proxy === undefined ? isSipsUri(request.contact?.uri ?? '') : isSips(proxy)

  return isPeerSips || isSipsUri(request.uri) ? 'sips' : 'sip'
}

function isSips(address: string | undefined): boolean {
  return address !== undefined && isSipsUri(parseNameAddr(address)?.uri ?? '')
}
