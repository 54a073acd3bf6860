import { type Flow, transportNames } from '../flow/index.ts'
import {
  HeaderLine,
  headerNames,
  type Request,
  type Response,
  formatHostPort,
  parseNameAddr,
} from '../message/index.ts'
import type { Additions, Core } from './core.ts'

/** What many messages say of us in the same words: lines that are written once. Undefined where there is nothing to say. */
export interface DefaultHeaders {
  /** Allow (RFC 3261 20.5). */
  readonly allow: HeaderLine | undefined
  readonly supported: HeaderLine | undefined
  /** RFC 3262 5: a reliable response to an INVITE without an offer makes one, which only our user could answer in time. */
  readonly supportedWithoutOffer: HeaderLine | undefined
  readonly userAgent: HeaderLine | undefined
  readonly server: HeaderLine | undefined
}

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

/** Puts a user's headers and body into a message. */
export function addTo(message: Request | Response, { headers, body }: Additions): void {
  if (headers) for (const [name, value] of headers) message.add(name, value)
  if (!body) return
  addDefault(message, usualType)
  message.body = body
}

/** Adds a line unless the message has that header, or there is nothing to say. */
export function addDefault(message: Request | Response, line: HeaderLine | undefined): void {
  if (line && !message.has(line.name)) message.addLine(line)
}

/** Says what the engine supports, beside what its user says of itself. */
export function addSupported(message: Request | Response, line: HeaderLine | undefined): void {
  if (line) message.addLine(line)
}

/** Says where we are, in words of our own. */
export function addContact(message: Request | Response, contact: string): void {
  if (!message.has(headerNames.contact)) message.addLine(HeaderLine.of(headerNames.contact, contact))
}

/** Says what we take, in an INVITE (RFC 3261 13.2.1). */
export function addCapabilities(invite: Request, { defaultHeaders: own }: Core): void {
  addDefault(invite, own.allow)
  addSupported(invite, invite.body ? own.supported : own.supportedWithoutOffer)
}

/** `host:port` by which the peers of a flow reach us. */
export function ownHostPort(flow: Flow): string {
  const { host, port } = flow.advertised

  return formatHostPort(host, port)
}

/**
 * A Via value for a request on this flow. RFC 3581's rport asks for symmetric responses, RFC 5923's alias for the peer's
 * requests on the connection that there is.
 */
export function viaOf(flow: Flow, branch: string): string {
  const { transport } = flow
  const alias = transport === 'tcp' || transport === 'tls' ? ';alias' : ''

  return `SIP/2.0/${transportNames[transport]} ${ownHostPort(flow)};rport${alias};branch=${branch}`
}

/** Our Contact for the peers of a flow; `scheme` is that of the dialog. */
export function contactOf(flow: Flow, scheme: 'sip' | 'sips' = 'sip'): string {
  const { transport } = flow
  // RFC 5630 3.1.4 deprecates transport=tls, which a sips URI would say twice; RFC 7118 5.2.1 has ws for both.
  if (scheme === 'sips' && transport === 'tls') return `<sips:${ownHostPort(flow)}>`
  if (scheme === 'sips' && transport === 'wss') return `<sips:${ownHostPort(flow)};transport=ws>`

  return `<sip:${ownHostPort(flow)}${transport === 'udp' ? '' : `;transport=${transport}`}>`
}

/** The scheme of our Contact in a request: sips where the Request-URI or the top Route has it (RFC 3261 8.1.1.8). */
export function schemeOfRequest(request: Request): 'sip' | 'sips' {
  return isSips(request.uri) || isSips(uriOf(request.list(headerNames.route)[0])) ? 'sips' : 'sip'
}

/** The scheme of our Contact in a response that makes a dialog (RFC 3261 12.1.1). */
export function schemeOfDialog(request: Request): 'sip' | 'sips' {
  const [proxy] = request.list(headerNames.recordRoute)
  const peer = proxy === undefined ? request.contact?.uri : uriOf(proxy)

  return isSips(request.uri) || isSips(peer) ? 'sips' : 'sip'
}

const uriOf = (value: string | undefined) => (value === undefined ? undefined : parseNameAddr(value)?.uri)
const isSips = (uri: string | undefined) => uri?.slice(0, 5).toLowerCase() === 'sips:'
