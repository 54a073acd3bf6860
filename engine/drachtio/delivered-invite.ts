import type { Timer } from '../clock/index.ts'
import { type InitialInvite, ReliableProvisional, type ResponseOptions, type ServerRequest } from '../dialog/index.ts'
import type { Request, Response } from '../message/index.ts'
import { cancelOf } from '../transaction/index.ts'
import { ApplicationDialog, type DialogInvite } from './application-dialog.ts'
import type { CallReport } from './call-reports.ts'
import { DeliveredRefresh, DeliveredRequest } from './delivered-request.ts'
import { reusableFlow } from './next-hop.ts'
import type { Application } from './protocol/application.ts'
import { errorTexts, nok } from './protocol/server-messages.ts'
import type { ResponseText } from './protocol/sip-text.ts'
import { dialogIdOf, type ServerContext } from './server-context.ts'

/** The INVITE of a new call from the network. */
export class DeliveredInvite extends DeliveredRefresh implements DialogInvite {
  readonly #invite: InitialInvite
  readonly #dialog: ApplicationDialog
  readonly #reliable: ReliableProvisional
  /** Runs until the application's first response. */
  readonly #responseTimer: Timer

  constructor(context: ServerContext, application: Application, invite: InitialInvite) {
    const { request } = invite
    const { clock, timers } = context.core
    const report = context.reports.begin(request, 'uas')
    const id = dialogIdOf(request.callId, request.fromTag ?? '')
    const dialog = new ApplicationDialog(context, application, id, invite.flow, report)
    super(dialog, invite)
    this.#invite = invite
    this.#dialog = dialog
    dialog.madeBy = this
    invite.dialogUser = dialog
    invite.onCancel = (cancel) => this.#ended(cancel)
    this.#reliable = new ReliableProvisional(clock, timers, { unacknowledged: () => this.#fail(504) })
    // RFC 3261 17.1.1.2: the caller's timer B (64 T1) has stopped at the 100, so the wait is bounded here: twice as long.
    this.#responseTimer = clock.after(128 * timers.t1, () => this.#fail(408))
  }

  override respond(frameId: string, text: ResponseText): void {
    this.#responseTimer.cancel()
    const options = this.optionsOf(text)
    const { status } = text
    if (!options) this.application.send(nok(frameId, errorTexts.missingContentType))
    else if (status > 100 && status < 200 && requires(options, '100rel')) this.#sendReliably(frameId, status, options)
    // RFC 3262 3: a 2xx waits until reliable provisional responses are acknowledged.
    else if (status < 300) this.#reliable.whenAcknowledged(() => this.send(frameId, status, options))
    else this.send(frameId, status, options)
  }

  override release(): { request: ServerRequest; report: CallReport | undefined } {
    this.#stopTimers()

    return { ...super.release(), report: this.#dialog.report }
  }

  override abandon(): void {
    this.#stopTimers()
    super.abandon()
    this.#dialog.remove()
    this.#dialog.report?.stopped('system-error-initiated-termination', 'application')
  }

  prack(prack: ServerRequest): boolean {
    if (!this.#reliable.matches(prack.request.header('RAck') ?? '', this.#invite.request.cseq?.number)) return false
    new DeliveredRequest(this.context, this.application, prack, this.dialogId).deliver()
    this.#reliable.acknowledged()

    return true
  }

  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    // Registered before the response is sent: a request in the dialog may come at once.
    if (!this.#invite.isAnswered && status > 100 && status < 300) this.context.dialogs.add(this.#dialog)
    const response = super.send(frameId, status, options)
    if (!response) return undefined
    const { dialog: sipDialog } = this.#invite
    this.#dialog.sipDialog = sipDialog
    if (sipDialog) sipDialog.reusableFlow ??= reusableFlow(this.context, this.#invite)
    if (status >= 300) this.#refused(response)
    else if (status >= 200) this.#accepted(response)
    else if (status > 100) this.#dialog.report?.progressed()

    return response
  }

  #accepted(response: Response): void {
    this.#stopTimers()
    this.#dialog.isConfirmed = true
    this.#dialog.report?.answered(response)
  }

  #refused(response: Response): void {
    this.#stopTimers()
    this.#dialog.remove()
    this.#dialog.report?.stopped('call-rejected', 'application', response)
  }

  #sendReliably(frameId: string, status: number, options: ResponseOptions): void {
    if (!isReliabilityOffered(this.#invite.request)) {
      this.application.send(nok(frameId, errorTexts.noReliability))
      return
    }
    this.#reliable.whenAcknowledged(() => {
      const rseq: [string, string] = ['RSeq', String(this.#reliable.nextRSeq())]
      const reliable = { ...options, headers: [...(options.headers ?? []), rseq] }
      if (this.send(frameId, status, reliable)) this.#reliable.sent(() => this.#invite.respond(status, reliable))
    })
  }

  /** A CANCEL, a BYE or a time-out has ended the INVITE before its final response: the application gets a CANCEL. */
  #ended(cancel: Request | undefined): void {
    this.#stopTimers()
    this.context.pending.removeDelivered(this)
    this.#dialog.remove()
    const message = cancel ?? cancelOf(this.#invite.request)
    this.deliverInDialog(message, this.#invite.dialog ? this.dialogId : '')
    this.#dialog.report?.stopped('call-canceled', cancel ? 'network' : 'application', message)
  }

  /** The application has not responded, or the caller has not acknowledged. */
  #fail(status: number): void {
    this.#invite.respond(status)
    this.#ended(undefined)
  }

  #stopTimers(): void {
    this.#responseTimer.cancel()
    this.#reliable.stop()
  }
}

function isReliabilityOffered(request: Request): boolean {
  return [...request.list('Supported'), ...request.list('Require')].some((tag) => tag.toLowerCase() === '100rel')
}

function requires(options: ResponseOptions, tag: string): boolean {
  for (const [name, value] of options.headers ?? []) {
    if (name !== 'Require') continue
    const tags = value.toLowerCase().split(/[\s,]+/)
    if (tags.includes(tag)) return true
  }

  return false
}
