import { createResponse, type Request, type Response } from '../message/index.ts'
import { type DigestSession, RequestAuthorization } from '../digest/index.ts'
import { type Flow, isSecure } from '../flow/index.ts'
import { InviteServerTransaction, type ServerTransaction } from '../transaction/index.ts'
import { ClientRequest, newBranch } from './client-request.ts'
import { type Additions, type Core, noRequestUser, type RequestUser } from './core.ts'
import { addCapabilities, addContact, addDefault, addTo, viaOf } from './default-headers.ts'
import {
  confirmRouteSet,
  contactCarriers,
  type DialogState,
  isNextRemoteCSeq,
  nextLocalCSeq,
  refreshTarget,
  requestIn,
  routeOf,
  takeRemoteCSeq,
  targetRefreshers,
  withdrawRemoteCSeq,
} from './dialog-state.ts'
import { DialogRequest, type RequestingDialog } from './dialog-request.ts'
import type { DialogEntry } from './dialog-table.ts'
import { type DialogUser, noDialogUser, type StackReason } from './dialog-user.ts'
import { type AcceptedInvite, InviteSession, overlapRefusal } from './invite-session.ts'
import { type KeptDialog, keptDialog, type KeptFlow, stateOfKept } from './kept-dialog.ts'
import { flowToCaller, leadsTo } from './reusable-flow.ts'
import { type AnsweringDialog, ServerInvite, ServerRequest } from './server-request.ts'
import { type SessionDialog, SessionKeeper } from './session-timer.ts'

type Phase = 'early' | 'confirmed' | 'ending' | 'ended'

const noRequests: readonly DialogRequest[] = []

/** An INVITE dialog (RFC 3261 12), early or confirmed. */
export class Dialog implements AnsweringDialog, DialogEntry, RequestingDialog, SessionDialog {
  readonly state: DialogState
  readonly localContact: string
  /** The side whose INVITE made the dialog. */
  readonly initiatedBy: 'us' | 'peer'
  user: DialogUser = noDialogUser
  /** The flow that requests use while it is open, when the peer's Contact does not lead to it: behind a NAT, or by a connection. */
  reusableFlow: Flow | undefined
  /** When the last message of the peer came, by the core's clock. */
  heardAt: number
  /** Answers the peer's challenges to our requests, where there are credentials. */
  digest: DigestSession | undefined
  /** The session description that we sent last. */
  localDescription = ''
  readonly core: Core
  /** The flow of the INVITE: requests go there while no other flow leads to the peer. */
  readonly #origin: Flow | undefined
  readonly #session: InviteSession
  /** The session timer, where the engine keeps sessions alive (RFC 4028). */
  readonly #keeper: SessionKeeper | undefined
  #phase: Phase = 'early'
  /** Requests of ours other than BYE; there is hardly ever more than one. */
  #waiting: readonly DialogRequest[] = noRequests
  /** A REFER of ours has gone out: its subscription is a usage of the dialog in its own right (RFC 5057 4.1). */
  #hasSentRefer = false

  constructor(
    core: Core,
    state: DialogState,
    localContact: string,
    origin?: Flow,
    initiatedBy: Dialog['initiatedBy'] = state.remoteCSeqs.length === 0 ? 'us' : 'peer',
  ) {
    this.core = core
    this.state = state
    this.localContact = localContact
    this.initiatedBy = initiatedBy
    this.heardAt = core.clock.now()
    this.#origin = origin
    this.#session = new InviteSession(core, this)
    if (core.supports('timer')) this.#keeper = new SessionKeeper(this)
    core.dialogs.add(this)
  }

  /** A confirmed dialog that another process has kept. @param flowTo finds the flow to an address; undefined without a listener for it */
  static restored(core: Core, kept: KeptDialog, flowTo: (at: KeptFlow) => Flow | undefined): Dialog {
    const origin = kept.origin && flowTo(kept.origin)
    const dialog = new Dialog(core, stateOfKept(kept), kept.localContact, origin, kept.initiatedBy)
    dialog.#phase = 'confirmed'
    dialog.localDescription = kept.localDescription
    dialog.reusableFlow = kept.reusable && flowTo(kept.reusable)
    dialog.#hasSentRefer = kept.hasReferred === true
    dialog.#keeper?.restore(kept.session)

    return dialog
  }

