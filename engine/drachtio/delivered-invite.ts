import type { Timer } from '../clock/index.ts'
import type { InitialInvite, ResponseOptions, ServerRequest } from '../dialog/index.ts'
import type { Request, Response } from '../message/index.ts'
import { cancelOf } from '../transaction/index.ts'
import type { CallReport } from './call-reports.ts'
import type { Application } from './protocol/application.ts'
import { deliveredText, type ResponseText } from './protocol/sip-text.ts'
import { errorTexts, received, nok, sipMessage } from './protocol/server-messages.ts'
import type { ServerContext } from './server-context.ts'
import { DeliveredRequest, DeliveredRefresh } from './delivered-request.ts'
import { ApplicationDialog, type CreatingInvite } from './application-dialog.ts'
import { dialogIdOf } from './application-dialogs.ts'
import { reusableFlow } from './next-hop.ts'
import { ReliableProvisional } from '../dialog/response-retransmission.ts'

/** The INVITE of a new call, from the network. */
export class DeliveredInvite extends DeliveredRefresh implements CreatingInvite {
  readonly #invite: InitialInvite
  readonly #reliable: ReliableProvisional
  /** Until the application has said something. */
  #silence: Timer | undefined

  constructor(context: ServerContext, application: Application, invite: InitialInvite) {
    const { request } = invite
    const { clock, timers } = context.core
    const report = context.reports.begin(request, 'uas')
    const dialog = new ApplicationDialog(
      context,
      application,
      dialogIdOf(request.callId, request.fromTag ?? ''),
      invite.flow,
      report,
    )
    super(dialog, invite)
    this.#invite = invite
    dialog.invitedBy = this
    invite.dialogUser = dialog
    invite.onCancel = (cancel) => this.#ended(cancel)
    this.#reliable = new ReliableProvisional(clock, timers, { unacknowledged: () => this.#giveUp(504) })
    // Twice what a peer waits for any response; 100 Trying has made it patient.
    this.#silence = clock.after(128 * timers.t1, () => this.#giveUp(408))
  }

  override respond(frameId: string, text: ResponseText): void {
    this.#silence?.cancel()
    const options = this.optionsOf(text)
    const { status } = text
    if (!options) this.application.send(nok(frameId, errorTexts.missingContentType))
    else if (status > 100 && status < 200 && requires(options, '100rel')) this.#sendReliably(frameId, status, options)
    // RFC 3262 3: a 2xx waits for the PRACKs.
    else if (status < 300) this.#reliable.whenAcknowledged(() => this.send(frameId, status, options))
    else this.send(frameId, status, options)
  }

  override release(): { request: ServerRequest; report: CallReport | undefined } {
    this.#stop()

    return { ...super.release(), report: this.dialog.report }
  }

  override abandon(): void {
    this.#stop()
    super.abandon()
    this.dialog.remove()
    this.dialog.report?.stopped('system-error-initiated-termination', 'application')
  }

  prack(prack: ServerRequest): boolean {
    if (!this.#reliable.matches(prack.request.header('RAck') ?? '', this.#invite.request.cseq?.number)) return false
    new DeliveredRequest(this.context, this.application, prack, this.dialog.id).deliver()
    this.#reliable.acknowledged()

    return true
  }

  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    // A dialog is known before anything can come in it.
    if (!this.#invite.isAnswered && status > 100 && status < 300) this.context.dialogs.add(this.dialog)
    const response = super.send(frameId, status, options)
    if (!response) return undefined
    const { dialog: sipDialog } = this.#invite
    this.dialog.sipDialog = sipDialog
    if (sipDialog) sipDialog.reusableFlow ??= reusableFlow(this.context, this.#invite)
    if (status >= 300) this.#refused(response)
    else if (status >= 200) this.#accepted(response)
    else if (status > 100) this.dialog.report?.progressed()

    return response
  }

  #accepted(response: Response): void {
    this.#stop()
    this.dialog.isConfirmed = true
    this.dialog.report?.answered(response)
  }

  #refused(response: Response): void {
    this.#stop()
    this.dialog.remove()
    this.dialog.report?.stopped('call-rejected', 'application', response)
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

  /** Over before the application has answered, by a CANCEL, a BYE or a time-out: the application learns it from a CANCEL. */
  #ended(cancel: Request | undefined): void {
    this.#stop()
    this.context.pending.removeDelivered(this)
    this.dialog.remove()
    const message = cancel ?? cancelOf(this.#invite.request)
    const text = deliveredText(message)
    const meta = received(this.#invite.flow, text, this.context.core.clock.now())
    this.application.send(sipMessage(meta, this.id, this.#invite.dialog ? this.dialog.id : '', text))
    this.dialog.report?.stopped('call-canceled', cancel ? 'network' : 'application', message)
  }

  /** Somebody did not do what was due. */
  #giveUp(status: number): void {
    this.#invite.respond(status)
    this.#ended(undefined)
  }

  #stop(): void {
    this.#silence?.cancel()
    this.#reliable.stop()
  }
}

function isReliabilityOffered(request: Request): boolean {
  return [...request.list('Supported'), ...request.list('Require')].some((tag) => tag.toLowerCase() === '100rel')
}

function requires(options: ResponseOptions, tag: string): boolean {
  for (const [name, value] of options.headers ?? []) {
    if (
      name === 'Require' &&
      value
        .toLowerCase()
        .split(/[\s,]+/)
        .includes(tag)
    )
      return true
  }

  return false
}
