import { BlockList, isIP } from 'node:net'
import type { Request, Response } from '../message/index.ts'

/** A host (a name or an address, IPv6 without brackets) and port for a Via or Contact. */
export interface SentBy {
  readonly host: string
  readonly port: number
}

/** A flow to one peer (RFC 5626 2.1): a connection, or a peer's address as one of our UDP sockets reaches it. */
export interface Flow {
  readonly transport: Transport
  /** True of TCP, TLS and WebSocket, which deliver or report that they could not. */
  readonly reliable: boolean
  readonly local: Endpoint
  /** The peer's endpoint: messages on this flow come from it. */
  readonly remote: Endpoint
  /** The Via and Contact host by which the peer reaches the listener of this flow. */
  readonly advertised: SentBy
  /** False when nothing can be sent on this flow any more. */
  readonly open: boolean
  /** Why an outgoing connection could not be made, as a reason phrase. */
  readonly failure?: string | undefined
  /**
   * Sends a message, or the text of one again. On the flow of a request, responses go where RFC 3261 18.2.2 and RFC 3581
   * say, by a new connection if need be. A failure is reported later through `TransportUser.onFlowFailed`; that of a
   * response over UDP is not.
   */
  send(message: Request | Response | string): void
}

export type Transport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

/** An IP address (IPv6 without brackets) and a port. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** The endpoint that a message is sent to, and how. */
export interface Target extends Endpoint {
  readonly transport: Transport
  /** The name that the address was found for; TLS checks the certificate against it. */
  readonly serverName?: string
}

export const isSecure = (transport: string | undefined): boolean => transport === 'tls' || transport === 'wss'

/** RFC 3261 19.1.2 and RFC 7118 5: the port of a URI that names none. */
export const defaultPort = (transport: Transport): number =>
  ({ udp: 5060, tcp: 5060, tls: 5061, ws: 80, wss: 443 })[transport]

/** The transports as Via writes them. */
export const transportNames: Readonly<Record<Transport, string>> = {
  udp: 'UDP',
  tcp: 'TCP',
  tls: 'TLS',
  ws: 'WS',
  wss: 'WSS',
}

/** The transport that a Via or a URI parameter names. */
export function transportNamed(name: string): Transport | undefined {
  if (name === 'UDP') return 'udp'
  const lower = name.toLowerCase()

  return lower === 'udp' || lower === 'tcp' || lower === 'tls' || lower === 'ws' || lower === 'wss' ? lower : undefined
}

export type Family = 4 | 6

/** The IP version of a text that is known to be an IP address. */
export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

const privateNetworks = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNetworks.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateNetworks.addSubnet(network, bits, 'ipv6')
}

/** Whether a host is an IP address that belongs to another machine in each network: RFC 1918, 6598, 4193, 3927, loopback. */
export function isPrivateAddress(host: string): boolean {
  const version = isIP(host)

  return version !== 0 && privateNetworks.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

/** The /64 of an IPv6 address, which is what one site gets (RFC 6177 2); an IPv4 address, mapped into IPv6 or not, as it is. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)

  return [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':')
}

/** The final response to a request that goes on to another address. */
export interface FailedResponse {
  readonly status: number
  readonly reason: string
  /** Made by our own stack: nothing came in time, or no connection. */
  readonly local: boolean
  header(name: string): string | undefined
}

/** The addresses of a next hop's name, as the sender of a request knows them: which to try, and which have failed. */
export interface NextHopAddresses {
  /** The addresses to send to, in order. @param found all that the name has, the best first (RFC 3263 4) */
  choose(found: readonly Target[]): readonly Target[]
  /** The request is sent to one of them. */
  sentTo(transport: Transport, remote: Endpoint): void
  /** The address that it was sent to last has failed, and the request goes on to another one (RFC 3263 4.3). */
  failed(response: FailedResponse): void
}
