import { type Message, parseNameAddr, parseSipUri } from '../message/index.ts'
import { type Flow, isPrivateAddress } from '../transport/index.ts'
import type { Exchange } from './exchange.ts'

/** How a peer's messages come, against where it says that it can be reached. */
interface Arrival {
  readonly flow: Flow
  readonly request: Message
}

/**
 * The way that a dialog's requests take when the peer's Contact does not lead back to where its INVITE came from: it is
 * behind a NAT, or connected to us and not to be connected to. Undefined when its Contact, or a proxy, leads there.
 */
export function wayBack(exchange: Exchange, { flow, request }: Arrival): Flow | undefined {
  if (!exchange.detectsNat || request.has('Record-Route')) return undefined
  const uri = parseSipUri(request.contact?.uri ?? '')
  if (!uri) return undefined
  const isDirect = uri.host === flow.remote.address && (uri.port ?? 5060) === flow.remote.port

  // A connection is where the peer is for certain, as long as it is open.
  return isDirect && !flow.reliable ? undefined : flow
}

/** The same for a peer that we called: its private address is no use to us unless it has answered from one. */
export function wayOn({ core, detectsNat }: Exchange, flow: Flow, response: Message): Flow | undefined {
  const first = response.list('Record-Route').at(-1)
  const next = first === undefined ? response.contact?.uri : parseNameAddr(first)?.uri
  const uri = parseSipUri(next ?? '')
  if (!uri || next === undefined) return undefined
  const isHidden = detectsNat && isPrivateAddress(uri.host) && !isPrivateAddress(flow.remote.address)

  // A name is not looked up here: who has answered is a way to it.
  return isHidden || !core.flowTo(next) ? flow : undefined
}
