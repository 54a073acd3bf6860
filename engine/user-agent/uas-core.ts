import {
  type Core,
  type DialogEntry,
  InitialInvite,
  ServerInvite,
  ServerRequest,
  takeoverRefusal,
  tooShortSession,
  understandsReplaces,
} from '../dialog/index.ts'
import type { Flow } from '../flow/index.ts'
import {
  type BadMessage,
  createResponse,
  headerNames,
  isChallenge,
  reasonPhrase,
  type Request,
  type Response,
  knownMethods,
  validate,
} from '../message/index.ts'
import { randomToken } from '../random.ts'
import { InviteServerTransaction, type LayerUser, type ServerTransaction } from '../transaction/index.ts'
import { RequestRateLimiter, speaksFor } from '../transport/index.ts'
import type { UserAgentOptions, UserAgentUser } from './options.ts'
import { StrayAnswers } from './stray-answers.ts'
import type { UserAgentStats } from './user-agent-stats.ts'

interface UasCoreParts {
  readonly options: UserAgentOptions
  readonly inspection: RequestInspection
  readonly stats: UserAgentStats
  /** Builds the transaction layer, and all that is made on it, above which this UAS core stands. */
  readonly makeCore: (user: LayerUser) => Core
}

/** The UAS core (RFC 3261 6, 8.2): gives each request to its dialog or to the user, or refuses it. */
export class UasCore implements LayerUser {
  readonly core: Core
  /** The user agent's user; set when the user agent starts. */
  user: UserAgentUser | undefined
  /** OPTIONS get 503 while this is set. */
  isDraining = false
  readonly #options: UserAgentOptions
  readonly #inspection: RequestInspection
  readonly #stats: UserAgentStats
  readonly #rates: RequestRateLimiter | undefined
  readonly #strayAnswers: StrayAnswers
  #lastRequest: Request | undefined
  #lastDialog: DialogEntry | undefined

  constructor({ options, inspection, stats, makeCore }: UasCoreParts) {
    this.#options = options
    this.#inspection = inspection
    this.#stats = stats
    this.core = makeCore(this)
    this.#strayAnswers = new StrayAnswers(this.core, (dialog, flow) => this.isOfPeer(dialog, flow))
    this.#rates = options.sources && new RequestRateLimiter(options.sources, this.core.clock)
  }

  accepts(request: Request, flow: Flow): boolean {
    if (!request.via) this.#stats.countBad('no Via to answer to')
    else if (this.#isOverRate(request, flow)) this.#stats.requestsOverRate += 1
    else if (this.#isIgnored(request, flow)) this.#stats.requestsIgnored += 1
    else return true

    return false
  }

  request(request: Request, transaction: ServerTransaction): void {
    try {
      this.#serve(request, transaction)
    } catch (error) {
      this.defect(error)
      if (transaction.isPending) transaction.respond(createResponse(request, 500, undefined, randomToken()))
    }
  }

  ack(request: Request, flow: Flow): void {
    const dialog = this.#dialogOf(request)
    if (dialog && !this.isOfPeer(dialog, flow)) return
    if (dialog) dialog.receiveAck(request)
    else this.user?.strayAck?.(request)
  }

  repeated(): void {
    this.#stats.requestsAbsorbed += 1
  }

  strayResponse(response: Response, flow: Flow): void {
    this.#stats.strayResponses += 1
    this.#strayAnswers.receive(response, flow)
  }

  isPeer({ remote }: Flow, sent: Flow): boolean {
    return this.#speaksFor(remote.address, sent.remote.address)
  }

  /** Whether a request that came by a flow may belong to this dialog, confirmed or ended; it is counted when it may not. */
  isOfPeer(dialog: Pick<DialogEntry, 'isAt'>, { remote }: Flow): boolean {
    const { sources } = this.#options
    if (!sources?.checksPeers) return true

    return this.#checked(dialog.isAt((address) => speaksFor(remote.address, address, sources)))
  }

  /** Answers a message that could not be parsed, where enough of it could be read. */
  receiveBad(message: BadMessage, flow: Flow): void {
    this.#stats.countBad(message.reason)
    // Without an answer the sender would repeat its request until Timer F.
    if (!message.isAnswerable || this.#rates?.isExceeded(flow.remote.address)) return
    const reason = `${reasonPhrase(message.status)} (${message.reason})`
    flow.send(createResponse(message, message.status, reason, randomToken()))
  }

  /** Counts and logs an exception of the engine or of its user. */
  defect(error: unknown): void {
    this.#stats.defects += 1
    this.#options.log?.error('an exception was caught in the SIP engine', { error })
  }

  /** Requests in dialogs of this user agent are not counted against the rate, and an ACK has no answer. */
  #isOverRate(request: Request, { remote }: Flow): boolean {
    const rates = this.#rates
    if (!rates || request.method === 'ACK') return false
    if (request.toTag !== undefined && this.#dialogWithTags(request)) return false

    return rates.isExceeded(remote.address)
  }

  #isIgnored(request: Request, flow: Flow): boolean {
    const { method } = request
    if (!this.user?.ignores || method === 'ACK' || method === 'CANCEL' || request.toTag !== undefined) return false

    return this.user.ignores(request, flow)
  }

  /** Tags and branches can be overheard: a call is ended or changed by its peer alone. */
  #speaksFor(source: string, peer: string): boolean {
    const { sources } = this.#options

    return !sources?.checksPeers || this.#checked(speaksFor(source, peer, sources))
  }

  #checked(isPeer: boolean): boolean {
    if (!isPeer) this.#stats.notFromPeer += 1

    return isPeer
  }

