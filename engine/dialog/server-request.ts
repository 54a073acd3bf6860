import { createResponse, isChallenge, isSuccess, statelessTag, type Request, type Response } from '../message/index.ts'
import type { Flow } from '../flow/index.ts'
import type { InviteServerTransaction, ServerTransaction, ServerUser } from '../transaction/index.ts'
import { randomToken } from '../random.ts'
import { addContact, addDefault, addSupported, addTo, contactOf, schemeOfDialog } from './default-headers.ts'
import { type Core, noop, type ResponseOptions } from './core.ts'
import { contactCarriers, targetRefreshers } from './dialog-state.ts'

/** The dialog of a request, as its responses change it. */
export interface AnsweringDialog {
  readonly localContact: string
  /** The request is refused because of its sender. */
  withdraw(request: Request): void
  /** The 2xx to a target refresh is about to be sent. */
  refreshed(request: Request, response: Response): void
  /** The INVITE has its final response, or cannot have one any more. */
  answered(invite: ServerInvite): void
  /** The 2xx to an INVITE is about to be sent; `repeat` sends it again. */
  accepted(cseq: number, repeat: () => void): void
}

/** A request that waits for our response: in a dialog, or outside one. */
export class ServerRequest<T extends ServerTransaction = ServerTransaction> implements ServerUser {
  readonly request: Request
  /** No response was sent in time. */
  onUnanswered: () => void = noop
  protected readonly core: Core
  protected readonly transaction: T
  /** The dialog that the request came in, or made. */
  protected dialog: AnsweringDialog | undefined
  #isAnswered = false
  #tag: string | undefined

  constructor(core: Core, request: Request, transaction: T, dialog?: AnsweringDialog) {
    this.core = core
    this.request = request
    this.transaction = transaction
    this.dialog = dialog
    transaction.user = this
  }

  /** The flow that the request came by. */
  get flow(): Flow {
    return this.transaction.flow
  }

  /** Whether the final response has been sent, or cannot be any more. */
  get isAnswered(): boolean {
    return this.#isAnswered
  }

  /** Our tag: that of the request's To in a dialog. */
  get localTag(): string {
    return (this.#tag ??= this.request.toTag ?? this.#newTag)
  }

  /** Sends a response and returns it as sent; undefined, and nothing sent, after a final one. */
  respond(status: number, options: ResponseOptions = {}): Response | undefined {
    if (this.#isAnswered) return undefined
    this.#tag ??= options.toTag
    const response = this.#make(status, options)
    if (status >= 200) this.#isAnswered = true
    if (isUnauthorized(status)) this.dialog?.withdraw(this.request)
    this.beforeSending?.(response)
    if (isSuccess(status) && targetRefreshers.has(this.request.method)) this.dialog?.refreshed(this.request, response)
    this.transaction.respond(response)

    return response
  }

  /** Answers an OPTIONS with our capabilities (RFC 3261 11.2). */
  respondToOptions(status: 200 | 503): void {
    const { allow, supported } = this.core.defaultHeaders
    const headers: [string, string][] = [['Accept', 'application/sdp']]
    for (const line of [allow, supported]) if (line) headers.push([line.name.name, line.value])
    this.respond(status, { headers })
  }

  /** Sends another server's response, as a proxy does (RFC 3261 16.7). */
  forward(response: Response): void {
    if (response.status >= 200) this.#isAnswered = true
    this.transaction.respond(response)
  }

  timeout(): void {
    this.#isAnswered = true
    this.onUnanswered()
  }

  transportError(): void {
    // The peer asks again over another connection, or gives up.
  }

  /** A subclass reads a response that is about to be sent. */
  protected beforeSending?(response: Response): void

  /** A request whose transaction is not kept gets the same tag when it comes again. */
  get #newTag(): string {
    return this.transaction.forgetsAfter ? statelessTag(this.request) : randomToken()
  }

  #make(status: number, options: ResponseOptions): Response {
    const { request, core } = this
    const response = createResponse(request, status, options.reason, status > 100 ? this.localTag : undefined)
    addTo(response, options)
    const isAccepted = isSuccess(status)
    const isInvite = request.method === 'INVITE'
    if ((isAccepted && contactCarriers.has(request.method)) || (isInvite && status > 100 && status < 200)) {
      addContact(response, this.dialog?.localContact ?? contactOf(this.transaction.flow, schemeOfDialog(request)))
    }
    if (status === 405 || (isAccepted && isInvite)) addDefault(response, core.defaultHeaders.allow)
    if (isAccepted && isInvite) addSupported(response, core.defaultHeaders.supported)
    addDefault(response, core.defaultHeaders.server)

    return response
  }
}

/** RFC 3261 22: the sender has not proved that it is the peer. */
function isUnauthorized(status: number): boolean {
  return status === 403 || isChallenge(status)
}

/** An INVITE that waits for our response: a re-INVITE, or an `InitialInvite`. */
export class ServerInvite extends ServerRequest<InviteServerTransaction> {
  /** The peer has sent CANCEL, or its dialog has ended; 487 is sent after this, unless this sends another final response. */
  onCancel: (cancel?: Request) => void = noop

  /** RFC 3261 9.2 */
  cancelled(cancel: Request): void {
    this.#end(cancel)
  }

  /** RFC 3261 15.1.2: a BYE ends what is pending. */
  dialogEnded(): void {
    this.#end()
  }

  /** A PRACK has come; false when it acknowledges none of our provisional responses. */
  acknowledged?(prack: ServerRequest): boolean

  override timeout(): void {
    super.timeout()
    this.dialog?.answered(this)
    this.onCancel()
  }

  protected override beforeSending(response: Response): void {
    const { status } = response
    if (status < 200) return
    this.dialog?.answered(this)
    if (status < 300) {
      this.dialog?.accepted(this.request.cseq?.number ?? 0, () => {
        this.transaction.respond(response)
      })
    }
  }

  #end(cancel?: Request): void {
    if (this.isAnswered) return
    // The user's own CANCELs go out first, and its final response, if it sends one, is the only one.
    try {
      this.onCancel(cancel)
    } finally {
      this.respond(487)
    }
  }
}
