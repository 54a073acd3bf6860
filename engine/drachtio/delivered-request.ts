import { randomUUID } from 'node:crypto'

import type { Response } from '../message/index.ts'
import { ownHostPort } from '../dialog/default-headers.ts'
import type { ResponseOptions, ServerRequest, ServerInvite } from '../dialog/index.ts'
import type { CallReport } from './call-reports.ts'
import {
  withContentType,
  type ResponseText,
  valueOf,
  without,
  bracketed,
  withLocalHost,
  deliveredText,
} from './protocol/sip-text.ts'
import type { Application } from './protocol/application.ts'
import { errorTexts, received, sent, newRequest, nok, responseSent, sipMessage } from './protocol/server-messages.ts'
import type { ServerContext } from './server-context.ts'
import type { ApplicationDialog } from './application-dialog.ts'
import { agreeOnTimer } from '../dialog/session-timer.ts'

// Those of the request stand, whatever an application says (RFC 3261 8.2.6.2).
const ofTheRequest = new Set(['From', 'To', 'Call-ID', 'CSeq'])

/** A request from the network that its application is to respond to. */
export class DeliveredRequest {
  /** The transaction id that the application knows it by. */
  readonly id: string
  /** What it is kept under. */
  readonly key: string
  readonly application: Application
  readonly request: ServerRequest
  /** What the application is told with each response of its own; '' outside dialogs. */
  readonly dialogId: string
  protected readonly context: ServerContext

  constructor(
    context: ServerContext,
    application: Application,
    request: ServerRequest,
    dialogId = '',
    id: string = randomUUID(),
    key = id,
  ) {
    this.context = context
    this.application = application
    this.request = request
    this.dialogId = dialogId
    this.id = id
    this.key = key
    context.pending.addDelivered(this)
    request.onUnanswered = () => context.pending.removeDelivered(this)
  }

  /** Hands it over as the beginning of something new. */
  deliverNew(): void {
    const { flow, request } = this.request
    const text = deliveredText(request)
    this.application.send(newRequest(received(flow, text, this.context.core.clock.now()), this.id, flow.local, text))
  }

  /** Hands it over as part of a dialog. */
  deliver(): void {
    const { flow, request } = this.request
    const text = deliveredText(request)
    this.application.send(sipMessage(received(flow, text, this.context.core.clock.now()), this.id, this.dialogId, text))
  }

  /** The application's response; `frameId` is the frame that it came in. */
  respond(frameId: string, text: ResponseText): void {
    const options = this.optionsOf(text)
    if (!options) this.application.send(nok(frameId, errorTexts.missingContentType))
    else this.send(frameId, text.status, options)
  }

  /** Hands the request over to somebody else, who answers it. */
  release(): { request: ServerRequest; report: CallReport | undefined } {
    this.context.pending.removeDelivered(this)

    return { request: this.request, report: undefined }
  }

  /** The application is gone: somebody must answer. */
  abandon(): void {
    this.context.pending.removeDelivered(this)
    this.request.respond(503)
  }

  /** Returns the response as it is on the wire; undefined when there has been a final one. */
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

/** A REGISTER: once its application has accepted it, the endpoint can be called over the connection that it came by. */
export class DeliveredRegister extends DeliveredRequest {
  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    const response = super.send(frameId, status, options)
    if (response) this.context.registrations.note(this.request.request, response, this.request.flow)

    return response
  }
}

/** A request that renews the session: our 2xx agrees on its timer (RFC 4028 9) and may bring a description. */
export class DeliveredRefresh extends DeliveredRequest {
  protected readonly dialog: ApplicationDialog

  constructor(dialog: ApplicationDialog, request: ServerRequest, id?: string, key?: string) {
    super(dialog.context, dialog.application, request, dialog.id, id, key)
    this.dialog = dialog
  }

  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    const isSuccess = status >= 200 && status < 300 && !this.request.isAnswered
    if (!isSuccess) return super.send(frameId, status, options)
    const headers = [...(options.headers ?? [])]
    const { header, timer } = agreeOnTimer(
      this.request.request,
      headers,
      this.context.defaultRefresher,
      this.context.core.minSession,
    )
    if (header !== undefined) headers.push(['Session-Expires', header])
    this.dialog.noteLocalSdp(options.body ?? '')
    // An UPDATE that says nothing of timers leaves them as they are.
    if (timer || this.request.request.method === 'INVITE') this.dialog.keepAlive(timer)

    return super.send(frameId, status, { ...options, headers })
  }
}

/** An UPDATE. */
export class DeliveredUpdate extends DeliveredRefresh {}

/** A re-INVITE. */
export class DeliveredReinvite extends DeliveredRefresh {
  constructor(dialog: ApplicationDialog, invite: ServerInvite) {
    super(dialog, invite)
    invite.onCancel = (cancel) => {
      this.context.pending.removeDelivered(this)
      // Ended with its dialog: the BYE tells the application enough.
      if (!cancel) return
      const text = deliveredText(cancel)
      const meta = received(this.request.flow, text, this.context.core.clock.now())
      this.application.send(sipMessage(meta, this.id, dialog.id, text))
    }
  }
}
