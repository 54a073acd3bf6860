import { dialogOfRequest, dialogOfResponse } from '../dialog/dialog-making.ts'
import { Dialog } from '../dialog/dialog.ts'
import { contactOf } from '../dialog/own-address.ts'
import { ClientRequest, type ResponseOptions, type ServerRequest } from '../dialog/index.ts'
import type { Request, Response } from '../message/index.ts'
import type { Flow } from '../transport/index.ts'
import type { Client } from './client.ts'
import type { Exchange } from './exchange.ts'
import { Incoming } from './incoming.ts'
import { Leg } from './leg.ts'
import { legId } from './legs.ts'
import { wayBack, wayOn } from './nat.ts'
import { Outgoing } from './outgoing.ts'

/** A SUBSCRIBE from the network: our 2xx makes a dialog (RFC 6665 4.4.1). */
export class IncomingSubscribe extends Incoming {
  constructor(exchange: Exchange, client: Client, request: ServerRequest) {
    const { callId, fromTag } = request.request
    super(exchange, client, request, legId(callId, fromTag ?? ''))
  }

  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    const response = super.send(frameId, status, options)
    if (!response || status < 200 || status > 299) return response
    const { exchange, client } = this
    exchange.registrations.note(this.request.request, response, this.request.flow)
    const { request, flow, localTag } = this.request
    const leg = new Leg(exchange, client, this.dialogId, flow)
    const contact = response.header('Contact') ?? contactOf(flow)
    leg.subscribed(dialogOfRequest(exchange.core, request, localTag, contact), wayBack(exchange, this.request))

    return response
  }
}

/** A client's SUBSCRIBE: its 2xx makes a dialog, or a NOTIFY that overtakes the 2xx. */
export class OutgoingSubscribe extends Outgoing {
  readonly #request: ClientRequest
  #leg: Leg | undefined

  constructor(exchange: Exchange, client: Client, request: Request, flow: Flow) {
    super(exchange, client, legId(request.callId, request.fromTag ?? ''))
    this.#request = new ClientRequest(exchange.core, flow, request, this, undefined, () => 0)
    exchange.subscribing.set(this.dialogId, this)
  }

  send(frameId: string): void {
    this.#request.send()
    this.announce(frameId, this.#request)
  }

  override response(response: Response): void {
    if (response.status >= 200) this.exchange.subscribing.delete(this.dialogId)
    if (response.status >= 200 && response.status < 300 && !this.#leg) this.#subscribed(response)
    super.response(response)
  }

  override unanswered(response: Response): void {
    this.exchange.subscribing.delete(this.dialogId)
    super.unanswered(response)
  }

  override abandon(): void {
    this.exchange.subscribing.delete(this.dialogId)
    super.abandon()
  }

  /** A NOTIFY for it that has come before its 2xx. */
  notified(notify: ServerRequest): void {
    const { request } = notify
    const dialog = new Dialog(this.exchange.core, {
      callId: request.callId,
      localTag: request.toTag ?? '',
      remoteTag: request.fromTag ?? '',
      local: request.header('To') ?? '',
      remote: request.header('From') ?? '',
      localCSeq: this.#request.request.cseq?.number ?? 0,
      remoteCSeq: request.cseq?.number,
      remoteTarget: request.contact?.uri ?? '',
      routeSet: request.list('Record-Route'),
      contact: this.#contact,
    })
    this.#begin(dialog, wayBack(this.exchange, notify)).request(notify)
  }

  #subscribed(response: Response): void {
    const { core } = this.exchange
    const dialog = dialogOfResponse(core, response, this.#contact, this.#request.request.uri)
    this.#begin(dialog, wayOn(this.exchange, this.#request.flow, response))
  }

  #begin(dialog: Dialog, way: Flow | undefined): Leg {
    this.#leg = new Leg(this.exchange, this.client, this.dialogId, this.#request.flow)
    this.#leg.subscribed(dialog, way)

    return this.#leg
  }

  get #contact(): string {
    return this.#request.request.header('Contact') ?? contactOf(this.#request.flow)
  }
}