  /** What the next process needs of this dialog. */
  keep(): KeptDialog {
    const session = this.#keeper?.kept

    return keptDialog(this, { origin: this.#origin, session, hasReferred: this.#hasSentRefer })
  }

  get callId(): string {
    return this.state.callId
  }

  get localTag(): string {
    return this.state.localTag
  }

  get remoteTag(): string {
    return this.state.remoteTag
  }

  get remoteTarget(): string {
    return this.state.remoteTarget
  }

  get isEarly(): boolean {
    return this.#phase === 'early'
  }

  get ended(): boolean {
    return this.#phase === 'ending' || this.#phase === 'ended'
  }

  /**
   * Sends a request other than ACK in the dialog and returns it on its way. Where that cannot be (the dialog has ended:
   * 481; INVITEs overlap: 491; no flow to the peer: 503) the user is told before this returns.
   */
  send(method: string, options: Additions, user: RequestUser): ClientRequest | undefined {
    const request = new DialogRequest(this, method, user)
    const { core, state } = this
    const flow = this.#flow()
    const status = this.#unsendable(method, flow)
    if (!flow || status !== undefined) {
      const ends = method === 'BYE' && !this.ended
      if (ends) this.close()
      const unsent = this.#request(method, state.localCSeq, options, flow)
      user.unanswered(createResponse(unsent, ends ? 481 : (status ?? 503)))
      return undefined
    }
    const message = this.#request(method, nextLocalCSeq(state), options, flow)
    const authorization = this.digest && new RequestAuthorization(this.digest, routeOf(state).nextHop)
    const sent = new ClientRequest(core, flow, message, request, { authorization, cseqs: state })
    request.sent = sent
    if (method === 'INVITE') this.#session.ours = request
    if (method === 'REFER') this.#hasSentRefer = true
    if (method === 'BYE') this.#leave(sent)
    else {
      this.#waiting = [...this.#waiting, request]
      sent.send()
    }

    return sent
  }

  /** Sends the ACK of the last 2xx to our INVITE and returns it; undefined when there is none. Once for each 2xx. */
  ack(options: Additions = {}): Request | undefined {
    const { accepted } = this.#session
    const flow = accepted && this.#flow()
    if (!flow) return undefined
    this.#session.accepted = undefined
    const ack = this.#request('ACK', accepted.cseq, { headers: accepted.credentials }, flow)
    addTo(ack, options)
    this.core.send(ack, flow)
    accepted.repeater.acknowledged(this.remoteTag, ack.toString(), flow)

    return ack
  }

  /** A new INVITE beside an early dialog is another attempt of the caller's. */
  isContinuedBy({ method, cseq }: Request): boolean {
    if (method === 'ACK') return true

    return (method === 'BYE' || !this.isEarly) && isNextRemoteCSeq(this.state, cseq?.number ?? 0)
  }

  isAt(isPeer: (address: string) => boolean): boolean {
    const isOf = (flow: Flow | undefined): boolean => flow !== undefined && isPeer(flow.remote.address)

    return isOf(this.#origin) || isOf(this.reusableFlow) || isOf(this.#flow())
  }

  receive(request: Request, transaction: ServerTransaction): void {
    this.heardAt = this.core.clock.now()
    if (this.#phase === 'ending') {
      // Our BYE is out: a BYE of the peer's has crossed it.
      transaction.respond(createResponse(request, request.method === 'BYE' ? 200 : 481))
      if (request.method === 'BYE') this.#session.abandonBye()
      return
    }
    // Some transferees number the NOTIFYs of a REFER by themselves, and not in the space of the dialog (RFC 3261 12.2.2).
    const isNumberedApart = this.#hasSentRefer && request.method === 'NOTIFY'
    if (!takeRemoteCSeq(this.state, request.cseq?.number ?? 0) && !isNumberedApart) {
      transaction.respond(createResponse(request, 500, 'CSeq Is Lower Than Before'))
      return
    }
    this.#follow(request, transaction.flow)
    if (request.method === 'BYE') this.#receiveBye(request, transaction)
    else if (transaction instanceof InviteServerTransaction) this.#receiveInvite(request, transaction)
    else if (request.method === 'PRACK' && this.core.supports('100rel')) this.#receivePrack(request, transaction)
    else if (request.method === 'UPDATE') this.#receiveUpdate(request, transaction)
    else this.user.request(new ServerRequest(this.core, request, transaction, this))
  }

  /** The request is refused because of its sender: the peer's own go on as if it had not come. */
  withdraw(request: Request): void {
    withdrawRemoteCSeq(this.state, request.cseq?.number ?? 0)
  }

  /** An ACK of a 2xx. A repeated one is not handed on. */
  receiveAck(ack: Request): void {
    if (!this.#session.acknowledge(ack.cseq?.number)) return
    this.user.ack?.(ack)
    this.#session.releaseBye()
  }

  /** A 2xx to our INVITE has made or kept this dialog; its ACK is due. */
  confirm(response: Response, invite: AcceptedInvite): void {
    if (this.isEarly) {
      this.#phase = 'confirmed'
      confirmRouteSet(this.state, response)
    }
    this.refresh(response)
    this.#session.accepted = invite
  }

  /** A 2xx to our target refresh. */
  refresh(response: Response): void {
    refreshTarget(this.state, response)
    this.#keeper?.agreed(response)
  }

  refreshed(request: Request, response: Response): void {
    if (response.body) this.localDescription = response.body
    this.#keeper?.answer(request, response)
  }

  accepted(cseq: number, repeat: () => void): void {
    if (this.isEarly) this.#phase = 'confirmed'
    this.#session.accept(cseq, repeat)
  }

  /** Our request has had its final response, or will never have one. */
  finished(request: DialogRequest): void {
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((waiting) => waiting !== request)
    if (this.#session.ours === request) this.#session.ours = undefined
    if (request.method === 'BYE') this.close()
  }

  /** The peer's INVITE waits for our final response. */
  awaiting(invite: ServerInvite): void {
    this.#session.theirs = invite
  }

  answered(invite: ServerInvite): void {
    if (this.#session.theirs === invite) this.#session.theirs = undefined
  }

  /** Sends BYE and tells the user. */
  endByStack(reason: StackReason): void {
    if (this.ended) return
    const bye = this.send('BYE', { headers: this.user.byeHeaders?.(reason) }, noRequestUser)
    this.user.ended({ by: 'stack', reason, bye })
  }

  /** Our BYE was challenged, and the user is to send it again with credentials (RFC 3261 22): until then the dialog lives. */
  reopen(): void {
    this.#phase = 'confirmed'
    this.core.dialogs.add(this)
  }

  close(): void {
    this.#phase = 'ended'
    this.core.dialogs.remove(this)
    this.#keeper?.stop()
    this.#session.stop()
    this.#abandonWaiting()
    this.#session.abandonBye()
  }

  /** An INVITE waits for its final response: in an early dialog, the one that made it (RFC 3261 14). */
  get #isInviting(): boolean {
    return this.isEarly || this.#session.ours !== undefined || this.#session.theirs !== undefined
  }

  /** An offer of ours in an UPDATE waits for its answer. */
  get #isUpdating(): boolean {
    return this.#waiting.some(({ method, sent }) => method === 'UPDATE' && sent?.request.body)
  }

  /** The status that a request gets instead of being sent. */
  #unsendable(method: string, flow: Flow | undefined): 481 | 491 | 503 | undefined {
    if (this.ended) return 481
    if (method === 'INVITE' && this.#isInviting) return 491

    return flow ? undefined : 503
  }

  /** The peer's request has come by this flow: a new connection, or another address or port of its NAT. */
  #follow(request: Request, flow: Flow): void {
    const { reusableFlow } = this
    if (reusableFlow?.reliable) {
      if (!reusableFlow.open && flow.reliable) this.reusableFlow = flow
    } else if (!flow.reliable) {
      const isRefresh = targetRefreshers.has(request.method) && this.state.routeSet.length === 0
      if (reusableFlow) this.reusableFlow = isRefresh && leadsTo(request, flow.remote) ? undefined : flow
      else if (isRefresh) this.reusableFlow = flowToCaller(request, flow, this.core.reuse)
    }
  }

  #flow(): Flow | undefined {
    if (this.reusableFlow?.open) return this.reusableFlow
    const flow = this.core.flowTo(routeOf(this.state).nextHop)
    // RFC 3261 26.2.2: when the connection of a secure dialog is gone, its requests fail rather than go in the clear.
    const isTooOpen = flow && this.state.isSecure && !isSecure(flow.transport)

    return flow && !isTooOpen ? flow : this.#origin
  }

  #request(method: string, cseq: number, additions: Additions, flow: Flow | undefined): Request {
    const request = requestIn(this.state, method, cseq, flow ? viaOf(flow, newBranch()) : '')
    const { defaultHeaders } = this.core
    const isRefresh = targetRefreshers.has(method)
    addTo(request, additions)
    if (method === 'INVITE') addCapabilities(request, defaultHeaders)
    if (isRefresh) this.#keeper?.offer(request)
    if (request.body && (isRefresh || method === 'ACK')) this.localDescription = request.body
    addDefault(request, defaultHeaders.userAgent)
    if (contactCarriers.has(method)) addContact(request, this.localContact)

    return request
  }

  #leave(bye: ClientRequest): void {
    // A 2xx of the peer's must be acknowledged before the BYE, or the peer repeats it until its timer ends.
    this.ack()
    this.#phase = 'ending'
    this.#keeper?.stop()
    this.#abandonWaiting()
    this.#session.theirs?.dialogEnded()
    this.#session.sendBye(bye)
  }

