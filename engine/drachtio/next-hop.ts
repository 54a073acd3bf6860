import { lookup, resolveSrv } from 'node:dns/promises'
import { isIP } from 'node:net'
import { inOrderOfService } from '../../base/choice.ts'
import { type Flow, isPrivateAddress } from '../flow/index.ts'
import { formatUri, type Message, parseNameAddr, parseSipUri, type SipUri } from '../message/index.ts'
import type { ServerContext } from './server-context.ts'

/** The URI of a route, which applications write as `host`, `host:port` or a URI. */
export function routeUri(route: string): string {
  return /^(sips?|tel):/i.test(route) ? route : `sip:${route}`
}

/**
 * The URI with an IP address in place of its host's name (RFC 3263 4), without a promise when the host is an address already.
 * Rejects when the name has no address.
 */
export function resolveUri(uri: string): string | Promise<string> {
  const parsed = parseSipUri(uri)
  if (!parsed || parsed.host === 'localhost' || isIP(parsed.host) !== 0) return uri

  return lookUp(parsed)
}

async function lookUp(uri: SipUri): Promise<string> {
  const service = uri.port === undefined ? await serviceOf(uri) : undefined
  const { address } = await lookup(service?.name ?? uri.host)

  return formatUri({ ...uri, host: address, port: service?.port ?? uri.port })
}

/** RFC 2782: a service of the lowest priority, chosen at random by weight. */
async function serviceOf(uri: SipUri): Promise<{ name: string; port: number } | undefined> {
  const transport = uri.params.get('transport')?.toLowerCase() ?? 'udp'
  const prefix = uri.scheme === 'sips' || transport === 'tls' ? '_sips._tcp' : `_sip._${transport}`
  try {
    return inOrderOfService(await resolveSrv(`${prefix}.${uri.host}`), Math.random)[0]
  } catch {
    // Without SRV records the name is that of a host.
    return undefined
  }
}

/** A request that makes a dialog, and the flow that it came on. */
interface RequestOnFlow {
  readonly flow: Flow
  readonly request: Message
}

/**
 * The flow of a peer's request, for requests in the dialog, when the peer is not reached by its Contact: the Contact is
 * not the request's source (NAT), or the flow is a connection. Undefined when the Contact or a Record-Route is the next hop.
 */
export function reusableFlow(context: ServerContext, { flow, request }: RequestOnFlow): Flow | undefined {
  if (!context.detectsNat || request.has('Record-Route')) return undefined
  const uri = parseSipUri(request.contact?.uri ?? '')
  if (!uri) return undefined
  const isDirect = uri.host === flow.remote.address && (uri.port ?? 5060) === flow.remote.port

  // An open connection certainly leads to the peer.
  return isDirect && !flow.reliable ? undefined : flow
}

/**
 * The flow of a request that made a dialog, for later requests, when the next hop of the peer's response is not reachable: a
 * private address although the peer answered from a public one, or a name. Undefined when the next hop is reachable.
 */
export function nextFlow({ core, detectsNat }: ServerContext, flow: Flow, response: Message): Flow | undefined {
  const first = response.list('Record-Route').at(-1)
  const next = first === undefined ? response.contact?.uri : parseNameAddr(first)?.uri
  const uri = parseSipUri(next ?? '')
  if (!uri || next === undefined) return undefined
  const isHidden = detectsNat && isPrivateAddress(uri.host) && !isPrivateAddress(flow.remote.address)

  // A host name is not looked up again: the flow has led to it before.
  return isHidden || !core.flowTo(next) ? flow : undefined
}
