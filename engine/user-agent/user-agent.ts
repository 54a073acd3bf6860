import { CountingClock, TimerWheel } from '../clock/index.ts'
import {
  ClientInvite,
  ClientRequest,
  type Core,
  type Dialog,
  DialogTable,
  InitialInvite,
  type InviteUser,
  defaultHeaders,
  takeoverRefusal,
  type RequestUser,
  ServerInvite,
  ServerRequest,
} from '../dialog/index.ts'
import { shortestSession } from '../dialog/session-timer.ts'
import { DigestSession, RequestAuthorization } from '../digest/index.ts'
import { type Flow, formatEndpoint, type Target } from '../flow/index.ts'
import {
  type BadMessage,
  createResponse,
  headerNames,
  reasonPhrase,
  type Request,
  type Response,
} from '../message/index.ts'
import { NextHopSelector } from '../next-hop/index.ts'
import { RefusedInvites, shed } from '../overload/index.ts'
import { randomToken } from '../random.ts'
import {
  defaultTimers,
  InviteServerTransaction,
  type LayerUser,
  type ServerTransaction,
  TransactionLayer,
} from '../transaction/index.ts'
import {
  type Listener,
  speaksFor,
  type Tap,
  type TransportLayer,
  Transports,
  type TransportUser,
} from '../transport/index.ts'
import { RequestRateLimiter } from '../transport/sources.ts'
import {
  type EngineLog,
  methodsWith,
  type OutOfDialogOptions,
  type UserAgentOptions,
  type UserAgentUser,
} from './options.ts'
import { outOfDialogRequest } from './out-of-dialog.ts'
import { RequestInspection } from './request-inspection.ts'
import { UserAgentStats } from './stats.ts'

/** A SIP user agent (RFC 3261): listens, sends and takes requests, and keeps the dialogs that they make. */
export class UserAgent {
  readonly stats: UserAgentStats
  /** OPTIONS get 503 while it is set. */
  draining = false
  readonly #options: UserAgentOptions
  readonly #log: EngineLog | undefined
  readonly #clock: TimerWheel | CountingClock
  readonly #transports: TransportLayer
  readonly #layer: TransactionLayer
  readonly #dialogs = new DialogTable()
  readonly #gate: RequestInspection
  readonly #core: Core
  readonly #ways: NextHopSelector
  readonly #rates: RequestRateLimiter | undefined
  #user: UserAgentUser | undefined
  #isClosed = false

