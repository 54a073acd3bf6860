import { createRequest } from '../../engine/index.ts'
import { requestHeaders, type CallFacts, type Method, type Step } from '../../routes/index.ts'
import type { Header, HeadersToSend, SipAddress } from '../sip/stack.ts'
import { encodeLine } from '../sip/text.ts'

/** A message as it would go out; what only a dialog knows (tags, Call-ID, branch, CSeq) stands in for itself. */
export interface Preview {
  method: Method
  /** One character a byte. */
  text: string
  bytes: number
}

/** The headers of the REFER that a step sends. */
export function referHeaders(step: Step, referredBy: string): HeadersToSend {
  return [['Refer-To', referTo(step)], ['Referred-By', `<${referredBy}>`], ...requestHeaders(step, 'refer')]
}

/** The Refer-To of the REFER that a step sends. */
export function referTo(step: Step): string {
  return step.referTo ?? `<${step.target}>`
}

/** What a step's first message would be, for `explain`. */
export function preview(step: Step, method: Method, facts: CallFacts, local: SipAddress, agent: string): Preview {
  const host = local.address.includes(':') ? `[${local.address}]:${local.port}` : `${local.address}:${local.port}`
  const caller = `sip:${facts.callerId ?? 'anonymous'}@${host}`
  const inDialog = method !== 'invite'
  const headers = method === 'refer' ? referHeaders(step, agent) : requestHeaders(step, method)
  const request = createRequest({
    method: method.toUpperCase(),
    uri: inDialog ? caller : step.target,
    via: `SIP/2.0/${local.transport.toUpperCase()} ${host};branch=z9hG4bK-branch;rport`,
    from: inDialog ? `<sip:${facts.calledNumber ?? ''}@${host}>;tag=local-tag` : `<${caller}>;tag=local-tag`,
    to: inDialog ? `<${caller}>;tag=remote-tag` : `<${step.target}>`,
    callId: 'call-id',
    cseq: 1,
    ...(method !== 'bye' && { contact: `<sip:${host}>` }),
    headers: headers.map(([name, value]): Header => [name, encodeLine(value)]),
  })
  const text = request.toString()

  return { method, text, bytes: text.length }
}
