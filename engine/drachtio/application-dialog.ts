import { randomUUID } from 'node:crypto'
import {
  type Dialog,
  type DialogEnd,
  type DialogUser,
  type HeaderList,
  ownHostPort,
  type ServerInvite,
  type ServerRequest,
  type StackReason,
  tooShortSession,
} from '../dialog/index.ts'
import type { Flow } from '../flow/index.ts'
import { isChallenge, type Request, type Response } from '../message/index.ts'
import { InDialogRequest, type RequestDialog } from './application-request.ts'
import { ApplicationSession, type SessionOwner } from './application-session.ts'
import { applicationLost, type CallReport, cancelRace, endReasons } from './call-reports.ts'
import { DeliveredRefresh, DeliveredReinvite, DeliveredRequest, EarlyUpdate } from './delivered-request.ts'
import type { SipFrame } from './protocol/application-messages.ts'
import type { Application } from './protocol/application.ts'
import { byVia, errorTexts, nok, requestSent, sent, sipMessage, unsolicited } from './protocol/server-messages.ts'
import { deliveredText, headersToSend, type HeaderText, type RequestText, valueOf } from './protocol/sip-text.ts'
import type { RegisteredDialog, ServerContext } from './server-context.ts'

// RFC 3261 12.2.1.1: the dialog has these, whatever an application writes.
const headersOfDialog = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'])

/** The INVITE that made a dialog. */
export interface DialogInvite {
  /** The transaction id of the INVITE. */
  readonly id: string
  /** False when the PRACK acknowledges no pending reliable response. */
  prack?(prack: ServerRequest): boolean
}

/** A dialog of an application, from the first response with a To tag on. */
export class ApplicationDialog implements DialogUser, RegisteredDialog, RequestDialog, SessionOwner {
  readonly id: string
  readonly application: Application
  readonly context: ServerContext
  readonly session: ApplicationSession
  /** The flow of the request that made the dialog. */
  readonly flow: Flow
  /** Undefined for a subscription. */
  readonly report: CallReport | undefined
  /** The engine's dialog; of several early ones, the one that requests are sent in. */
  sipDialog: Dialog | undefined
  isConfirmed = false
  /** A 2xx has crossed the application's CANCEL: BYE follows the application's ACK. */
  endsWhenAcknowledged = false
  #hasReferred = false
  #invite: DialogInvite | undefined

  constructor(context: ServerContext, application: Application, id: string, flow: Flow, report?: CallReport) {
    this.context = context
    this.application = application
    this.id = id
    this.flow = flow
    this.report = report
    this.session = new ApplicationSession(this)
  }

  get isSubscription(): boolean {
    return !this.report
  }

  get hasReferred(): boolean {
    return this.#hasReferred
  }

  set madeBy(invite: DialogInvite) {
    this.#invite = invite
  }

  /** A subscription has begun. */
  subscribed(sipDialog: Dialog, flow: Flow | undefined): void {
    this.sipDialog = sipDialog
    this.isConfirmed = true
    sipDialog.user = this
    sipDialog.reusableFlow = flow
    this.context.dialogs.add(this)
  }

  /** Sends the application's request. The Request-URI is the remote target, whatever the application wrote. */
  send(frame: SipFrame, text: RequestText): void {
    const { sipDialog } = this
    const method = text.method.toUpperCase()
    const headers = headersToSend(text, headersOfDialog, ownHostPort(this.flow))
    const problem = this.#problemOf(method, headers)
    if (problem !== undefined || !sipDialog || !headers) {
      this.application.send(nok(frame.id, problem ?? errorTexts.unknownDialog))
    } else if (method === 'ACK') this.#sendAck(sipDialog, frame.id, headers, text.body)
    else {
      if (method === 'REFER') this.#hasReferred = true
      const outgoing = new InDialogRequest(this, method, text)
      const request = sipDialog.send(method, { headers, body: text.body }, outgoing)
      if (request && method === 'BYE') this.report?.stopped('normal-release', 'application', request.request)
      outgoing.announceInDialog(frame.id, request, sipDialog.remoteTarget)
    }
  }

  completed(method: string, text: RequestText, response: Response): void {
    const { status } = response
    if (method === 'BYE') this.#byeCompleted(status)
    else if (status < 300 && (method === 'INVITE' || method === 'UPDATE')) {
      this.session.noteLocalSdp(text.body)
      this.session.acceptedByPeer(method, response)
    } else if (
      method === 'NOTIFY' &&
      this.isSubscription &&
      isTerminated(valueOf(text.headers, 'Subscription-State'))
    ) {
      this.discard()
    }
  }

  /** Takes the dialog from the register: later requests in it are refused. */
  remove(): void {
    this.session.stop()
    this.context.dialogs.remove(this)
  }

  /** Ends the dialog without BYE. */
  discard(): void {
    this.sipDialog?.close()
    this.remove()
  }

  /** The application's connection is lost: a call gets BYE, a subscription ends silently. */
  abandon(): void {
    if (this.isSubscription) this.sipDialog?.close()
    else this.#sendBye(applicationLost)
    this.report?.stopped('system-error-initiated-termination', 'application')
    this.remove()
  }

