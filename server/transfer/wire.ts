import { createRequest } from '../../engine/index.ts'
import { requestHeaders, type CallFacts, type Method, type Step } from '../../routes/index.ts'
import type { HeadersToSend, SipAddress } from '../sip/stack.ts'

/** A message as it would go out; what only a dialog knows (tags, Call-ID, branch, CSeq) stands in for itself. */
export interface Preview {
  method: Method
  /** One character a byte. */
  text: string
  bytes: number
}

/** The headers of the REFER that a step sends. */
export function referHeaders(step: Step, referredBy: string): HeadersToSend {
  return {
    'Refer-To': step.referTo ?? `<${step.target}>`,
    'Referred-By': `<${referredBy}>`,
    ...byName(requestHeaders(step, 'refer')),
  }
}

/** Headers as a list, for a stack that takes them by name. */
export function byName(headers: readonly (readonly [name: string, value: string])[]): HeadersToSend {
  const named: Record<string, string[]> = {}
  for (const [name, value] of headers) (named[name] ??= []).push(value)

  return named
}

/** What a step's first message would be, for `explain`. */
export function preview(step: Step, method: Method, facts: CallFacts, local: SipAddress, agent: string): Preview {
  const host = local.address.includes(':') ? `[${local.address}]:${local.port}` : `${local.address}:${local.port}`
  const caller = `sip:${facts.callerId ?? 'anonymous'}@${host}`
  const inDialog = method !== 'invite'
  const headers = method === 'refer' ? referHeaders(step, agent) : byName(requestHeaders(step, method))
  const request = createRequest({
    method: method.toUpperCase(),
    uri: inDialog ? caller : step.target,
    via: `SIP/2.0/${local.transport.toUpperCase()} ${host};branch=z9hG4bK-branch;rport`,
    from: inDialog ? `<sip:${facts.calledNumber ?? ''}@${host}>;tag=local-tag` : `<${caller}>;tag=local-tag`,
    to: inDialog ? `<${caller}>;tag=remote-tag` : `<${step.target}>`,
    callId: 'call-id',
    cseq: 1,
    ...(method !== 'bye' && { contact: `<sip:${host}>` }),
    headers: Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, Buffer.from(one, 'utf8').toString('latin1')]),
    ),
  })
  const text = request.toString()

  return { method, text, bytes: text.length }
}
