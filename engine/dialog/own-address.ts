import { formatHostPort, headerNames, parseNameAddr, type Request } from '../message/index.ts'
import { transportNames } from '../transport/endpoint.ts'
import type { Flow } from '../transport/flow.ts'

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
