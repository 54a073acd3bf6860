import type { Flow } from '../flow/index.ts'
import { createRequest, createResponse, headerNames, type Request, type Response } from '../message/index.ts'
import { type DigestSession, RequestAuthorization } from '../digest/index.ts'
import type { ServerTransaction } from '../transaction/index.ts'
import { InviteServerTransaction } from '../transaction/index.ts'
import { addCapabilities, addContact, addDefault, addTo, viaOf } from './default-headers.ts'
import { ClientRequest, newBranch, type RequestUser } from './client-request.ts'
import type { Additions, Core, HeaderList } from './core.ts'
import {
  dialogId,
  requestRoute,
  type RequestRoute,
  remoteTargetIn,
  RemoteCSeq,
  contactCarriers,
  targetRefreshers,
} from './dialog-state.ts'
import { type DialogUser, noDialogUser, type StackReason } from './dialog-user.ts'
import { DialogRequest } from './dialog-request.ts'
import type { AckRepeater } from './ack-repeater.ts'
import { flowToCaller, leadsTo } from './reusable-flow.ts'
import { SessionKeeper } from './session-timer.ts'
import { ServerInvite, ServerRequest } from './server-request.ts'
import { SuccessRetransmission } from './response-retransmission.ts'

/** What a dialog begins with (RFC 3261 12.1). */
export interface DialogParts {
  callId: string
  localTag: string
  remoteTag: string
  /** From of our requests, tag included. */
  local: string
  /** To of our requests, tag included. */
  remote: string
  localCSeq: number
  remoteCSeq: number | undefined
  remoteTarget: string
  routeSet: readonly string[]
  /** Our Contact. */
  contact: string
  /** The way that made it: the last resort, while nothing better leads to the peer. */
  flow?: Flow | undefined
}

/** What the ACK of a 2xx needs of our INVITE. */
export interface AcceptedInvite {
  cseq: number
  /** RFC 3261 13.2.2.4: the ACK carries the INVITE's. */
  credentials: HeaderList
  late: AckRepeater
}

type State = 'early' | 'confirmed' | 'ending' | 'ended'

/** An INVITE dialog (RFC 3261 12), early or confirmed. */
export class Dialog {
  readonly id: string
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly localContact: string
  /** Whose INVITE made it. */
  readonly initiatedBy: 'us' | 'peer'
  /** Who hears of what comes in. */
  user: DialogUser = noDialogUser
  /** Where requests go while it is open, when the peer's Contact does not lead to it: behind a NAT, or by a connection. */
  reusableFlow: Flow | undefined
  /** When the last message came in this dialog, by the core's clock. */
  heardAt: number
  /** Answers the peer's challenges to our requests, where there are credentials for it. */
  digest: DigestSession | undefined
  /** The session description that we sent last. */
  localDescription = ''
  /** Keeps the session alive, where the engine is asked to (RFC 4028). */
  readonly session: SessionKeeper | undefined
  readonly core: Core
  readonly #local: string
  readonly #remote: string
  readonly #origin: Flow | undefined
  #state: State = 'early'
  #localCSeq: number
  readonly #remoteCSeq: RemoteCSeq
  #remoteTarget: string
  #routeSet: readonly string[]
  #routing: RequestRoute | undefined
  /** Our INVITE that waits for its final response; the peer's that waits for ours. */
  #ourInvite: DialogRequest | undefined
  #theirInvite: ServerInvite | undefined
  #theirUpdate: ServerRequest | undefined
  #unacknowledgedSuccess: AcceptedInvite | undefined
  /** Requests of ours other than BYE; there is hardly ever more than one. */
  #waiting: DialogRequest[] = []
  #successes: SuccessRetransmission[] = []
  /** Our BYE, held until the ACK of our first 2xx (RFC 3261 15). */
  #heldBye: ClientRequest | undefined
  /** A REFER of ours has gone out: its subscription is a usage of the dialog in its own right (RFC 5057 4.1). */
  #hasSentRefer = false

  constructor(core: Core, parts: DialogParts) {
    this.core = core
    this.heardAt = core.clock.now()
    this.id = dialogId(parts.callId, parts.localTag, parts.remoteTag)
    this.callId = parts.callId
    this.localTag = parts.localTag
    this.remoteTag = parts.remoteTag
    this.localContact = parts.contact
    this.initiatedBy = parts.remoteCSeq === undefined ? 'us' : 'peer'
    this.#origin = parts.flow
    this.#local = parts.local
    this.#remote = parts.remote
    this.#localCSeq = parts.localCSeq
    this.#remoteCSeq = new RemoteCSeq(parts.remoteCSeq)
    this.#remoteTarget = parts.remoteTarget
    this.#routeSet = parts.routeSet
    if (core.supports('timer')) this.session = new SessionKeeper(this)
    core.dialogs.add(this)
  }

