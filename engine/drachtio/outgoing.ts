import { randomUUID } from 'node:crypto'
import type { ClientRequest, HeaderList, RequestUser } from '../dialog/index.ts'
import { createRequest, type Request, type Response } from '../message/index.ts'
import type { Client } from './client.ts'
import { deliveredText } from './delivered-text.ts'
import { errorTexts } from './error-texts.ts'
import type { Exchange } from './exchange.ts'
import { madeHere, received, sent } from './passage.ts'
import { nok, type Passage, requestSent, sipMessage } from './server-messages.ts'

/** A request of a client's on its way to its final response, which the client always gets: one, in the end. */
export class Outgoing implements RequestUser {
  readonly id: string = randomUUID()
  readonly client: Client
  /** What the client is told with each response; '' outside dialogs. */
  readonly dialogId: string
  protected readonly exchange: Exchange
  #request: ClientRequest | undefined
  /** Responses that are there before the client knows the request's id. */
  #held: string[] | undefined = []

  constructor(exchange: Exchange, client: Client, dialogId: string) {
    this.exchange = exchange
    this.client = client
    this.dialogId = dialogId
    exchange.transactions.addOutgoing(this)
  }

  /** It is on its way: tells the client, and then what has come already. */
  announce(frameId: string, request: ClientRequest): void {
    this.#request = request
    const text = request.request.toString()
    this.#announce(frameId, sent(request.flow, text, this.now), text)
  }

  /** It could not be sent: the client gets the request as it would have been, and then the response made here. */
  announceUnsent(frameId: string, method: string, uri: string, response: Response): void {
    const unsent = createRequest({
      method,
      uri,
      via: response.header('Via') ?? '',
      from: response.header('From') ?? '',
      to: response.header('To') ?? '',
      callId: response.callId,
      cseq: response.cseq?.number ?? 0,
    })
    this.#announce(frameId, { ...madeHere(undefined, this.now), source: 'application' }, unsent.toString())
  }

  response(response: Response): void {
    const text = deliveredText(response)
    this.#deliver(response, this.#request ? received(this.#request.flow, text, this.now) : this.#madeHere, text)
  }

  unanswered(response: Response): void {
    this.#deliver(response, this.#madeHere, response.toString())
  }

  /** A CANCEL of the client's. */
  cancel(frameId: string, headers: HeaderList): void {
    const cancel = this.giveUp(headers)
    if (!cancel || !this.#request) {
      this.client.send(nok(frameId, errorTexts.cannotCancel(this.id)))
      return
    }
    const text = cancel.toString()
    this.client.send(requestSent(frameId, sent(this.#request.flow, text, this.now), randomUUID(), text))
  }

  /** The client is gone: nobody waits for the response. */
  abandon(): void {
    this.exchange.transactions.removeOutgoing(this)
  }

  protected get now(): number {
    return this.exchange.core.clock.now()
  }

  /** The CANCEL, sent or held; undefined when there is nothing to cancel. */
  protected giveUp(headers: HeaderList): Request | undefined {
    return this.#request?.cancel(headers)
  }

  get #madeHere(): Passage {
    return madeHere(this.#request?.flow, this.now)
  }

  #announce(frameId: string, passage: Passage, text: string): void {
    this.client.send(requestSent(frameId, passage, this.id, text))
    for (const payload of this.#held ?? []) this.client.send(payload)
    this.#held = undefined
  }

  #deliver(response: Response, passage: Passage, text: string): void {
    if (response.status >= 200) this.exchange.transactions.removeOutgoing(this)
    const payload = sipMessage(passage, this.id, this.dialogId, text)
    if (this.#held) this.#held.push(payload)
    else this.client.send(payload)
  }
}