  #serve(request: Request, transaction: ServerTransaction): void {
    const refusal = this.#inspection.refusalOf(request)
    if (refusal) {
      if (refusal.isMalformed) this.#stats.countBad(refusal.reason ?? String(refusal.status))
      if (request.toTag === undefined) transaction.forgetsAfter = isRefusal
      new ServerRequest(this.core, request, transaction).respond(refusal.status, refusal)
    } else if (request.method === 'CANCEL') this.#cancel(request, transaction)
    else this.#dispatch(request, transaction)
  }

  #dispatch(request: Request, transaction: ServerTransaction): void {
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
    // A later response may follow a provisional one, or belong to a call: it is repeated until the peer has it.
    transaction.forgetsAfter = undefined
  }

  /**
   * The final responses that are sent once and not kept: refusals to unknown sources, whose address may be forged, and
   * challenges. A repeated request is judged anew (RFC 3261 8.2.7, 26.3.2.4).
   */
  #forgottenAnswers({ remote }: Flow): ((status: number) => boolean) | undefined {
    const { sources } = this.#options
    if (!sources) return undefined

    return sources.ownerOf(remote.address) === undefined ? isRefusal : isChallenge
  }

  /** The dialog of a request. A request that an RFC 2543 peer sent without a To tag gets the tag of the dialog that it continues. */
  #dialogOf(request: Request): DialogEntry | undefined {
    if (request.toTag !== undefined) return this.#dialogWithTags(request)
    if (this.#options.missingToTag === 'refused') return undefined
    const dialog = this.core.dialogs.continuedBy(request)
    if (dialog) request.set('To', `${request.header(headerNames.to) ?? ''};tag=${dialog.localTag}`)

    return dialog
  }

  /** Looked up once for each request, which comes here before and after its transaction is made. */
  #dialogWithTags(request: Request): DialogEntry | undefined {
    if (request !== this.#lastRequest) {
      this.#lastRequest = request
      this.#lastDialog = this.core.dialogs.of(request)
    }

    return this.#lastDialog
  }

  #serveWithoutDialog(request: Request, transaction: ServerTransaction): void {
    if (request.toTag !== undefined) {
      if (this.user?.stray) this.user.stray(new ServerRequest(this.core, request, transaction))
      else transaction.respond(createResponse(request, 481))
    } else if (transaction instanceof InviteServerTransaction) {
      this.#serveInvite(new InitialInvite(this.core, request, transaction))
    } else {
      this.#serveOutsideDialog(new ServerRequest(this.core, request, transaction), transaction)
    }
  }

  #serveInvite(invite: InitialInvite): void {
    const { capabilitiesBy = 'engine', extensions = [], brake } = this.#options
    const refusesTakeover = capabilitiesBy === 'engine' && !extensions.includes('replaces')
    const refusal = refusesTakeover && takeoverRefusal(invite.request, (named) => this.core.dialogs.replaced(named))
    if (refusal) {
      invite.respond(refusal)
      return
    }
    brake?.took()
    this.user?.invite(invite)
  }

  #serveOutsideDialog(request: ServerRequest, transaction: ServerTransaction): void {
    const { method } = request.request
    if (method === 'OPTIONS' && this.#options.optionsAnsweredBy !== 'user') {
      // RFC 3261 11.2: OPTIONS creates no state.
      transaction.forgetsAfter = isFinal
      request.respondToOptions(this.isDraining ? 503 : 200)
    } else if (method === 'BYE' || method === 'UPDATE' || method === 'PRACK') {
      // These methods exist in dialogs only (RFC 3261 15.1.2, RFC 3311, RFC 3262).
      request.respond(481)
    } else {
      this.user?.request(request)
    }
  }

  /** RFC 3261 9.2. */
  #cancel(cancel: Request, transaction: ServerTransaction): void {
    const invite = this.core.layer.inviteOf(cancel)
    if (invite && !this.#speaksFor(transaction.flow.remote.address, invite.flow.remote.address)) {
      transaction.forgetsAfter = isRefusal
      transaction.respond(createResponse(cancel, 403, undefined, randomToken()))
      return
    }
    const pending = invite?.user
    const tag = pending instanceof ServerInvite ? pending.localTag : randomToken()
    transaction.respond(createResponse(cancel, invite ? 200 : 481, undefined, tag))
    if (pending instanceof ServerInvite) pending.cancelled(cancel)
  }
}