  #receiveBye(request: Request, transaction: ServerTransaction): void {
    const bye = new ServerRequest(this.core, request, transaction, this)
    // RFC 5057 4.1: the BYE ends the session and not what a REFER began, whose response may come after it.
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter(({ method }) => method !== 'REFER')
    this.close()
    // RFC 3261 15.1.2: the peer's pending INVITE gets 487.
    this.#session.theirs?.dialogEnded()
    if (this.user.bye) this.user.bye(bye)
    else bye.respond(200)
    this.user.ended({ by: 'peer', request })
  }

  #receiveInvite(request: Request, transaction: InviteServerTransaction): void {
    if (this.#session.theirs) refuse(transaction, request, 'peer')
    else if (this.#isInviting || this.#isUpdating) refuse(transaction, request, 'us')
    else {
      refreshTarget(this.state, request)
      const invite = new ServerInvite(this.core, request, transaction, this)
      this.awaiting(invite)
      this.user.invite(invite)
    }
  }

  /** RFC 3311 5.2: one UPDATE at a time, and one offer at a time. In early dialogs the INVITE's offer came first. */
  #receiveUpdate(request: Request, transaction: ServerTransaction): void {
    const session = this.#session
    const isOffer = request.body !== ''
    const meetsInvite = isOffer && !this.isEarly
    if (session.theirUpdate?.isAnswered === false || (meetsInvite && session.theirs)) {
      refuse(transaction, request, 'peer')
    } else if ((meetsInvite && this.#isInviting) || (isOffer && this.#isUpdating)) refuse(transaction, request, 'us')
    else {
      refreshTarget(this.state, request)
      session.theirUpdate = new ServerRequest(this.core, request, transaction, this)
      this.user.request(session.theirUpdate)
    }
  }

  /** RFC 3262 3: a PRACK that acknowledges no response gets 481. */
  #receivePrack(request: Request, transaction: ServerTransaction): void {
    const prack = new ServerRequest(this.core, request, transaction, this)
    if (!this.#session.theirs?.acknowledged?.(prack)) prack.respond(481)
  }

  #abandonWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = noRequests
    for (const request of waiting) {
      request.sent?.abandon(request.method === 'INVITE' ? 487 : 481)
    }
  }
}

function refuse(transaction: ServerTransaction, request: Request, pending: 'peer' | 'us'): void {
  const { status, headers } = overlapRefusal(pending)
  const response = createResponse(request, status)
  for (const [name, value] of headers) response.add(name, value)
  transaction.respond(response)
}
