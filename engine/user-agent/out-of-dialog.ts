import type { Flow } from '../flow/index.ts'
import { createRequest, type Request, requestUriOf } from '../message/index.ts'
import {
  addCapabilities,
  addContact,
  addDefault,
  addTo,
  contactCarriers,
  contactOf,
  type Core,
  newBranch,
  ownHostPort,
  schemeOfRequest,
  viaOf,
} from '../dialog/index.ts'
import { randomToken } from '../random.ts'
import type { OutOfDialogOptions } from './options.ts'

/** A request outside any dialog (RFC 3261 8.1.1), to be sent on `flow`; without one, for the record only. */
export function outOfDialogRequest(
  core: Core,
  method: string,
  options: OutOfDialogOptions,
  flow: Flow | undefined,
): Request {
  const { uri, callId, cseq = 1, maxForwards } = options
  const request = createRequest({
    method,
    uri,
    via: flow ? viaOf(flow, newBranch()) : '',
    from: fromOf(options.from, flow),
    to: options.to ?? `<${requestUriOf(uri)}>`,
    callId: callId ?? randomToken() + randomToken(),
    cseq,
    maxForwards,
  })
  addTo(request, options)
  if (method === 'INVITE') addCapabilities(request, core.defaultHeaders)
  addDefault(request, core.defaultHeaders.userAgent)
  if (flow && contactCarriers.has(method)) addContact(request, contactOf(flow, schemeOfRequest(request)))

  return request
}

function fromOf(from: string | undefined, flow: Flow | undefined): string {
  const own = flow ? ownHostPort(flow) : 'invalid'
  if (from === undefined) return `<sip:${own}>;tag=${randomToken()}`
  const text = from.includes('localhost') ? withHost(from, own) : from
  // RFC 3261 20: without brackets, parameters belong to the header, not to the URI.
  const address = text.includes('<') ? text : bracketed(text)

  const isTagged = !address.endsWith('>') && /;\s*tag\s*=/i.test(address.slice(address.indexOf('>')))

  return isTagged ? address : `${address};tag=${randomToken()}`
}

function bracketed(text: string): string {
  const semicolon = text.indexOf(';')

  return semicolon < 0 ? `<${text}>` : `<${text.slice(0, semicolon)}>${text.slice(semicolon)}`
}

const localhost = /(sips?:|@)localhost(?::\d+)?([>;?\s]|$)/

/** `localhost`, with or without a port, as a URI's host is replaced. */
function withHost(address: string, host: string): string {
  return address.replace(localhost, (_, before: string, after: string) => before + host + after)
}
