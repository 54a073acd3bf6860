import type { Message } from '../message/index.ts'
import { defaultPort, type Endpoint, transportNamed } from './endpoint.ts'

/** Notes in the top Via where a request came from (RFC 3261 18.2.1, RFC 3581 4). */
export function noteSource(request: Message, source: Endpoint): void {
  const via = request.via
  if (!via) return
  let { params } = via
  const wantsPort = params.has('rport')
  if (wantsPort) params = params.with('rport', String(source.port))
  if (wantsPort || via.host !== source.address) params = params.with('received', source.address)
  else if (params.has('received')) params = params.without('received')
  else return
  request.replaceVia({ ...via, params })
}

/** The port that the response to a datagram goes to (RFC 3261 18.2.2, RFC 3581 4). `source` is where the request came from. */
export function replyPort(response: Message, source: Endpoint): number {
  const rport = Number(response.via?.params.get('rport'))

  return rport > 0 && rport < 65536 ? rport : sentByPort(response, source)
}

/** The port on which the peer that sent a request listens (RFC 3261 18.1.1). */
export function sentByPort(response: Message, source: Endpoint): number {
  const via = response.via

  return via ? (via.port ?? defaultPort(transportNamed(via.transport) ?? 'udp')) : source.port
}
