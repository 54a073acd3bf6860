import { createResponse, hasControl, parseUri, type Request } from '../message/index.ts'
import { ownHostPort } from '../dialog/own-address.ts'
import { ClientRequest } from '../dialog/index.ts'
import { randomToken } from '../random.ts'
import type { Flow } from '../transport/index.ts'
import { outOfDialogRequest } from '../user-agent/out-of-dialog.ts'
import { withContentType } from './bodies.ts'
import type { Client } from './client.ts'
import type { SipFrame } from './client-messages.ts'
import { errorTexts } from './error-texts.ts'
import type { Exchange } from './exchange.ts'
import { bracketed, withLocalHost } from './local-host.ts'
import { located, routeUri } from './next-hop.ts'
import { Outgoing } from './outgoing.ts'
import { OutgoingInvite } from './outgoing-invite.ts'
import { nok } from './server-messages.ts'
import { type Header, type RequestText, valueOf, without } from './sip-text.ts'
import { OutgoingSubscribe } from './subscriptions.ts'

const written = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'])
// Those for which an endpoint's own connection is taken, if it has registered over one.
const toEndpoints = new Set(['INVITE', 'OPTIONS', 'NOTIFY', 'MESSAGE'])

/** Sends a client's request outside any dialog. */
export function sendOutside(exchange: Exchange, client: Client, frame: SipFrame, text: RequestText): void {
  const refuse = (why: string): void => client.send(nok(frame.id, why))
  const scheme = parseUri(text.uri)?.scheme
  const hop = frame.route === '' ? (exchange.outboundProxy ?? text.uri) : routeUri(frame.route)
  const isCallable = scheme === 'sip' || scheme === 'sips' || (scheme === 'tel' && hop !== text.uri)
  if (!isCallable || hasControl(text.uri)) {
    refuse(errorTexts.invalidRequestUri(text.startLine))
    return
  }
  if (exchange.isMyself(text.uri)) {
    refuse(errorTexts.toMyself)
    return
  }
  const way = frame.route === '' && toEndpoints.has(text.method) ? exchange.registrations.flowTo(text.uri) : undefined
  const place = located(hop)
  if (way) sendOn(exchange, client, frame, text, way)
  else if (typeof place === 'string') sendOn(exchange, client, frame, text, exchange.core.flowTo(place))
  else {
    place
      .then(
        (uri) => sendOn(exchange, client, frame, text, exchange.core.flowTo(uri)),
        () => sendNowhere(exchange, client, frame, text),
      )
      .catch((error: unknown) => exchange.defect(error))
  }
}

function sendOn(exchange: Exchange, client: Client, frame: SipFrame, text: RequestText, flow: Flow | undefined): void {
  if (!flow) {
    client.send(nok(frame.id, errorTexts.noTransport))
    return
  }
  const request = requestOf(exchange, text, flow)
  if (typeof request === 'string') {
    client.send(nok(frame.id, request))
    return
  }
  if (text.method === 'INVITE') new OutgoingInvite(exchange, client, request, flow).send(frame.id)
  else if (text.method === 'SUBSCRIBE') new OutgoingSubscribe(exchange, client, request, flow).send(frame.id)
  else {
    const outgoing = new Outgoing(exchange, client, '')
    const sent = new ClientRequest(exchange.core, flow, request, outgoing, undefined, () => 0)
    sent.send()
    outgoing.announce(frame.id, sent)
  }
}

/** No name server knows the next hop. */
function sendNowhere(exchange: Exchange, client: Client, frame: SipFrame, text: RequestText): void {
  const request = requestOf(exchange, text, undefined)
  if (typeof request === 'string') {
    client.send(nok(frame.id, request))
    return
  }
  const outgoing = new Outgoing(exchange, client, '')
  const response = createResponse(request, 503, 'DNS Error', randomToken())
  outgoing.announceUnsent(frame.id, text.method, text.uri, response)
  outgoing.unanswered(response)
}

/** The request as it is to be sent, or what is wrong with it. */
function requestOf(exchange: Exchange, text: RequestText, flow: Flow | undefined): Request | string {
  const from = valueOf(text.headers, 'From')
  const to = valueOf(text.headers, 'To')
  const cseq = parseInt(valueOf(text.headers, 'CSeq') ?? '', 10)
  const maxForwards = parseInt(valueOf(text.headers, 'Max-Forwards') ?? '', 10)
  const own = withContentType(without(text.headers, written), text.body)
  if (!own) return errorTexts.missingContentType
  const localise = (headers: Header[]): Header[] => (flow ? withLocalHost(headers, ownHostPort(flow)) : headers)
  const options = {
    uri: text.uri,
    from,
    to: to === undefined ? undefined : bracketed(localise([['To', to]])[0]?.[1] ?? to),
    callId: valueOf(text.headers, 'Call-ID'),
    cseq: Number.isNaN(cseq) ? undefined : cseq,
    maxForwards: Number.isNaN(maxForwards) ? undefined : maxForwards,
    headers: localise(own).map(([name, value]): Header => [name, name === 'Contact' ? bracketed(value) : value]),
    body: text.body,
  }
  const request = outOfDialogRequest(exchange.core, text.method, options, flow)
  if (!request.from) return errorTexts.invalidFrom(from ?? '')

  return request.to ? request : errorTexts.invalidTo(to ?? '')
}
