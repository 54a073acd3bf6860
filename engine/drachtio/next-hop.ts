import { type Flow, isPrivateAddress } from '../flow/index.ts'
import { lookup, resolveSrv } from 'node:dns/promises'
import { isIP } from 'node:net'

import { formatUri, parseSipUri, type SipUri, type Message, parseNameAddr } from '../message/index.ts'
import type { ServerContext } from './server-context.ts'

/** A route as applications write it, `host`, `host:port` or a URI, as a URI. */
export function routeUri(route: string): string {
  return /^(sips?|tel):/i.test(route) ? route : `sip:${route}`
}

/**
 * The URI with an address in its host's place, so that it says where to send (RFC 3263 4). At once when there is nothing
 * to look up. Rejects when the name has no address.
 */
export function resolveUri(uri: string): string | Promise<string> {
  const parsed = parseSipUri(uri)
  if (!parsed || parsed.host === 'localhost' || isIP(parsed.host) !== 0) return uri

  return locate(parsed)
}

async function locate(uri: SipUri): Promise<string> {
  const service = uri.port === undefined ? await serviceOf(uri) : undefined
  const { address } = await lookup(service?.name ?? uri.host)

  return formatUri({ ...uri, host: address, port: service?.port ?? uri.port })
}

/** RFC 2782: the lowest priority, then by weight. */
async function serviceOf(uri: SipUri): Promise<{ name: string; port: number } | undefined> {
  const transport = uri.params.get('transport')?.toLowerCase() ?? 'udp'
  const prefix = uri.scheme === 'sips' || transport === 'tls' ? '_sips._tcp' : `_sip._${transport}`
  try {
    const all = await resolveSrv(`${prefix}.${uri.host}`)
    const lowest = Math.min(...all.map(({ priority }) => priority))
    const best = all.filter(({ priority }) => priority === lowest)
    let at = Math.random() * best.reduce((sum, { weight }) => sum + weight, 0)

    return best.find(({ weight }) => (at -= weight) <= 0) ?? best[0]
  } catch {
    // No such records: the name is the host's own.
    return undefined
  }
}

/** How a peer's messages come, against where it says that it can be reached. */
interface ReceivedRequest {
  readonly flow: Flow
  readonly request: Message
}

/**
 * The way that a dialog's requests take when the peer's Contact does not lead back to where its INVITE came from: it is
 * behind a NAT, or connected to us and not to be connected to. Undefined when its Contact, or a proxy, leads there.
 */
export function reusableFlow(context: ServerContext, { flow, request }: ReceivedRequest): Flow | undefined {
  if (!context.detectsNat || request.has('Record-Route')) return undefined
  const uri = parseSipUri(request.contact?.uri ?? '')
  if (!uri) return undefined
  const isDirect = uri.host === flow.remote.address && (uri.port ?? 5060) === flow.remote.port

  // A connection is where the peer is for certain, as long as it is open.
  return isDirect && !flow.reliable ? undefined : flow
}

/** The same for a peer that we called: its private address is no use to us unless it has answered from one. */
export function nextFlow({ core, detectsNat }: ServerContext, flow: Flow, response: Message): Flow | undefined {
  const first = response.list('Record-Route').at(-1)
  const next = first === undefined ? response.contact?.uri : parseNameAddr(first)?.uri
  const uri = parseSipUri(next ?? '')
  if (!uri || next === undefined) return undefined
  const isHidden = detectsNat && isPrivateAddress(uri.host) && !isPrivateAddress(flow.remote.address)

  // A name is not looked up here: who has answered is a way to it.
  return isHidden || !core.flowTo(next) ? flow : undefined
}