  /** The peer's Contact, as last refreshed. */
  get remoteTarget(): string {
    return this.#remoteTarget
  }

  get isEarly(): boolean {
    return this.#state === 'early'
  }

  get ended(): boolean {
    return this.#state === 'ending' || this.#state === 'ended'
  }

  /**
   * Sends a request other than ACK in the dialog and returns it on its way. Where that cannot be (the dialog has ended:
   * 481; INVITEs overlap: 491; no way to the peer: 503) the user is told before this returns.
   */
  send(method: string, options: Additions, user: RequestUser): ClientRequest | undefined {
    const request = new DialogRequest(this, method, user)
    const isOverlapping = method === 'INVITE' && this.#isInviting
    const flow = this.#flow()
    if (!flow || this.ended || isOverlapping) {
      if (method === 'BYE' && !this.ended) this.close()
      const unsent = this.#request(method, this.#localCSeq, options, flow)
      user.unanswered(createResponse(unsent, this.ended ? 481 : isOverlapping ? 491 : 503))
      return undefined
    }
    const message = this.#request(method, (this.#localCSeq += 1), options, flow)
    const authorization = this.digest && new RequestAuthorization(this.digest, this.#route().nextHop)
    const sent = new ClientRequest(this.core, flow, message, request, authorization, () => (this.#localCSeq += 1))
    request.sent = sent
    if (method === 'INVITE') this.#ourInvite = request
    if (method === 'REFER') this.#hasSentRefer = true
    if (method === 'BYE') this.#leave(sent)
    else {
      this.#waiting.push(request)
      sent.send()
    }

    return sent
  }

  /** Sends the ACK of the last 2xx to our INVITE and returns it; undefined when there is none. Once for each 2xx. */
  ack(options: Additions = {}): Request | undefined {
    const invite = this.#unacknowledgedSuccess
    const flow = invite && this.#flow()
    if (!flow) return undefined
    this.#unacknowledgedSuccess = undefined
    const ack = this.#request('ACK', invite.cseq, { headers: invite.credentials }, flow)
    addTo(ack, options)
    this.core.send(ack, flow)
    invite.late.acknowledged(this.remoteTag, ack.toString(), flow)

    return ack
  }

  /** Whether a request with this Call-ID and From tag, but without a To tag, is of this dialog and not a new one. */
  isContinuedBy({ method, cseq }: Request): boolean {
    if (method === 'ACK') return true

    // A new INVITE beside an early dialog is another attempt of the caller's.
    return (method === 'BYE' || !this.isEarly) && this.#remoteCSeq.isNext(cseq?.number ?? 0)
  }

  /** Whether one of the addresses that the peer's messages come from, or ours go to, is one that `isPeer` takes. */
  isAt(isPeer: (address: string) => boolean): boolean {
    const isOf = (flow: Flow | undefined): boolean => flow !== undefined && isPeer(flow.remote.address)

    return isOf(this.#origin) || isOf(this.reusableFlow) || isOf(this.#flow())
  }

  /** A request that came in this dialog, other than ACK and CANCEL (RFC 3261 12.2.2). */
  receive(request: Request, transaction: ServerTransaction): void {
    this.heardAt = this.core.clock.now()
    const cseq = request.cseq?.number ?? 0
    if (this.#state === 'ending') {
      // Our BYE is out: theirs has crossed it.
      transaction.respond(createResponse(request, request.method === 'BYE' ? 200 : 481))
      if (request.method === 'BYE') this.#heldBye?.abandon(481)
      return
    }
    // Some transferees number the NOTIFYs of a REFER by themselves, and not in the space of the dialog (RFC 3261 12.2.2).
    if (!this.#remoteCSeq.take(cseq) && !(this.#hasSentRefer && request.method === 'NOTIFY')) {
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

  /** A request that came in this dialog is refused because of who sent it: the peer's own go on as if it had not come. */
  withdraw(request: Request): void {
    this.#remoteCSeq.withdraw(request.cseq?.number ?? 0)
  }

  /** An ACK of a 2xx. Repeated ones are not handed on. */
  receiveAck(ack: Request): void {
    const cseq = ack.cseq?.number
    const at = this.#successes.findIndex((success) => success.cseq === cseq)
    if (at < 0) return
    this.#successes[at]?.stop()
    this.#successes.splice(at, 1)
    this.user.ack?.(ack)
    this.#releaseBye()
  }

  /** A 2xx to our INVITE has made or kept this dialog; its ACK is due. */
  confirm(response: Response, invite: AcceptedInvite): void {
    if (this.#state === 'early') {
      this.#state = 'confirmed'
      // 13.2.2.4: the route set is recomputed from the 2xx.
      this.#routeSet = response.list(headerNames.recordRoute).reverse()
    }
    this.refreshTarget(response)
    this.session?.agreed(response)
    this.#unacknowledgedSuccess = invite
  }

  /** Our 2xx to the peer's INVITE has been sent; `repeat` sends it again. */
  accepted(cseq: number, repeat: () => void): void {
    if (this.#state === 'early') this.#state = 'confirmed'
    const { clock, timers } = this.core
    const user = { unacknowledged: () => this.#unacknowledged(cseq) }
    this.#successes.push(new SuccessRetransmission(clock, timers, cseq, repeat, user))
  }

  refreshTarget(message: Request | Response): void {
    const uri = remoteTargetIn(message)
    if (uri === undefined) return
    this.#remoteTarget = uri
    this.#routing = undefined
  }

  /** The final response to a request of ours is there, or never will be. */
  finished(request: DialogRequest): void {
    const at = this.#waiting.indexOf(request)
    if (at >= 0) this.#waiting.splice(at, 1)
    if (this.#ourInvite === request) this.#ourInvite = undefined
    if (request.method === 'BYE') this.close()
  }

  /** What a final response says of the dialog itself. */
  endIfGone(method: string, status: number): void {
    // 12.2.1.2, as RFC 5057 5.1 narrows it: what refreshes the session speaks for the dialog, other methods for themselves.
    if (targetRefreshers.has(method) && (status === 481 || status === 408)) this.endByStack('refused')
  }

  /** The peer's INVITE waits for our final response. */
  awaiting(invite: ServerInvite): void {
    this.#theirInvite = invite
  }

  /** It has it. */
  answered(invite: ServerInvite): void {
    if (this.#theirInvite === invite) this.#theirInvite = undefined
  }

  /** Sends BYE and tells the owner. */
  endByStack(reason: StackReason): void {
    if (this.ended) return
    const bye = this.send('BYE', { headers: this.user.byeHeaders?.(reason) }, noRequestUser)
    this.user.ended({ by: 'stack', reason, bye })
  }

  /** Our BYE was challenged, and is to be sent again with an answer (RFC 3261 22): until then the dialog goes on. */
  reopen(): void {
    this.#state = 'confirmed'
    this.core.dialogs.add(this)
  }

  /** Forgets the dialog; the peer is told nothing. */
  close(): void {
    this.#state = 'ended'
    this.core.dialogs.remove(this)
    this.session?.stop()
    for (const success of this.#successes) success.stop()
    this.#successes = []
    this.#abandonWaiting()
    const bye = this.#heldBye
    this.#heldBye = undefined
    bye?.abandon(481)
  }

  /** An INVITE waits for its final response: in an early dialog, the one that made it (RFC 3261 14). */
  get #isInviting(): boolean {
    return this.isEarly || this.#ourInvite !== undefined || this.#theirInvite !== undefined
  }

  /** An offer of ours in an UPDATE waits for its answer. */
  get #isUpdating(): boolean {
    return this.#waiting.some(({ method, sent }) => method === 'UPDATE' && sent?.request.body)
  }

  /** The peer's request has come by this flow: a new connection, or another address or port of its NAT. */
  #follow(request: Request, flow: Flow): void {
    const { reusableFlow } = this
    if (reusableFlow?.reliable) {
      if (!reusableFlow.open && flow.reliable) this.reusableFlow = flow
    } else if (!flow.reliable) {
      const { core } = this
      const isRefresh = targetRefreshers.has(request.method) && this.#routeSet.length === 0
      if (reusableFlow) this.reusableFlow = isRefresh && leadsTo(request.contact?.uri, flow.remote) ? undefined : flow
      else if (isRefresh) this.reusableFlow = flowToCaller(request, flow, core.reuse)
    }
  }

  #flow(): Flow | undefined {
    return this.reusableFlow?.open ? this.reusableFlow : (this.core.flowTo(this.#route().nextHop) ?? this.#origin)
  }

  #route(): RequestRoute {
    return (this.#routing ??= requestRoute(this.#remoteTarget, this.#routeSet))
  }

  #request(method: string, cseq: number, additions: Additions, flow: Flow | undefined): Request {
    const { requestUri, routes } = this.#route()
    const request = createRequest({
      method,
      uri: requestUri,
      via: flow ? viaOf(flow, newBranch()) : '',
      from: this.#local,
      to: this.#remote,
      callId: this.callId,
      cseq,
      routes,
    })
    addTo(request, additions)
    if (method === 'INVITE') addCapabilities(request, this.core)
    if (targetRefreshers.has(method)) this.session?.offer(request)
    if (request.body && (targetRefreshers.has(method) || method === 'ACK')) this.localDescription = request.body
    addDefault(request, this.core.defaultHeaders.userAgent)
    if (contactCarriers.has(method)) addContact(request, this.localContact)

    return request
  }

  #leave(bye: ClientRequest): void {
    // What the peer has accepted must be acknowledged before it is ended, or it repeats its 2xx for ever.
    this.ack()
    this.#state = 'ending'
    this.session?.stop()
    this.#abandonWaiting()
    this.#theirInvite?.dialogEnded()
    if (this.#successes.length > 0) this.#heldBye = bye
    else bye.send()
  }

  #releaseBye(): void {
    const bye = this.#heldBye
    if (!bye || this.#successes.length > 0) return
    this.#heldBye = undefined
    bye.send()
  }

  #receiveBye(request: Request, transaction: ServerTransaction): void {
    const bye = new ServerRequest(this.core, request, transaction, this)
    // RFC 5057 4.1: the BYE ends the session and not what a REFER began, whose response may come after it.
    this.#waiting = this.#waiting.filter(({ method }) => method !== 'REFER')
    this.close()
    // 15.1.2: what the peer still asked for ends with 487.
    this.#theirInvite?.dialogEnded()
    if (this.user.bye) this.user.bye(bye)
    else bye.respond(200)
    this.user.ended({ by: 'peer', request })
  }

  #receiveInvite(request: Request, transaction: InviteServerTransaction): void {
    if (this.#theirInvite) transaction.respond(overlapRefusal(request))
    else if (this.#isInviting || this.#isUpdating) transaction.respond(createResponse(request, 491))
    else {
      this.refreshTarget(request)
      const invite = new ServerInvite(this.core, request, transaction, this)
      this.awaiting(invite)
      this.user.invite(invite)
    }
  }

  /** RFC 3311 5.2: one at a time, and one offer at a time. Early dialogs have none that waits: their INVITE's came first. */
  #receiveUpdate(request: Request, transaction: ServerTransaction): void {
    const isOffer = request.body !== '' && !this.isEarly
    if (this.#theirUpdate?.isAnswered === false || (isOffer && this.#theirInvite))
      transaction.respond(overlapRefusal(request))
    else if (isOffer && (this.#isInviting || this.#isUpdating)) transaction.respond(createResponse(request, 491))
    else {
      this.refreshTarget(request)
      this.#theirUpdate = new ServerRequest(this.core, request, transaction, this)
      this.user.request(this.#theirUpdate)
    }
  }

  #receivePrack(request: Request, transaction: ServerTransaction): void {
    const prack = new ServerRequest(this.core, request, transaction, this)
    // RFC 3262 3: one that acknowledges nothing gets 481.
    if (!this.#theirInvite?.acknowledged?.(prack)) prack.respond(481)
  }

  #unacknowledged(cseq: number): void {
    this.#successes = this.#successes.filter((success) => success.cseq !== cseq)
    this.#releaseBye()
    this.endByStack('ack_timeout')
  }

  #abandonWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const request of waiting) {
      request.sent?.abandon(request.method === 'INVITE' ? 487 : 481)
    }
  }
}

/** RFC 3261 14.2, RFC 3311 5.2: what it asks for has to wait for what it asked for before. */
function overlapRefusal(request: Request): Response {
  return createResponse(request, 500).add('Retry-After', String(Math.floor(Math.random() * 11)))
}

const noRequestUser: RequestUser = { response: () => undefined, unanswered: () => undefined }
