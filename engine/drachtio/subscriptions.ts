import {
  ClientRequest,
  contactOf,
  Dialog,
  type ResponseOptions,
  type ServerRequest,
  uacDialog,
  uasDialog,
} from '../dialog/index.ts'
import type { Flow } from '../flow/index.ts'
import { isSuccess, type Request, type Response } from '../message/index.ts'
import { ApplicationDialog } from './application-dialog.ts'
import { ApplicationRequest } from './application-request.ts'
import { DeliveredRequest } from './delivered-request.ts'
import { nextFlow, reusableFlow } from './next-hop.ts'
import type { Application } from './protocol/application.ts'
import { dialogIdOf, type NotifyReceiver, type ServerContext } from './server-context.ts'

/** A SUBSCRIBE from the network: the application's 2xx makes a dialog (RFC 6665 4.4.1). */
export class DeliveredSubscribe extends DeliveredRequest {
  constructor(context: ServerContext, application: Application, request: ServerRequest) {
    const { callId, fromTag } = request.request
    super(context, application, request, dialogIdOf(callId, fromTag ?? ''))
  }

  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    const response = super.send(frameId, status, options)
    if (!response || status < 200 || status > 299) return response
    const { context, application } = this
    context.registrations.note(this.request.request, response, this.request.flow)
    const { request, flow, localTag } = this.request
    const dialog = new ApplicationDialog(context, application, this.dialogId, flow)
    const contact = response.header('Contact') ?? contactOf(flow)
    const state = uasDialog(request, localTag, flow.transport)
    dialog.subscribed(new Dialog(context.core, state, contact), reusableFlow(context, this.request))

    return response
  }
}

/** An application's SUBSCRIBE: the 2xx makes a dialog, or a NOTIFY that comes before the 2xx (RFC 6665 4.4.1). */
export class ApplicationSubscribe extends ApplicationRequest implements NotifyReceiver {
  readonly #request: ClientRequest
  #dialog: ApplicationDialog | undefined

  constructor(context: ServerContext, application: Application, request: Request, flow: Flow) {
    super(context, application, dialogIdOf(request.callId, request.fromTag ?? ''))
    this.#request = new ClientRequest(context.core, flow, request, this)
    context.subscribing.set(this.dialogId, this)
  }

  send(frameId: string): void {
    this.#request.send()
    this.announce(frameId, this.#request)
  }

  override response(response: Response): void {
    if (response.status >= 200) this.context.subscribing.delete(this.dialogId)
    if (isSuccess(response.status) && !this.#dialog) this.#subscribed(response)
    super.response(response)
  }

  override unanswered(response: Response): void {
    this.context.subscribing.delete(this.dialogId)
    super.unanswered(response)
  }

  override abandon(): void {
    this.context.subscribing.delete(this.dialogId)
    super.abandon()
  }

  /** A NOTIFY has come before the 2xx. */
  notified(notify: ServerRequest): void {
    const { request } = notify
    const state = uasDialog(request, request.toTag ?? '', notify.flow.transport)
    state.localCSeq = this.#request.request.cseq?.number ?? 0
    const sipDialog = new Dialog(this.context.core, state, this.#contact)
    this.#begin(sipDialog, reusableFlow(this.context, notify)).request(notify)
  }

  #subscribed(response: Response): void {
    const { request, flow } = this.#request
    const sipDialog = new Dialog(this.context.core, uacDialog(response, request.uri, flow.transport), this.#contact)
    this.#begin(sipDialog, nextFlow(this.context, flow, response))
  }

  #begin(sipDialog: Dialog, flow: Flow | undefined): ApplicationDialog {
    this.#dialog = new ApplicationDialog(this.context, this.application, this.dialogId, this.#request.flow)
    this.#dialog.subscribed(sipDialog, flow)

    return this.#dialog
  }

  get #contact(): string {
    return this.#request.request.header('Contact') ?? contactOf(this.#request.flow)
  }
}
