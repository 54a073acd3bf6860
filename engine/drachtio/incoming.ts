import { randomUUID } from 'node:crypto'
import type { Response } from '../message/index.ts'
import { ownHostPort } from '../dialog/own-address.ts'
import type { ResponseOptions, ServerRequest } from '../dialog/index.ts'
import type { CallReport } from './call-reports.ts'
import { withContentType } from './bodies.ts'
import type { Client } from './client.ts'
import { deliveredText } from './delivered-text.ts'
import { errorTexts } from './error-texts.ts'
import type { Exchange } from './exchange.ts'
import { bracketed, withLocalHost } from './local-host.ts'
import { received, sent } from './passage.ts'
import { newRequest, nok, responseSent, sipMessage } from './server-messages.ts'
import { type ResponseText, valueOf, without } from './sip-text.ts'

// Those of the request stand, whatever an application says (RFC 3261 8.2.6.2).
const ofTheRequest = new Set(['From', 'To', 'Call-ID', 'CSeq'])

/** A request from the network that its client is to respond to. */
export class Incoming {
  /** The transaction id that the client knows it by. */
  readonly id: string
  /** What it is kept under. */
  readonly key: string
  readonly client: Client
  readonly request: ServerRequest
  /** What the client is told with each response of its own; '' outside dialogs. */
  readonly dialogId: string
  protected readonly exchange: Exchange

  constructor(
    exchange: Exchange,
    client: Client,
    request: ServerRequest,
    dialogId = '',
    id: string = randomUUID(),
    key = id,
  ) {
    this.exchange = exchange
    this.client = client
    this.request = request
    this.dialogId = dialogId
    this.id = id
    this.key = key
    exchange.transactions.addIncoming(this)
    request.onUnanswered = () => exchange.transactions.removeIncoming(this)
  }

  /** Hands it over as the beginning of something new. */
  deliverNew(): void {
    const { flow, request } = this.request
    const text = deliveredText(request)
    this.client.send(newRequest(received(flow, text, this.exchange.core.clock.now()), this.id, flow.local, text))
  }

  /** Hands it over as part of a dialog. */
  deliver(): void {
    const { flow, request } = this.request
    const text = deliveredText(request)
    this.client.send(sipMessage(received(flow, text, this.exchange.core.clock.now()), this.id, this.dialogId, text))
  }

  /** The client's response; `frameId` is the frame that it came in. */
  respond(frameId: string, text: ResponseText): void {
    const options = this.optionsOf(text)
    if (!options) this.client.send(nok(frameId, errorTexts.missingContentType))
    else this.send(frameId, text.status, options)
  }

  /** Hands the request over to somebody else, who answers it. */
  release(): { request: ServerRequest; report: CallReport | undefined } {
    this.exchange.transactions.removeIncoming(this)

    return { request: this.request, report: undefined }
  }

  /** The client is gone: somebody must answer. */
  abandon(): void {
    this.exchange.transactions.removeIncoming(this)
    this.request.respond(503)
  }

  /** Returns the response as it is on the wire; undefined when there has been a final one. */
  protected send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    const response = this.request.respond(status, options)
    if (status >= 200) this.exchange.transactions.removeIncoming(this)
    if (!response) {
      this.client.send(nok(frameId, errorTexts.unknownTransaction))
      return undefined
    }
    const text = response.toString()
    const passage = sent(this.request.flow, text, this.exchange.core.clock.now())
    this.client.send(responseSent(frameId, passage, this.id, this.dialogId, text))

    return response
  }

  /** Undefined when the type of the body is missing. */
  protected optionsOf(text: ResponseText): ResponseOptions | undefined {
    const own = without(text.headers, ofTheRequest)
    const headers = withContentType(withLocalHost(own, ownHostPort(this.request.flow)), text.body)
    const toTag = /;\s*tag=([^;\s]+)/.exec(valueOf(text.headers, 'To') ?? '')?.[1]

    return (
      headers && {
        headers: headers.map(([name, value]) => [name, name === 'Contact' ? bracketed(value) : value]),
        body: text.body,
        reason: text.reason === '' ? undefined : text.reason,
        toTag,
      }
    )
  }
}