  constructor(options: UserAgentOptions) {
    this.#options = options
    this.#log = options.log
    this.#clock = options.clock
      ? new CountingClock(options.clock)
      : new TimerWheel((error) => {
          this.#defect(error)
        })
    const clock = this.#clock
    const timers = { ...defaultTimers, ...options.timers }
    const { capabilitiesBy = 'engine', extensions = [], methods = methodsWith(extensions) } = options
    const { minSession = shortestSession } = options
    this.#gate = new RequestInspection(methods, capabilitiesBy === 'engine' ? extensions : undefined, minSession)
    const transportUser = this.#transportUser()
    this.#transports =
      options.transports?.(transportUser) ??
      new Transports(transportUser, clock, { ...options.transport, sources: options.sources })
    this.stats = new UserAgentStats(this.#transports.stats)
    const { brake, sources } = options
    this.#rates = sources && new RequestRateLimiter(sources, clock)
    if (brake) {
      const refused = new RefusedInvites(clock, 64 * timers.t1)
      this.#transports.shedder = (data) => shed(data, brake, refused, (invite) => this.#layer.knowsInvite(invite))
    }
    const send = (message: Request | Response, flow: Flow): void => {
      flow.send(message)
    }
    const resend = (text: string, flow: Flow): void => {
      if (text.startsWith('SIP/')) this.stats.responsesRepeated += 1
      else this.stats.requestsRepeated += 1
      flow.send(text)
    }
    this.#layer = new TransactionLayer(clock, timers, { send, resend }, this.#layerUser())
    this.#ways = new NextHopSelector({
      transports: this.#transports,
      clock,
      dns: options.dns,
      aliases: options.aliases,
      udpMaximum: options.transport?.udpMaximum,
      onFailure: (name, error) => this.#log?.warn('a name could not be looked up', { name, error }),
    })
    this.#core = {
      clock,
      timers,
      layer: this.#layer,
      dialogs: this.#dialogs,
      supports: (extension) => capabilitiesBy === 'engine' && extensions.includes(extension),
      minSession,
      defaultHeaders: defaultHeaders(
        capabilitiesBy === 'engine' ? this.#gate.allow : '',
        extensions,
        options.product ?? '',
      ),
      reuse: options.reuse ?? { followsSource: () => false, keepsConnections: true },
      flowTo: (uri) => this.#ways.flowTo(uri),
      connectionFor: (request, flow) => this.#ways.connectionFor(request, flow),
      noteOutcome: (flow, outcome) => this.#ways.note(flow, outcome),
      send,
      resend,
    }
  }

  /** What dialogs, requests and responses are built on, for users that build their own. */
  get core(): Core {
    return this.#core
  }

  /** Where we listen, with real ports; filled by `start`. */
  get listeners(): readonly Listener[] {
    return this.#transports.listeners
  }

  /** Sees every message in and out, retransmissions included, before it is acted on. */
  set tap(tap: Tap | undefined) {
    this.#transports.tap = tap
  }

  /** Listens. Rejects, naming the listener, when an address cannot be had; nothing is left open then. */
  async start(user: UserAgentUser): Promise<void> {
    this.#user = user
    try {
      for (const listener of this.#options.listen) await this.#transports.listen(listener)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Reads the certificates and keys of every listener again. Rejects, naming the file, when one is not right; the old ones stay then. */
  async reload(): Promise<void> {
    await this.#transports.reload()
  }

  /**
   * Sends an INVITE, at once unless its next hop's name has to be looked up. Where there is no way to the next hop,
   * `user.unanswered` is called with a 503, before this returns if that is known by then.
   */
  invite(options: OutOfDialogOptions, user: InviteUser): ClientInvite {
    const invite = new ClientInvite(this.#coreFor(options), user, this.#options.afterCancel ?? 'end')
    this.#prepare('INVITE', options, invite, (request) => invite.send(request))

    return invite
  }

  /** A peer that may not be at every address may not have later requests of the dialog sent there either. */
  #coreFor({ reachable }: OutOfDialogOptions): Core {
    return reachable ? { ...this.#core, flowTo: (uri) => this.#ways.flowTo(uri, reachable) } : this.#core
  }

  /** Sends a request other than INVITE, ACK and CANCEL. As with `invite`, what cannot be sent is answered before this returns. */
  request(method: string, options: OutOfDialogOptions, user: RequestUser): void {
    this.#prepare(method, options, user, (request) => request.send())
  }

  /** Whether a request that came by a flow may be of this dialog, up or over; counted when it may not. */
  isOfPeer(dialog: Dialog, { remote }: Flow): boolean {
    return this.#isPeer(remote.address, (speaks) => dialog.isAt(speaks))
  }

  /** What is alive; all zero when nothing is left. */
  state(): {
    transactions: number
    clientTransactions: number
    serverTransactions: number
    dialogs: number
    timers: number
  } {
    const { clientSize, serverSize } = this.#layer

    return {
      transactions: clientSize + serverSize,
      clientTransactions: clientSize,
      serverTransactions: serverSize,
      dialogs: this.#dialogs.size,
      timers: this.#clock.size,
    }
  }

  /** Idempotent. Forgets every dialog and transaction, closes listeners and connections, cancels every timer. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#dialogs.close()
    this.#layer.close()
    await this.#transports.close()
    this.#clock.clear()
  }

  #prepare(
    method: string,
    options: OutOfDialogOptions,
    user: RequestUser,
    send: (request: ClientRequest) => void,
  ): void {
    const nextHop = options.nextHop ?? options.uri
    const { reachable } = options
    const sendTo = (found: readonly Target[]): void => {
      // The addresses that are looked at are those that are used: no name is resolved again on the way.
      const targets = reachable ? found.filter(({ address }) => reachable(address)) : found
      const ways = this.#isClosed ? [] : targets.map((target) => () => this.#transports.flowTo(target))
      let flow: Flow | undefined
      while (!flow && ways.length > 0) flow = ways.shift()?.()
      const request = outOfDialogRequest(this.#core, method, options, flow)
      if (!flow) {
        const reason = targets.length < found.length ? 'No Address That May Be Reached' : undefined
        user.unanswered(createResponse(request, 503, reason, randomToken()))
        return
      }
      let cseq = options.cseq ?? 1
      const { credentials } = options
      const authorization = credentials && new RequestAuthorization(new DigestSession(credentials), nextHop)
      send(new ClientRequest(this.#core, flow, request, user, authorization, () => (cseq += 1), ways))
    }
    const targets = this.#ways.targetsOf(nextHop)
    if (targets instanceof Promise) {
      targets.then(sendTo).catch((error: unknown) => {
        this.#defect(error)
      })
    } else sendTo(targets)
  }

  #transportUser(): TransportUser {
    return {
      onMessage: (message, flow) => {
        if (message.kind === 'response') this.#layer.receiveResponse(message, flow)
        else if (!message.via) this.stats.countBad('no Via to answer to')
        else if (this.#isOverRate(message, flow)) this.stats.requestsOverRate += 1
        else if (this.#isIgnored(message, flow)) this.stats.requestsIgnored += 1
        else this.#layer.receiveRequest(message, flow)
        if (message.passedOver.length > 0) this.stats.countPassedOver(message.passedOver)
      },
      onBad: (message, flow) => this.#bad(message, flow),
      onFlowFailed: (flow) => {
        const { transport, failure, remote } = flow
        if (failure !== undefined && (transport === 'tls' || transport === 'wss'))
          this.#log?.warn('a secure connection could not be made', { transport, to: formatEndpoint(remote), failure })
        this.#layer.flowFailed(flow)
      },
      onDefect: (error) => this.#defect(error),
    }
  }

  #isIgnored(request: Request, flow: Flow): boolean {
    const { method } = request
    if (!this.#user?.ignores || method === 'ACK' || method === 'CANCEL' || request.toTag !== undefined) return false

    return this.#user.ignores(request, flow)
  }

  /** Requests in our dialogs are not counted, and an ACK has no answer. */
  #isOverRate(request: Request, { remote }: Flow): boolean {
    const rates = this.#rates
    if (!rates || request.method === 'ACK' || (request.toTag !== undefined && this.#dialogs.of(request))) return false

    return rates.isExceeded(remote.address)
  }

  #layerUser(): LayerUser {
    const { sources } = this.#options

    return {
      ...(sources?.checksPeers && {
        isPeer: ({ remote }: Flow, sent: Flow) => this.#isPeer(remote.address, (speaks) => speaks(sent.remote.address)),
      }),
      request: (request, transaction) => this.#request(request, transaction),
      ack: (request, flow) => this.#ack(request, flow),
      repeated: () => {
        this.stats.requestsAbsorbed += 1
      },
      strayResponse: () => {
        this.stats.strayResponses += 1
      },
    }
  }

  #request(request: Request, transaction: ServerTransaction): void {
    try {
      this.#serve(request, transaction)
    } catch (error) {
      this.#defect(error)
      if (transaction.isPending) transaction.respond(createResponse(request, 500, undefined, randomToken()))
    }
  }

  #serve(request: Request, transaction: ServerTransaction): void {
    const { method } = request
    const refusal = this.#gate.refusalOf(request)
    if (refusal) {
      if (refusal.isMalformed) this.stats.countBad(refusal.reason ?? String(refusal.status))
      if (request.toTag === undefined) transaction.forgetsAfter = isRefusal
      new ServerRequest(this.#core, request, transaction).respond(refusal.status, refusal)
    } else if (method === 'CANCEL') this.#cancel(request, transaction)
    else this.#hand(request, transaction)
  }

  /** Hands a request to its dialog, or to the user when it is in none. */
  #hand(request: Request, transaction: ServerTransaction): void {
    const dialog = this.#dialogOf(request)
    if (dialog && this.isOfPeer(dialog, transaction.flow)) {
      dialog.receive(request, transaction)
      return
    }
    if (dialog) {
      transaction.forgetsAfter = isRefusal
      transaction.respond(createResponse(request, 403))
      return
    }
    transaction.forgetsAfter = this.#forgottenAnswers(transaction.flow)
    this.#serveWithoutDialog(request, transaction)
    // A response that comes later may have followed others, or is that of a call.
    transaction.forgetsAfter = undefined
  }

  /**
   * Which answers are sent once, and not again until an ACK: those that tell a stranger, who may have forged its address,
   * that it is refused, and challenges. The request is judged anew when it comes again (RFC 3261 8.2.7, 26.3.2.4).
   */
  #forgottenAnswers({ remote }: Flow): ((status: number) => boolean) | undefined {
    const { sources } = this.#options
    if (!sources) return undefined

    return sources.ownerOf(remote.address) === undefined ? isRefusal : isChallenge
  }

  /** Tags and branches can be overheard: what ends or changes a call is taken from its peer alone. */
  #isPeer(source: string, isAt: (speaks: (address: string) => boolean) => boolean): boolean {
    const { sources } = this.#options
    if (!sources?.checksPeers) return true
    const isPeer = isAt((address) => speaksFor(source, address, sources))
    if (!isPeer) this.stats.notFromPeer += 1

    return isPeer
  }

  #serveWithoutDialog(request: Request, transaction: ServerTransaction): void {
    if (request.toTag !== undefined) {
      if (this.#user?.stray) this.#user.stray(new ServerRequest(this.#core, request, transaction))
      else transaction.respond(createResponse(request, 481))
    } else if (transaction instanceof InviteServerTransaction) {
      this.#serveInvite(new InitialInvite(this.#core, request, transaction))
    } else {
      this.#serveOutsideDialog(new ServerRequest(this.#core, request, transaction), transaction)
    }
  }

  /** The dialog of a request. A request that an RFC 2543 peer sent without a To tag gets the tag of the dialog that it continues. */
  #dialogOf(request: Request): Dialog | undefined {
    if (request.toTag !== undefined) return this.#dialogs.of(request)
    if (this.#options.missingToTag === 'refused') return undefined
    const dialog = this.#dialogs.continuedBy(request)
    if (dialog) request.set('To', `${request.header(headerNames.to) ?? ''};tag=${dialog.localTag}`)

    return dialog
  }

  #serveInvite(invite: InitialInvite): void {
    const { capabilitiesBy = 'engine', extensions = [], brake } = this.#options
    const isOurs = capabilitiesBy === 'engine' && !extensions.includes('replaces')
    const refusal = isOurs && takeoverRefusal(invite.request, (named) => this.#dialogs.replaced(named))
    if (refusal) {
      invite.respond(refusal)
      return
    }
    brake?.took()
    this.#user?.invite(invite)
  }

  #ack(request: Request, flow: Flow): void {
    const dialog = this.#dialogOf(request)
    if (dialog && !this.isOfPeer(dialog, flow)) return
    if (dialog) dialog.receiveAck(request)
    else this.#user?.strayAck?.(request)
  }

  #serveOutsideDialog(request: ServerRequest, transaction: ServerTransaction): void {
    const { method } = request.request
    if (method === 'OPTIONS' && this.#options.optionsAnsweredBy !== 'user') {
      // RFC 3261 11.2 has nothing kept of them.
      transaction.forgetsAfter = isFinal
      request.respondToOptions(this.draining ? 503 : 200)
    } else if (method === 'BYE' || method === 'UPDATE' || method === 'PRACK') {
      // They live in dialogs alone (RFC 3261 15.1.2, RFC 3311, RFC 3262).
      request.respond(481)
    } else {
      this.#user?.request(request)
    }
  }

  /** RFC 3261 9.2. */
  #cancel(cancel: Request, transaction: ServerTransaction): void {
    const invite = this.#layer.inviteOf(cancel)
    const { remote } = transaction.flow
    if (invite && !this.#isPeer(remote.address, (speaks) => speaks(invite.flow.remote.address))) {
      transaction.forgetsAfter = isRefusal
      transaction.respond(createResponse(cancel, 403, undefined, randomToken()))
      return
    }
    const pending = invite?.user
    const tag = pending instanceof ServerInvite ? pending.localTag : randomToken()
    transaction.respond(createResponse(cancel, invite ? 200 : 481, undefined, tag))
    if (pending instanceof ServerInvite) pending.cancelled(cancel)
  }

  #bad(message: BadMessage, flow: Flow): void {
    this.stats.countBad(message.reason)
    // Without an answer its sender would repeat it until Timer F.
    if (!message.isAnswerable || this.#rates?.isExceeded(flow.remote.address)) return
    const reason = `${reasonPhrase(message.status)} (${message.reason})`
    flow.send(createResponse(message, message.status, reason, randomToken()))
  }

  #defect(error: unknown): void {
    this.stats.defects += 1
    this.#log?.error('an exception was caught in the SIP engine', { error })
  }
}

const isFinal = (status: number): boolean => status >= 200
const isRefusal = (status: number): boolean => status >= 300
const isChallenge = (status: number): boolean => status === 401 || status === 407
