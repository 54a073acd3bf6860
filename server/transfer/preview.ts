import type { Settings } from '../../config/index.ts'
import { createRequest } from '../../engine/index.ts'
import { requestHeaders, type CallFacts, type Method, type Step } from '../../routes/index.ts'
import type { CallerIdentity } from '../calls/caller.ts'
import { Trunks } from '../calls/trunks.ts'
import type { Header, HeadersToSend, SipAddress, SipRequest } from '../sip/stack.ts'
import { encodeLine } from '../sip/text.ts'
import { destinationOf } from './destination.ts'
import { referHeaders } from './wire.ts'

/** A message as it would go out; what only a dialog knows (tags, Call-ID, branch, CSeq, session) is stood in for. */
export interface Preview {
  method: Method
  /** One character a byte. */
  text: string
  bytes: number
}

/** Whose call it would be. */
export interface PreviewCall {
  facts: CallFacts
  /** The agent's URI. */
  agent: string
  /** The trunk that it comes in by; the first one when left out. */
  trunk?: string | undefined
}

const allow = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, REFER, NOTIFY, UPDATE, MESSAGE, PRACK, SUBSCRIBE'
const capabilities: Header[] = [
  ['Allow', allow],
  ['Supported', '100rel, timer, norefersub'],
]

/** As many characters as the real ones have, so that the size is right. */
const token = '0'.repeat(16)

/** How a message begins, and what its step adds. */
interface Beginning {
  uri: string
  from: string
  to: string
  headers: HeadersToSend
  maxForwards?: number
}

/** What a step's first message would be, as the embedded engine writes it, for `explain`. */
export function preview(step: Step, method: Method, call: PreviewCall, local: SipAddress, settings: Settings): Preview {
  const host = hostPort(local)
  const isInvite = method === 'invite'
  const first = isInvite ? toDestination(step, call, local, settings) : toCaller(step, method, call, host)
  const body = isInvite ? session(local) : ''
  const lines: Header[] = [...first.headers]
  if (isInvite) lines.push(['Content-Type', 'application/sdp'])
  if (method !== 'bye') lines.push(['Contact', `<sip:${host}>`])
  if (isInvite) lines.push(...capabilities)
  lines.push(['User-Agent', settings.sip.userAgent])
  const request = createRequest({
    method: method.toUpperCase(),
    uri: first.uri,
    via: `SIP/2.0/${local.transport.toUpperCase()} ${host};rport;branch=z9hG4bK${token}`,
    from: encodeLine(`${first.from};tag=${token}`),
    to: encodeLine(first.to),
    callId: '00000000-0000-0000-0000-000000000000',
    cseq: 1,
    headers: lines.map(([name, value]): Header => [name, encodeLine(value)]),
    ...(first.maxForwards !== undefined && { maxForwards: first.maxForwards }),
    ...(body !== '' && { body }),
  })
  const text = request.toString()

  return { method, text, bytes: text.length }
}

/** Who calls, as far as it is known: the real From is the caller's own. */
function callerOf({ callerId = 'anonymous', callerName }: CallFacts, host: string): { uri: string; nameAddr: string } {
  const uri = `sip:${callerId}@${host}`
  const name = callerName === undefined || callerName === '' ? '' : `"${callerName.replace(/["\\]/g, '\\$&')}" `

  return { uri, nameAddr: `${name}<${uri}>` }
}

function toCaller(step: Step, method: Method, { facts, agent }: PreviewCall, host: string): Beginning {
  const { uri, nameAddr } = callerOf(facts, host)

  return {
    uri,
    from: `<sip:${facts.calledNumber ?? ''}@${host}>`,
    to: `${nameAddr};tag=${token}`,
    headers: method === 'refer' ? referHeaders(step, agent) : requestHeaders(step, method),
  }
}

function toDestination(step: Step, call: PreviewCall, local: SipAddress, settings: Settings): Beginning {
  const { facts } = call
  const from = callerOf(facts, hostPort(local)).nameAddr
  const caller: CallerIdentity = {
    uri: '',
    number: facts.callerId ?? '',
    name: facts.callerName ?? '',
    called: facts.calledNumber ?? '',
    from,
    to: '',
  }
  const trunks = new Trunks(settings.trunks)
  const trunk = (call.trunk === undefined ? undefined : trunks.named(call.trunk)) ?? trunks.first
  if (!trunk) return { uri: step.target, from, to: `<${step.target}>`, headers: requestHeaders(step, 'invite') }
  const { targets, invite } = destinationOf(step, { trunk, trunks, invite: received(facts), caller, own: [local] })
  const [uri = step.target] = targets

  return {
    uri,
    from: invite.from ?? from,
    to: `<${uri}>`,
    headers: invite.headers ?? [],
    ...(invite.maxForwards !== undefined && { maxForwards: invite.maxForwards }),
  }
}

/** The caller's INVITE, as far as it is known. */
function received({ headers = {} }: CallFacts): SipRequest {
  const entries = Object.entries(headers).map(([name, value]): Header => [name, value])
  const valuesOf = (name: string) =>
    entries.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value)

  return {
    method: 'INVITE',
    uri: '',
    callId: '',
    body: '',
    source: { transport: 'udp', address: '', port: 0 },
    header: (name) => valuesOf(name)[0],
    headers: valuesOf,
    entries: () => entries,
  }
}

/** A caller's session as it often is. */
function session({ address }: SipAddress): string {
  const family = address.includes(':') ? 'IP6' : 'IP4'
  const lines = [
    'v=0',
    `o=- 1 1 IN ${family} ${address}`,
    's=-',
    `c=IN ${family} ${address}`,
    't=0 0',
    'm=audio 10000 RTP/AVP 0 8 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=sendrecv',
  ]

  return `${lines.join('\r\n')}\r\n`
}

function hostPort({ address, port }: SipAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
