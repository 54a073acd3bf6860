import { ClientInvite, ClientRequest, type Dialog, type HeaderList, type InviteUser } from '../dialog/index.ts'
import type { Flow } from '../flow/index.ts'
import type { Request, Response } from '../message/index.ts'
import { ApplicationDialog, type DialogInvite } from './application-dialog.ts'
import { ApplicationRequest } from './application-request.ts'
import { nextFlow } from './next-hop.ts'
import type { Application } from './protocol/application.ts'
import { dialogIdOf, type ServerContext } from './server-context.ts'

/** The INVITE of a new call from an application. */
export class ApplicationInvite extends ApplicationRequest implements InviteUser, DialogInvite {
  readonly #dialog: ApplicationDialog
  readonly #invite: ClientInvite
  readonly #request: ClientRequest
  /** The RSeq of the last reliable provisional response, by the To tag of its early dialog. */
  readonly #rseqs = new Map<string, number>()

  constructor(context: ServerContext, application: Application, request: Request, flow: Flow) {
    const id = dialogIdOf(request.callId, request.fromTag ?? '')
    super(context, application, id)
    this.#dialog = new ApplicationDialog(context, application, id, flow, context.reports.begin(request, 'uac'))
    this.#dialog.madeBy = this
    this.#dialog.session.noteLocalSdp(request.body)
    this.#invite = new ClientInvite(context.core, this, 'accept')
    this.#request = new ClientRequest(context.core, flow, request, this.#invite)
  }

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
    // RFC 3262 4: a reliable response that is repeated or out of order is discarded.
    if (rseq !== undefined && rseq <= (this.#rseqs.get(tag) ?? 0)) return
    if (rseq !== undefined) this.#rseqs.set(tag, rseq)
    // The PRACK belongs in the early dialog of the reliable response.
    if (sipDialog && (rseq !== undefined || !this.#dialog.sipDialog)) this.#establish(sipDialog, response)
    this.#dialog.report?.progressed()
    this.response(response)
  }

  accepted(response: Response, sipDialog: Dialog): void {
    this.#establish(sipDialog, response)
    this.#dialog.isConfirmed = true
    this.#dialog.endsWhenAcknowledged = this.#request.isCancelled
    this.#dialog.session.acceptedByPeer('INVITE', response)
    this.#dialog.report?.answered(response)
    this.response(response)
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

  protected override sendCancel(headers: HeaderList): Request | undefined {
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
