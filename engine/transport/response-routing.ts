import { SocketAddress } from 'node:net'
import { defaultPort, type Endpoint, type Flow, transportNamed } from '../flow/index.ts'
import type { Message } from '../message/index.ts'

/**
 * Where a request over UDP without `rport` is answered when its Via differs from its source: always at the source, at the
 * source when the Via names another host (`auto`), or always at the port of the Via (RFC 3261 18.2.2).
 */
export type AnswerTo = 'source' | 'auto' | 'via'

/**
 * Notes in the top Via where a request came from (RFC 3261 18.2.1, RFC 3581 4). A client behind a NAT that does not ask for
 * `rport` is answered as if it did, since the NAT does not forward the port of its Via.
 */
export function noteSource(request: Message, flow: Pick<Flow, 'remote' | 'reliable'>, answerTo: AnswerTo): void {
  const via = request.via
  if (!via) return
  const { address, port } = flow.remote
  const isElsewhere = !isSameHost(via.host, address)
  const isOtherPort = !flow.reliable && sentByPort(request, flow.remote) !== port
  const wantsPort =
    via.params.has('rport') || (isOtherPort && (answerTo === 'source' || (answerTo === 'auto' && isElsewhere)))
  let { params } = via
  if (wantsPort) params = params.with('rport', String(port))
  if (wantsPort || isElsewhere) params = params.with('received', address)
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
export function sentByPort(message: Message, source: Endpoint): number {
  const via = message.via

  return via ? (via.port ?? defaultPort(transportNamed(via.transport) ?? 'udp')) : source.port
}

/** Whether the host of a Via is an address; IPv6 addresses are written in several ways. */
function isSameHost(host: string, address: string): boolean {
  if (host === address) return true
  if (!address.includes(':') || !host.includes(':')) return false

  return canonical(host) === canonical(address)
}

/** A parsed host with a colon is an IPv6 address. A zone has a meaning only on this machine, and is left out. */
function canonical(address: string): string {
  return new SocketAddress({ address: address.split('%', 1)[0] ?? '', family: 'ipv6' }).address
}
