import type { Flow } from '../flow/index.ts'
import { ClientInvite, ClientRequest, type Dialog, type HeaderList, type InviteUser } from '../dialog/index.ts'
import type { Request, Response } from '../message/index.ts'
import type { Application } from './protocol/application.ts'
import type { ServerContext } from './server-context.ts'
import { ApplicationDialog, type CreatingInvite } from './application-dialog.ts'
import { dialogIdOf } from './application-dialogs.ts'
import { nextFlow } from './next-hop.ts'
import { ApplicationRequest } from './application-request.ts'
import { agreedByPeer } from '../dialog/session-timer.ts'

/** The INVITE of a new call, from an application. */
export class ApplicationInvite extends ApplicationRequest implements InviteUser, CreatingInvite {
  readonly #dialog: ApplicationDialog
  readonly #invite: ClientInvite
  readonly #request: ClientRequest
  /** The RSeq of the last reliable provisional response of each branch. */
  readonly #rseqs = new Map<string, number>()

  constructor(context: ServerContext, application: Application, request: Request, flow: Flow) {
    const id = dialogIdOf(request.callId, request.fromTag ?? '')
    super(context, application, id)
    this.#dialog = new ApplicationDialog(context, application, id, flow, context.reports.begin(request, 'uac'))
    this.#dialog.invitedBy = this
    this.#dialog.noteLocalSdp(request.body)
    this.#invite = new ClientInvite(context.core, this, 'accept')
    this.#request = new ClientRequest(context.core, flow, request, this.#invite, undefined, () => 0)
  }

  /** Who hears what comes in its dialogs. */
  get dialog(): ApplicationDialog {
    return this.#dialog
  }

  send(frameId: string): void {
    this.#invite.send(this.#request)
    this.announce(frameId, this.#request)
  }

  trying(response: Response): void {
    if (this.application.wantsTrying) this.response(response)
  }

  provisional(response: Response, sipDialog: Dialog | undefined): void {
    const rseq = response.has('RSeq') ? Number(response.header('RSeq')) : undefined
    const tag = response.toTag ?? ''
    // RFC 3262 4: sent again, or out of order.
    if (rseq !== undefined && rseq <= (this.#rseqs.get(tag) ?? 0)) return
    if (rseq !== undefined) this.#rseqs.set(tag, rseq)
    // The PRACK goes to whom the response came from.
    if (sipDialog && (rseq !== undefined || !this.#dialog.sipDialog)) this.#establish(sipDialog, response)
    this.#dialog.report?.progressed()
    this.response(response)
  }

  accepted(response: Response, sipDialog: Dialog): void {
    this.#establish(sipDialog, response)
    this.#dialog.isConfirmed = true
    this.#dialog.endsWhenAcknowledged = this.#request.isCancelled
    this.#dialog.keepAlive(agreedByPeer(response, this.context.core.minSession))
    this.#dialog.report?.answered(response)
    this.response(response)
    // Nobody is left to acknowledge it.
    if (!this.application.isAuthenticated) this.#dialog.abandon()
  }

  refused(response: Response): void {
    this.#fail(response)
    this.response(response)
  }

  override unanswered(response: Response): void {
    this.#fail(response)
    super.unanswered(response)
  }

  override abandon(): void {
    super.abandon()
    this.#invite.cancel()
  }

  protected override giveUp(headers: HeaderList): Request | undefined {
    const cancel = this.#invite.cancel(headers)
    if (cancel) this.#dialog.report?.stopped('call-canceled', 'application', cancel)

    return cancel
  }

  #establish(sipDialog: Dialog, response: Response): void {
    this.#dialog.sipDialog = sipDialog
    sipDialog.reusableFlow ??= nextFlow(this.context, this.#request.flow, response)
    this.context.dialogs.add(this.#dialog)
  }

  #fail(response: Response): void {
    this.#dialog.remove()
    this.#dialog.report?.stopped('call-rejected', 'network', response)
  }
}
