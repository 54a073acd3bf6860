import type { Flow } from '../flow/index.ts'
import { randomUUID } from 'node:crypto'
import type {
  Dialog,
  DialogEnd,
  DialogUser,
  HeaderList,
  ServerInvite,
  ServerRequest,
  StackReason,
} from '../dialog/index.ts'
import type { Request, Response } from '../message/index.ts'
import { type CallReport, clientLost, endReasons } from './call-reports.ts'
import type { Application } from './protocol/application.ts'
import { deliveredText } from './protocol/sip-text.ts'
import type { ServerContext } from './server-context.ts'
import { DeliveredRequest, DeliveredReinvite, DeliveredUpdate } from './delivered-request.ts'
import { byVia, sent, sipMessage, unsolicited } from './protocol/server-messages.ts'
import { refreshSession } from './session-refresh.ts'
import { parseSessionExpires, type SessionAgreement, SessionTimer } from '../dialog/session-timer.ts'
import { updateKey } from './pending-requests.ts'

/** The INVITE that made a dialog. */
export interface CreatingInvite {
  /** Its transaction id. */
  readonly id: string
  /** A PRACK has come; false when it is for nothing that waits for one. */
  prack?(prack: ServerRequest): boolean
}

/** One side of a call: a dialog as its application knows it, from the first response with a tag on. */
export class ApplicationDialog implements DialogUser {
  readonly id: string
  readonly application: Application
  /** How the request that made it came or went. */
  readonly flow: Flow
  /** Undefined for a subscription. */
  readonly report: CallReport | undefined
  readonly context: ServerContext
  /** The dialog; of several early ones, the one to speak in. */
  sipDialog: Dialog | undefined
  isConfirmed = false
  /** The application has sent REFER in it. */
  hasReferred = false
  /** Our CANCEL was crossed by a 2xx: once the application has acknowledged that, we end it. */
  endsWhenAcknowledged = false
  /** Our session description, as sent last. */
  localSdp = ''
  readonly #timer: SessionTimer
  #agreed: SessionAgreement | undefined
  #invite: CreatingInvite | undefined
  #update: DeliveredUpdate | undefined

