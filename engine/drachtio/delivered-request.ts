import { randomUUID } from 'node:crypto'
import {
  agreeOnTimer,
  ownHostPort,
  type ResponseOptions,
  type ServerInvite,
  type ServerRequest,
} from '../dialog/index.ts'
import { isSuccess, type Request, type Response } from '../message/index.ts'
import type { ApplicationSession } from './application-session.ts'
import type { CallReport } from './call-reports.ts'
import type { Application } from './protocol/application.ts'
import { errorTexts, newRequest, nok, received, responseSent, sent, sipMessage } from './protocol/server-messages.ts'
import { deliveredText, headersToSend, type ResponseText, valueOf } from './protocol/sip-text.ts'
import { earlyUpdateKey, type PendingDelivery, type ServerContext } from './server-context.ts'

// RFC 3261 8.2.6.2: a response repeats these of its request.
const repeatedHeaders = new Set(['From', 'To', 'Call-ID', 'CSeq'])

/** A request from the network that an application answers. */
export class DeliveredRequest implements PendingDelivery {
  /** The transaction id that the application knows the request by. */
  readonly id: string
  readonly application: Application
  readonly request: ServerRequest
  /** The dialog that the application's responses are reported in; '' outside dialogs. */
  readonly dialogId: string
  protected readonly context: ServerContext

  constructor(
    context: ServerContext,
    application: Application,
    request: ServerRequest,
    dialogId = '',
    id: string = randomUUID(),
  ) {
    this.context = context
    this.application = application
    this.request = request
    this.dialogId = dialogId
    this.id = id
    context.pending.addDelivered(this)
    request.onUnanswered = () => context.pending.removeDelivered(this)
  }

  /** The key that the request is registered under. */
  get key(): string {
    return this.id
  }

  /** Delivers the request as one outside any dialog. */
  deliverNew(): void {
    const { flow, request } = this.request
    const text = deliveredText(request)
    this.application.send(newRequest(received(flow, text, this.context.core.clock.now()), this.id, flow.local, text))
  }

  /** Delivers the request as one in its dialog. */
  deliver(): void {
    this.deliverInDialog(this.request.request)
  }

  /** Sends the application's response, which came in the frame `frameId`. */
  respond(frameId: string, text: ResponseText): void {
    const options = this.optionsOf(text)
    if (!options) this.application.send(nok(frameId, errorTexts.missingContentType))
    else this.send(frameId, text.status, options)
  }

  /** Takes the request from the application: a proxy answers it. */
  release(): { request: ServerRequest; report: CallReport | undefined } {
    this.context.pending.removeDelivered(this)

    return { request: this.request, report: undefined }
  }

  /** Answers 503: the application's connection is lost. */
  abandon(): void {
    this.context.pending.removeDelivered(this)
    this.request.respond(503)
  }

  protected deliverInDialog(request: Request, dialogId = this.dialogId): void {
    const text = deliveredText(request)
    const meta = received(this.request.flow, text, this.context.core.clock.now())
    this.application.send(sipMessage(meta, this.id, dialogId, text))
  }

  /** Returns the response that was sent; undefined when the request had a final one before. */
  protected send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    const response = this.request.respond(status, options)
    if (status >= 200) this.context.pending.removeDelivered(this)
    if (!response) {
      this.application.send(nok(frameId, errorTexts.unknownTransaction))
      return undefined
    }
    const text = response.toString()
    const meta = sent(this.request.flow, text, this.context.core.clock.now())
    this.application.send(responseSent(frameId, meta, this.id, this.dialogId, text))

    return response
  }

  /** Undefined when the application has to name the type of the body. */
  protected optionsOf(text: ResponseText): ResponseOptions | undefined {
    const headers = headersToSend(text, repeatedHeaders, ownHostPort(this.request.flow))
    const toTag = /;\s*tag=([^;\s]+)/.exec(valueOf(text.headers, 'To') ?? '')?.[1]

    return headers && { headers, body: text.body, reason: text.reason === '' ? undefined : text.reason, toTag }
  }
}

/** A REGISTER: after a 2xx the endpoint is called over the connection that it registered on. */
export class DeliveredRegister extends DeliveredRequest {
  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    const response = super.send(frameId, status, options)
    if (response) this.context.registrations.note(this.request.request, response, this.request.flow)

    return response
  }
}

/** The dialog of an INVITE or UPDATE. */
export interface DeliveryDialog {
  readonly context: ServerContext
  readonly application: Application
  readonly id: string
  readonly session: ApplicationSession
}

/** An INVITE or UPDATE: its 2xx agrees on the session timer (RFC 4028 9), and may have a session description. */
export class DeliveredRefresh extends DeliveredRequest {
  readonly #session: ApplicationSession

  constructor(dialog: DeliveryDialog, request: ServerRequest, id?: string) {
    super(dialog.context, dialog.application, request, dialog.id, id)
    this.#session = dialog.session
  }

  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    if (!isSuccess(status) || this.request.isAnswered) return super.send(frameId, status, options)
    const { request } = this.request
    const headers = [...(options.headers ?? [])]
    const { defaultRefresher, core } = this.context
    const { header, timer } = agreeOnTimer(request, headers, defaultRefresher, core.minSession)
    if (header !== undefined) headers.push(['Session-Expires', header])
    this.#session.noteLocalSdp(options.body ?? '')
    this.#session.accepted(request.method, timer)

    return super.send(frameId, status, { ...options, headers })
  }
}

/** An UPDATE before its INVITE is answered, which the application knows by the INVITE's transaction id. */
export class EarlyUpdate extends DeliveredRefresh {
  override get key(): string {
    return earlyUpdateKey(this.id)
  }
}

/** A re-INVITE. */
export class DeliveredReinvite extends DeliveredRefresh {
  constructor(dialog: DeliveryDialog, invite: ServerInvite) {
    super(dialog, invite)
    invite.onCancel = (cancel) => {
      this.context.pending.removeDelivered(this)
      // Without a CANCEL the dialog has ended, and its BYE tells the application.
      if (cancel) this.deliverInDialog(cancel)
    }
  }
}
