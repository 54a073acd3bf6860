import { randomUUID } from 'node:crypto'

import type { ClientRequest, HeaderList, RequestUser } from '../dialog/index.ts'
import { createRequest, type Request, type Response } from '../message/index.ts'
import type { Application } from './protocol/application.ts'
import { deliveredText, type RequestText, valueOf } from './protocol/sip-text.ts'
import {
  errorTexts,
  madeHere,
  received,
  sent,
  nok,
  type MessageMeta,
  requestSent,
  sipMessage,
} from './protocol/server-messages.ts'
import type { ServerContext } from './server-context.ts'
import type { ApplicationDialog } from './application-dialog.ts'
import { agreedByPeer } from '../dialog/session-timer.ts'

/** A request of an application's on its way to its final response, which the application always gets: one, in the end. */
export class ApplicationRequest implements RequestUser {
  readonly id: string = randomUUID()
  readonly application: Application
  /** What the application is told with each response; '' outside dialogs. */
  readonly dialogId: string
  protected readonly context: ServerContext
  #request: ClientRequest | undefined
  /** Responses that are there before the application knows the request's id. */
  #held: string[] | undefined = []

  constructor(context: ServerContext, application: Application, dialogId: string) {
    this.context = context
    this.application = application
    this.dialogId = dialogId
    context.pending.addSent(this)
  }

  /** It is on its way: tells the application, and then what has come already. */
  announce(frameId: string, request: ClientRequest): void {
    this.#request = request
    const text = request.request.toString()
    this.#announce(frameId, sent(request.flow, text, this.now), text)
  }

  /** It could not be sent: the application gets the request as it would have been, and then the response made here. */
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

  /** A CANCEL of the application's. */
  cancel(frameId: string, headers: HeaderList): void {
    const cancel = this.giveUp(headers)
    if (!cancel || !this.#request) {
      this.application.send(nok(frameId, errorTexts.cannotCancel(this.id)))
      return
    }
    const text = cancel.toString()
    this.application.send(requestSent(frameId, sent(this.#request.flow, text, this.now), randomUUID(), text))
  }

  /** The application is gone: nobody waits for the response. */
  abandon(): void {
    this.context.pending.removeSent(this)
  }

  protected get now(): number {
    return this.context.core.clock.now()
  }

  /** The CANCEL, sent or held; undefined when there is nothing to cancel. */
  protected giveUp(headers: HeaderList): Request | undefined {
    return this.#request?.cancel(headers)
  }

  get #madeHere(): MessageMeta {
    return madeHere(this.#request?.flow, this.now)
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

/** A request of an application's in one of its dialogs: what its responses mean to the dialog. */
export class InDialogRequest extends ApplicationRequest {
  readonly #dialog: ApplicationDialog
  readonly #method: string
  readonly #text: RequestText
  /** Made before the request could be announced. */
  #unsent: Response | undefined

  constructor(dialog: ApplicationDialog, method: string, text: RequestText) {
    super(dialog.context, dialog.application, dialog.id)
    this.#dialog = dialog
    this.#method = method
    this.#text = text
  }

  /** `request` as it was sent; undefined when it could not be. */
  begin(frameId: string, request: ClientRequest | undefined): void {
    if (request) {
      if (this.#method === 'BYE') this.#dialog.report?.stopped('normal-release', 'application', request.request)
      this.announce(frameId, request)
    } else if (this.#unsent) {
      this.announceUnsent(frameId, this.#method, this.#dialog.sipDialog?.remoteTarget ?? '', this.#unsent)
    }
  }

  override response(response: Response): void {
    const { status } = response
    if (status >= 200) this.#finished(response)
    super.response(response)
  }

  override unanswered(response: Response): void {
    this.#unsent = response
    this.#finished(response)
    super.unanswered(response)
  }

  #finished(response: Response): void {
    const { status } = response
    if (this.#method === 'BYE') this.#released(status)
    else if (status < 300 && (this.#method === 'INVITE' || this.#method === 'UPDATE')) this.#refreshed(response)
    else if (this.#isLastNotify) this.#dialog.drop()
  }

  /** A challenged BYE may come again with credentials; if it does not, the dialog is over all the same. */
  #released(status: number): void {
    const { sipDialog } = this.#dialog
    if (status !== 401 && status !== 407) {
      this.#dialog.remove()
      return
    }
    sipDialog?.reopen()
    const { clock, timers } = this.context.core
    clock.after(64 * timers.t1, () => {
      if (sipDialog && !sipDialog.ended) this.#dialog.drop()
    })
  }

  #refreshed(response: Response): void {
    this.#dialog.noteLocalSdp(this.#text.body)
    const agreed = agreedByPeer(response, this.context.core.minSession)
    // An UPDATE that says nothing of timers leaves them as they are.
    if (agreed || this.#method === 'INVITE') this.#dialog.keepAlive(agreed)
  }

  get #isLastNotify(): boolean {
    const state = valueOf(this.#text.headers, 'Subscription-State') ?? ''

    return this.#method === 'NOTIFY' && this.#dialog.isSubscription && /^\s*terminated/i.test(state)
  }
}
