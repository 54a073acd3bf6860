import { formatHostPort } from '../message/index.ts'
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

/** Our Contact for the peers of a flow; `user` is its user part. */
export function contactOf(flow: Flow, user?: string): string {
  const userinfo = user === undefined ? '' : `${user}@`
  const transport = flow.transport === 'udp' ? '' : `;transport=${flow.transport}`

  return `<sip:${userinfo}${ownHostPort(flow)}${transport}>`
}
