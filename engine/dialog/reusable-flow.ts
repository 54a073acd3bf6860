import { headerNames, parseNameAddr, parseSipUri, type Request, type Response } from '../message/index.ts'
import { defaultPort, type Endpoint, type Flow, isPrivateAddress } from '../flow/index.ts'
import type { DialogState } from './dialog-state.ts'

/** When a dialog's requests stay on the flow that its messages come by, whatever the peer's next hop says. */
export interface FlowReuse {
  /** Whether a peer at this address, whose Contact is a private address, is reached where its messages come from. */
  followsSource(address: string): boolean
  /** Whether a peer that was called by a connection, and whose Contact names no transport, is reached by it. */
  readonly keepsConnections: boolean
}

/**
 * The flow of a caller's request that requests to the caller take, too; undefined where they go to its Contact or its
 * first proxy. A connection is used for as long as it stands (RFC 5923, RFC 5626), since a peer that connects from behind
 * a NAT cannot be connected to.
 */
export function flowToCaller(request: Request, flow: Flow, reuse: FlowReuse): Flow | undefined {
  const [proxy] = request.list(headerNames.recordRoute)
  // With one Via there is no proxy between us and the caller.
  const isDirect = proxy === undefined && request.list(headerNames.via).length === 1
  if (flow.reliable && isDirect) return flow
  const host = nextHopOf(request, proxy)?.host
  if (host === undefined) return undefined
  const isOfProxy = proxy !== undefined && (host === flow.remote.address || host === request.via?.host)

  return (flow.reliable && isOfProxy) || isHidden(host, flow, isDirect, reuse) ? flow : undefined
}

/** The flow of our INVITE that later requests take, too; undefined where they go to the Contact or first proxy of its response. */
export function flowToCallee(
  { isSecure }: DialogState,
  response: Response,
  flow: Flow,
  requestUri: string,
  reuse: FlowReuse,
): Flow | undefined {
  const proxy = response.list(headerNames.recordRoute).at(-1)
  const uri = nextHopOf(response, proxy)
  if (!uri) return undefined
  // A plain Contact in a secure dialog breaks RFC 3261 12.1.1. The requests stay on the TLS connection, and never go in the clear.
  if (isSecure && uri.scheme === 'sip') return flow
  // RFC 3263 4.1 has a Contact without a transport mean UDP; a peer that speaks TCP alone may leave it out all the same.
  const isSameHost = uri.host === flow.remote.address || uri.host === parseSipUri(requestUri)?.host
  if (flow.reliable && reuse.keepsConnections && isSameHost && !uri.params.has('transport')) return flow

  return isHidden(uri.host, flow, proxy === undefined, reuse) ? flow : undefined
}

/** Whether a Contact is the address and port that the peer's datagrams come from. */
export function leadsTo({ contactUri: uri }: Request, remote: Endpoint): boolean {
  return uri?.host === remote.address && (uri.port ?? defaultPort('udp')) === remote.port
}

/** Whether the next hop is an address of another network than the peer's messages come from. */
function isHidden(host: string, { remote }: Flow, isDirect: boolean, reuse: FlowReuse): boolean {
  if (host === remote.address || !isPrivateAddress(host)) return false

  // A proxy on a private network may well leave the path to its neighbours.
  return (isDirect || !isPrivateAddress(remote.address)) && reuse.followsSource(remote.address)
}

function nextHopOf(message: Request | Response, proxy: string | undefined) {
  return proxy === undefined ? message.contactUri : parseSipUri(parseNameAddr(proxy)?.uri ?? '')
}
