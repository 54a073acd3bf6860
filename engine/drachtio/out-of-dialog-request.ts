import {
  ClientRequest,
  ownHostPort,
  ClientInvite,
  type Dialog,
  type HeaderList,
  type InviteUser,
} from '../dialog/index.ts'
import type { Flow } from '../flow/index.ts'
import { createResponse, hasControl, parseUri, type Request, type Response } from '../message/index.ts'
import { randomToken } from '../random.ts'
import { outOfDialogRequest } from '../user-agent/out-of-dialog.ts'
import { ApplicationRequest } from './application-request.ts'
import { resolveUri, routeUri, nextFlow } from './next-hop.ts'
import type { SipFrame } from './protocol/application-messages.ts'
import type { Application } from './protocol/application.ts'
import { errorTexts, nok } from './protocol/server-messages.ts'
import { bracketed, headersToSend, replaceLocalHost, type RequestText, valueOf } from './protocol/sip-text.ts'
import { type ServerContext, dialogIdOf } from './server-context.ts'
import { ApplicationSubscribe } from './subscriptions.ts'
import { ApplicationDialog, type DialogInvite } from './application-dialog.ts'

// These are options of `outOfDialogRequest`.
const headersOfOptions = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'])
// Requests that go to a registered endpoint over the connection that it registered on.
const methodsToEndpoints = new Set(['INVITE', 'OPTIONS', 'NOTIFY', 'MESSAGE'])

/** Sends an application's request outside any dialog. */
export function sendOutOfDialog(
  context: ServerContext,
  application: Application,
  frame: SipFrame,
  text: RequestText,
): void {
  const refuse = (problem: string): void => application.send(nok(frame.id, problem))
  const scheme = parseUri(text.uri)?.scheme
  const hop = frame.route === '' ? (context.outboundProxy ?? text.uri) : routeUri(frame.route)
  const isCallable = scheme === 'sip' || scheme === 'sips' || (scheme === 'tel' && hop !== text.uri)
  if (!isCallable || hasControl(text.uri)) {
    refuse(errorTexts.invalidRequestUri(text.startLine))
    return
  }
  if (context.isOwnUri(text.uri)) {
    refuse(errorTexts.toMyself)
    return
  }
  const connection =
    frame.route === '' && methodsToEndpoints.has(text.method) ? context.registrations.flowTo(text.uri) : undefined
  const target = resolveUri(hop)
  if (connection) sendOnFlow(context, application, frame, text, connection)
  else if (typeof target === 'string') sendOnFlow(context, application, frame, text, context.core.flowTo(target))
  else {
    target
      .then(
        (uri) => sendOnFlow(context, application, frame, text, context.core.flowTo(uri)),
        () => failResolution(context, application, frame, text),
      )
      .catch((error: unknown) => context.defect(error))
  }
}

function sendOnFlow(
  context: ServerContext,
  application: Application,
  frame: SipFrame,
  text: RequestText,
  flow: Flow | undefined,
): void {
  if (!flow) {
    application.send(nok(frame.id, errorTexts.noTransport))
    return
  }
  const request = requestOf(context, text, flow)
  if (typeof request === 'string') {
    application.send(nok(frame.id, request))
    return
  }
  if (text.method === 'INVITE') new ApplicationInvite(context, application, request, flow).send(frame.id)
  else if (text.method === 'SUBSCRIBE') new ApplicationSubscribe(context, application, request, flow).send(frame.id)
  else {
    const outgoing = new ApplicationRequest(context, application, '')
    const sent = new ClientRequest(context.core, flow, request, outgoing)
    sent.send()
    outgoing.announce(frame.id, sent)
  }
}

/** The name of the next hop has no address: the application gets 503. */
function failResolution(context: ServerContext, application: Application, frame: SipFrame, text: RequestText): void {
  const request = requestOf(context, text, undefined)
  if (typeof request === 'string') {
    application.send(nok(frame.id, request))
    return
  }
  const outgoing = new ApplicationRequest(context, application, '')
  const response = createResponse(request, 503, 'DNS Error', randomToken())
  outgoing.announceUnsent(frame.id, text.method, text.uri, response)
  outgoing.unanswered(response)
}

/** The request to send, or the error text for the application. */
function requestOf(context: ServerContext, text: RequestText, flow: Flow | undefined): Request | string {
  const from = valueOf(text.headers, 'From')
  const to = valueOf(text.headers, 'To')
  const cseq = parseInt(valueOf(text.headers, 'CSeq') ?? '', 10)
  const maxForwards = parseInt(valueOf(text.headers, 'Max-Forwards') ?? '', 10)
  const hostPort = flow && ownHostPort(flow)
  const headers = headersToSend(text, headersOfOptions, hostPort)
  if (!headers) return errorTexts.missingContentType
  const localTo = to !== undefined && hostPort !== undefined ? replaceLocalHost(to, hostPort) : to
  const options = {
    uri: text.uri,
    from,
    to: localTo === undefined ? undefined : bracketed(localTo),
    callId: valueOf(text.headers, 'Call-ID'),
    cseq: Number.isNaN(cseq) ? undefined : cseq,
    maxForwards: Number.isNaN(maxForwards) ? undefined : maxForwards,
    headers,
    body: text.body,
  }
  const request = outOfDialogRequest(context.core, text.method, options, flow)
  if (!request.from) return errorTexts.invalidFrom(from ?? '')

  return request.to ? request : errorTexts.invalidTo(to ?? '')
}

/** The INVITE of a new call from an application. */
class ApplicationInvite extends ApplicationRequest implements InviteUser, DialogInvite {
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
