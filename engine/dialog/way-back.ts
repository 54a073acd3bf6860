import { headerNames, parseNameAddr, parseSipUri, type Request } from '../message/index.ts'
import type { Flow } from '../transport/flow.ts'

/**
 * The connection by which a peer has called us, if it is the peer's own or that of the first proxy of the route set: it is
 * used for as long as it stands (RFC 5923, RFC 5626), since who connects from behind a NAT cannot be connected to.
 */
export function wayBack(invite: Request, flow: Flow): Flow | undefined {
  if (!flow.reliable) return undefined
  const [first] = invite.list(headerNames.recordRoute)
  // One Via: nobody is between us and the peer.
  if (first === undefined) return invite.list(headerNames.via).length === 1 ? flow : undefined
  const host = parseSipUri(parseNameAddr(first)?.uri ?? '')?.host

  return host !== undefined && (host === flow.remote.address || host === invite.via?.host) ? flow : undefined
}
