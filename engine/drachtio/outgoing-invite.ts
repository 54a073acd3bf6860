import { ClientInvite, ClientRequest, type Dialog, type HeaderList, type InviteUser } from '../dialog/index.ts'
import type { Request, Response } from '../message/index.ts'
import type { Flow } from '../transport/index.ts'
import type { Client } from './client.ts'
import type { Exchange } from './exchange.ts'
import { Leg, type LegInvite } from './leg.ts'
import { legId } from './legs.ts'
import { wayOn } from './nat.ts'
import { Outgoing } from './outgoing.ts'
import { agreedByPeer } from '../dialog/session-timer.ts'

/** The INVITE of a new call, from a client. */
export class OutgoingInvite extends Outgoing implements InviteUser, LegInvite {
  readonly #leg: Leg
  readonly #invite: ClientInvite
  readonly #request: ClientRequest
  /** The RSeq of the last reliable provisional response of each branch. */
  readonly #rseqs = new Map<string, number>()

  constructor(exchange: Exchange, client: Client, request: Request, flow: Flow) {
    const id = legId(request.callId, request.fromTag ?? '')
    super(exchange, client, id)
    this.#leg = new Leg(exchange, client, id, flow, exchange.reports.begin(request, 'uac'))
    this.#leg.invitedBy = this
    this.#leg.noteLocalSdp(request.body)
    this.#invite = new ClientInvite(exchange.core, this, 'accept')
    this.#request = new ClientRequest(exchange.core, flow, request, this.#invite, undefined, () => 0)
  }

  /** Who hears what comes in its dialogs. */
  get dialog(): Leg {
    return this.#leg
  }

  send(frameId: string): void {
    this.#invite.send(this.#request)
    this.announce(frameId, this.#request)
  }

  trying(response: Response): void {
    if (this.client.wantsTrying) this.response(response)
  }

  provisional(response: Response, dialog: Dialog | undefined): void {
    const rseq = response.has('RSeq') ? Number(response.header('RSeq')) : undefined
    const tag = response.toTag ?? ''
    // RFC 3262 4: sent again, or out of order.
    if (rseq !== undefined && rseq <= (this.#rseqs.get(tag) ?? 0)) return
    if (rseq !== undefined) this.#rseqs.set(tag, rseq)
    // The PRACK goes to whom the response came from.
    if (dialog && (rseq !== undefined || !this.#leg.dialog)) this.#establish(dialog, response)
    this.#leg.report?.progressed()
    this.response(response)
  }

  accepted(response: Response, dialog: Dialog): void {
    this.#establish(dialog, response)
    this.#leg.isConfirmed = true
    this.#leg.endsWhenAcknowledged = this.#request.isCancelled
    this.#leg.keepAlive(agreedByPeer(response, this.exchange.core.minSession))
    this.#leg.report?.answered(response)
    this.response(response)
    // Nobody is left to acknowledge it.
    if (!this.client.isAuthenticated) this.#leg.abandon()
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
    if (cancel) this.#leg.report?.stopped('call-canceled', 'application', cancel)

    return cancel
  }

  #establish(dialog: Dialog, response: Response): void {
    this.#leg.dialog = dialog
    dialog.way ??= wayOn(this.exchange, this.#request.flow, response)
    this.exchange.legs.add(this.#leg)
  }

  #fail(response: Response): void {
    this.#leg.remove()
    this.#leg.report?.stopped('call-rejected', 'network', response)
  }
}