  constructor(context: ServerContext, application: Application, id: string, flow: Flow, report?: CallReport) {
    this.context = context
    this.application = application
    this.id = id
    this.flow = flow
    this.report = report
    this.#timer = new SessionTimer(context.core.clock, {
      refresh: () => refreshSession(this),
      expired: () => this.sipDialog?.endByStack('session_expired'),
    })
  }

  get isSubscription(): boolean {
    return !this.report
  }

  /** The INVITE that this is the dialog of. */
  set invitedBy(invite: CreatingInvite) {
    this.#invite = invite
  }

  get agreed(): SessionAgreement | undefined {
    return this.#agreed
  }

  /** A subscription begins: the dialog is known from now on. */
  subscribed(dialog: Dialog, way: Flow | undefined): void {
    this.sipDialog = dialog
    this.isConfirmed = true
    dialog.user = this
    dialog.reusableFlow = way
    this.context.dialogs.add(this)
  }

  /** Arms the session timer, or disarms it. */
  keepAlive(agreed: SessionAgreement | undefined): void {
    this.#agreed = agreed
    this.#timer.start(agreed)
  }

  /** The session is refreshed again before its interval ends. */
  refreshRefused(refusal: Response): void {
    this.#timer.retry(refusal)
  }

  noteLocalSdp(body: string): void {
    if (body.startsWith('v=0')) this.localSdp = body
  }

  /** Forgets it: requests in it are refused from now on. */
  remove(): void {
    this.#timer.stop()
    this.context.dialogs.remove(this)
  }

  /** Forgets the dialog as well: nothing can be sent in it any more. */
  drop(): void {
    this.sipDialog?.close()
    this.remove()
  }

  /** Sends BYE for a reason of the engine's own, and tells the application. */
  end(reason: string): void {
    const bye = this.sipDialog?.send('BYE', { headers: [['Reason', reason]] }, nobody)
    this.#tell(bye)
    this.report?.stopped('system-initiated-termination', 'application', bye?.request)
    this.remove()
  }

  /** The application is gone: nobody speaks for the call any more. */
  abandon(): void {
    if (this.isSubscription) this.sipDialog?.close()
    else this.sipDialog?.send('BYE', { headers: [['Reason', clientLost]] }, nobody)
    this.report?.stopped('system-error-initiated-termination', 'application')
    this.remove()
  }

  request(request: ServerRequest): void {
    const { method } = request.request
    if (!this.application.isAuthenticated) void request.respond(481)
    else if (method === 'PRACK') this.#prack(request)
    else if (method === 'UPDATE') this.#receiveUpdate(request)
    else if (this.isConfirmed) this.#deliver(request)
    // Before the call is answered, drachtio-server takes these for requests outside any dialog.
    else this.context.route(request)
  }

  invite(invite: ServerInvite): void {
    if (!this.application.isAuthenticated) invite.respond(481)
    else if (!this.#isTooShort(invite)) new DeliveredReinvite(this, invite).deliver()
  }

  ack(ack: Request): void {
    const text = deliveredText(ack)
    const meta = byVia(ack, text, this.context.core.clock.now())
    this.application.send(sipMessage(meta, this.#invite?.id ?? randomUUID(), this.id, text))
    this.#invite = undefined
  }

  bye(bye: ServerRequest): void {
    this.report?.stopped('normal-release', 'network', bye.request)
    this.remove()
    // RFC 3261 15.1.2: before the answer the INVITE is over as well (487), and the application has learned that from a CANCEL.
    if (this.application.isAuthenticated && this.isConfirmed) this.#deliver(bye)
    else bye.respond(200)
  }

  /** A NOTIFY after the end. */
  notified(notify: ServerRequest): void {
    if (this.application.isAuthenticated) this.#deliver(notify)
    else notify.respond(481)
  }

  ended(end: DialogEnd): void {
    if (end.by === 'peer') return
    this.report?.stopped(endReasons[end.reason].stop, 'application', end.bye?.request)
    this.#tell(end.bye)
    this.remove()
  }

  byeHeaders(reason: StackReason): HeaderList {
    return [['Reason', endReasons[reason].header]]
  }

  #deliver(request: ServerRequest): void {
    new DeliveredRequest(this.context, this.application, request, this.id).deliver()
    const { method } = request.request
    const state = request.request.header('Subscription-State') ?? ''
    // In a call, the end of a REFER's subscription is not the end of the dialog.
    if (method === 'NOTIFY' && this.isSubscription && /^terminated/i.test(state)) this.drop()
  }

  #prack(prack: ServerRequest): void {
    // RFC 3262 3: a PRACK for nothing.
    if (!this.#invite?.prack?.(prack)) prack.respond(481)
  }

  #receiveUpdate(request: ServerRequest): void {
    if (this.#isTooShort(request)) return
    if (this.isConfirmed) new DeliveredUpdate(this, request).deliver()
    // RFC 3311 5.2: one at a time.
    else if (this.#update && !this.#update.request.isAnswered) {
      request.respond(500, { headers: [['Retry-After', '5']] })
    } else {
      // The application knows it by the id of the INVITE.
      const id = this.#invite?.id ?? randomUUID()
      this.#update = new DeliveredUpdate(this, request, id, updateKey(id))
      this.#update.deliver()
    }
  }

  /** RFC 4028 6: a session that would have to be refreshed too often is refused. */
  #isTooShort(request: ServerRequest): boolean {
    const asked = parseSessionExpires(request.request.header('Session-Expires'))
    const { minSession } = this.context.core
    if (!asked || asked.expires >= minSession) return false
    request.respond(422, { headers: [['Min-SE', String(minSession)]] })

    return true
  }

  #tell(bye: { request: Request; flow: Parameters<typeof sent>[0] } | undefined): void {
    if (!bye) return
    const text = bye.request.toString()
    this.application.send(unsolicited(sent(bye.flow, text, this.context.core.clock.now()), this.id, text))
  }
}

const nobody = { response: () => undefined, unanswered: () => undefined }