  request(request: ServerRequest): void {
    const { method } = request.request
    if (!this.application.isAuthenticated) void request.respond(481)
    else if (method === 'PRACK') this.#receivePrack(request)
    else if (method === 'UPDATE') this.#receiveUpdate(request)
    else if (this.isConfirmed) this.#deliver(request)
    // Before the final response drachtio-server takes these for requests outside any dialog.
    else this.context.route(request)
  }

  invite(invite: ServerInvite): void {
    if (!this.application.isAuthenticated) invite.respond(481)
    else if (!this.#refuseShortSession(invite)) new DeliveredReinvite(this, invite).deliver()
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
    // RFC 3261 15.1.2: before the final response the INVITE gets 487, and the application has had a CANCEL.
    if (this.application.isAuthenticated && this.isConfirmed) this.#deliver(bye)
    else bye.respond(200)
  }

  /** A NOTIFY has come after the end of the dialog. */
  notified(notify: ServerRequest): void {
    if (this.application.isAuthenticated) this.#deliver(notify)
    else notify.respond(481)
  }

  ended(end: DialogEnd): void {
    if (end.by === 'peer') return
    this.report?.stopped(endReasons[end.reason].stop, 'application', end.bye?.request)
    this.#reportBye(end.bye)
    this.remove()
  }

  byeHeaders(reason: StackReason): HeaderList {
    return [['Reason', endReasons[reason].header]]
  }

  #problemOf(method: string, headers: HeaderText[] | undefined): string | undefined {
    if (!this.sipDialog) return errorTexts.unknownDialog
    if (this.sipDialog.remoteTarget === '') return errorTexts.noRouteInDialog(this.id)
    if (method === 'PRACK' && this.isConfirmed) return errorTexts.noInviteForPrack
    if (method === 'INVITE' && !this.isConfirmed) return errorTexts.unknownDialog

    return headers ? undefined : errorTexts.missingContentTypeInDialog
  }

  #sendAck(sipDialog: Dialog, frameId: string, headers: HeaderText[], body: string): void {
    const ack = sipDialog.ack({ headers, body })
    if (!ack) {
      this.application.send(nok(frameId, errorTexts.ackIsAutomaticInDialog))
      return
    }
    this.session.noteLocalSdp(body)
    const text = ack.toString()
    this.application.send(
      requestSent(frameId, sent(this.flow, text, this.context.core.clock.now()), randomUUID(), text),
    )
    if (this.endsWhenAcknowledged) this.#endAfterCancel()
  }

  #endAfterCancel(): void {
    const bye = this.#sendBye(cancelRace)
    this.#reportBye(bye)
    this.report?.stopped('system-initiated-termination', 'application', bye?.request)
    this.remove()
  }

  /** An application may repeat a challenged BYE with credentials; without that the dialog ends after timer F. */
  #byeCompleted(status: number): void {
    if (!isChallenge(status)) {
      this.remove()
      return
    }
    const { sipDialog } = this
    sipDialog?.reopen()
    const { clock, timers } = this.context.core
    clock.after(64 * timers.t1, () => {
      if (sipDialog && !sipDialog.ended) this.discard()
    })
  }

  #deliver(request: ServerRequest): void {
    new DeliveredRequest(this.context, this.application, request, this.id).deliver()
    if (!this.isSubscription || request.request.method !== 'NOTIFY') return
    if (isTerminated(request.request.header('Subscription-State'))) this.discard()
  }

  #receivePrack(prack: ServerRequest): void {
    // RFC 3262 3: a PRACK that matches no unacknowledged reliable response gets 481.
    if (!this.#invite?.prack?.(prack)) prack.respond(481)
  }

  /** The dialog has refused an UPDATE that overlaps another one (RFC 3311 5.2). */
  #receiveUpdate(request: ServerRequest): void {
    if (this.#refuseShortSession(request)) return
    if (this.isConfirmed) new DeliveredRefresh(this, request).deliver()
    else new EarlyUpdate(this, request, this.#invite?.id ?? randomUUID()).deliver()
  }

  /** RFC 4028 9: a session interval below Min-SE gets 422. */
  #refuseShortSession(request: ServerRequest): boolean {
    const headers = tooShortSession(request.request, this.context.core.minSession)
    if (headers === undefined) return false
    request.respond(422, { headers })

    return true
  }

  #sendBye(reason: string): ReturnType<Dialog['send']> {
    return this.sipDialog?.send('BYE', { headers: [['Reason', reason]] }, ignoreResponses)
  }

  /** Tells the application of a BYE that the engine has sent. */
  #reportBye(bye: { request: Request; flow: Flow } | undefined): void {
    if (!bye) return
    const text = bye.request.toString()
    this.application.send(unsolicited(sent(bye.flow, text, this.context.core.clock.now()), this.id, text))
  }
}

function isTerminated(subscriptionState: string | undefined): boolean {
  return /^\s*terminated/i.test(subscriptionState ?? '')
}

const ignoreResponses = { response: () => undefined, unanswered: () => undefined }
