import { randomUUID } from 'node:crypto'
import type { ClientRequest, HeaderList, RequestUser } from '../dialog/index.ts'
import { createRequest, type Request, type Response } from '../message/index.ts'
import type { Application } from './protocol/application.ts'
import {
  errorTexts,
  madeHere,
  type MessageMeta,
  nok,
  received,
  requestSent,
  sent,
  sipMessage,
} from './protocol/server-messages.ts'
import { deliveredText, type RequestText } from './protocol/sip-text.ts'
import type { PendingSend, ServerContext } from './server-context.ts'

/** A request of an application, which gets exactly one final response to it. */
export class ApplicationRequest implements RequestUser, PendingSend {
  readonly id: string = randomUUID()
  readonly application: Application
  /** The dialog that responses are delivered in; '' outside dialogs. */
  readonly dialogId: string
  protected readonly context: ServerContext
  #request: ClientRequest | undefined
  /** Responses that came before the application was told the request's id. */
  #held: string[] | undefined = []

  constructor(context: ServerContext, application: Application, dialogId: string) {
    this.context = context
    this.application = application
    this.dialogId = dialogId
    context.pending.addSent(this)
  }

  /** Tells the application that the request was sent, then delivers the responses that have come already. */
  announce(frameId: string, request: ClientRequest): void {
    this.#request = request
    const text = request.request.toString()
    this.#announce(frameId, sent(request.flow, text, this.#now), text)
  }

  /** The request could not be sent: the application gets the request as it would have been, then the engine's own response. */
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
    this.#announce(frameId, { ...madeHere(undefined, this.#now), source: 'application' }, unsent.toString())
  }

  response(response: Response): void {
    const text = deliveredText(response)
    this.#deliver(response, this.#request ? received(this.#request.flow, text, this.#now) : this.#madeHere, text)
  }

  unanswered(response: Response): void {
    this.#deliver(response, this.#madeHere, response.toString())
  }

  /** Sends the application's CANCEL. */
  cancel(frameId: string, headers: HeaderList): void {
    const cancel = this.sendCancel(headers)
    if (!cancel || !this.#request) {
      this.application.send(nok(frameId, errorTexts.cannotCancel(this.id)))
      return
    }
    const text = cancel.toString()
    this.application.send(requestSent(frameId, sent(this.#request.flow, text, this.#now), randomUUID(), text))
  }

  /** The application's connection is lost: no response is delivered any more. */
  abandon(): void {
    this.context.pending.removeSent(this)
  }

  /** The CANCEL, sent or held until a provisional response (RFC 3261 9.1); undefined when the request cannot be cancelled. */
  protected sendCancel(headers: HeaderList): Request | undefined {
    return this.#request?.cancel(headers)
  }

  get #now(): number {
    return this.context.core.clock.now()
  }

  get #madeHere(): MessageMeta {
    return madeHere(this.#request?.flow, this.#now)
  }

  #announce(frameId: string, meta: MessageMeta, text: string): void {
    this.application.send(requestSent(frameId, meta, this.id, text))
    for (const payload of this.#held ?? []) this.application.send(payload)
    this.#held = undefined
  }

  #deliver(response: Response, meta: MessageMeta, text: string): void {
    if (response.status >= 200) this.context.pending.removeSent(this)
    const payload = sipMessage(meta, this.id, this.dialogId, text)
    if (this.#held) this.#held.push(payload)
    else this.application.send(payload)
  }
}

/** The dialog that an application's request is sent in. */
export interface RequestDialog {
  readonly context: ServerContext
  readonly application: Application
  readonly id: string
  /** The request, as the application wrote it, has its final response. */
  completed(method: string, text: RequestText, response: Response): void
}

/** A request of an application in a dialog, which learns of the final response. */
export class InDialogRequest extends ApplicationRequest {
  readonly #dialog: RequestDialog
  readonly #method: string
  readonly #text: RequestText
  /** The engine's own final response to a request that could not be sent. */
  #unsent: Response | undefined

  constructor(dialog: RequestDialog, method: string, text: RequestText) {
    super(dialog.context, dialog.application, dialog.id)
    this.#dialog = dialog
    this.#method = method
    this.#text = text
  }

  /** `request` is what was sent; undefined when nothing could be. */
  announceInDialog(frameId: string, request: ClientRequest | undefined, uri: string): void {
    if (request) this.announce(frameId, request)
    else if (this.#unsent) this.announceUnsent(frameId, this.#method, uri, this.#unsent)
  }

  override response(response: Response): void {
    if (response.status >= 200) this.#dialog.completed(this.#method, this.#text, response)
    super.response(response)
  }

  override unanswered(response: Response): void {
    this.#unsent = response
    this.#dialog.completed(this.#method, this.#text, response)
    super.unanswered(response)
  }
}