const isFinal = (status: number): boolean => status >= 200
const isRefusal = (status: number): boolean => status >= 300

/** Why a request is not served. */
export interface InspectionRefusal {
  status: number
  reason?: string
  headers?: [name: string, value: string][]
  /** Whether the request is malformed, and not merely unsupported. */
  isMalformed: boolean
}

/** The inspection of method and headers that every request must pass (RFC 3261 8.2.1, 8.2.2). */
export class RequestInspection {
  readonly allow: string
  readonly #methods: ReadonlySet<string>
  readonly #known = new Set(knownMethods)
  readonly #extensions: ReadonlySet<string> | undefined
  readonly #minSession: number

  /** Without `extensions`, Require is not inspected. */
  constructor(methods: readonly string[], extensions: readonly string[] | undefined, minSession: number) {
    this.#minSession = minSession
    this.#methods = new Set(methods)
    this.#extensions = extensions && new Set(extensions)
    this.allow = methods.join(', ')
  }

  refusalOf(request: Request): InspectionRefusal | undefined {
    const refusal = validate(request)
    if (refusal) return { ...refusal, isMalformed: true }
    const { method } = request
    if (!this.#methods.has(method)) {
      return { status: this.#known.has(method) ? 405 : 501, headers: [['Allow', this.allow]], isMalformed: false }
    }
    const tooShort = this.#sessionTooShort(request)
    if (tooShort) return tooShort
    const extensions = this.#extensions
    // 8.2.2.3: a CANCEL is not refused for what it requires.
    if (!extensions || method === 'CANCEL' || !request.has(headerNames.require)) return undefined
    // RFC 3262 5: our reliable response would carry the offer, and an answer in the PRACK is not supported.
    const isLateOffer = method === 'INVITE' && !request.body
    const required = request.list(headerNames.require).map((tag) => tag.toLowerCase())
    const missing = required.filter(
      (tag) => (!extensions.has(tag) && !understandsReplaces(request, tag)) || (tag === '100rel' && isLateOffer),
    )
    if (missing.length === 0) return undefined

    return { status: 420, headers: [['Unsupported', missing.join(', ')]], isMalformed: false }
  }

  /** RFC 4028 6 */
  #sessionTooShort(request: Request): InspectionRefusal | undefined {
    const headers = this.#extensions?.has('timer') ? tooShortSession(request, this.#minSession) : undefined

    return headers && { status: 422, headers, isMalformed: false }
  }
}
