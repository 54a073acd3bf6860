import type { Flow } from '../flow/index.ts'
import { isSuccess, createResponse, statelessTag, type Request, type Response } from '../message/index.ts'
import type { ServerTransaction, ServerUser, InviteServerTransaction } from '../transaction/index.ts'
import { randomToken } from '../random.ts'
import { addContact, addDefault, addSupported, addTo, contactOf, schemeOfDialog } from './default-headers.ts'
import { type Core, type ResponseOptions, noop } from './core.ts'
import type { Dialog } from './dialog.ts'
import { contactCarriers, targetRefreshers } from './dialog-state.ts'

/** A request that waits for our response: in a dialog, or outside one. */
export class ServerRequest<T extends ServerTransaction = ServerTransaction> implements ServerUser {
  readonly request: Request
  /** Nobody has answered in time. */
  onUnanswered: () => void = noop
  protected readonly core: Core
  protected readonly transaction: T
  #dialog: Dialog | undefined
  #isAnswered = false
  #tag: string | undefined

  constructor(core: Core, request: Request, transaction: T, dialog?: Dialog) {
    this.core = core
    this.request = request
    this.transaction = transaction
    this.#dialog = dialog
    transaction.user = this
  }

  /** The dialog that it came in, or made. */
  get dialog(): Dialog | undefined {
    return this.#dialog
  }

  protected set dialog(dialog: Dialog | undefined) {
    this.#dialog = dialog
  }

  /** The way that it came, and that responses go. */
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
    if (isUnauthorized(status)) this.#dialog?.withdraw(this.request)
    this.beforeSending?.(response)
    if (isSuccess(status) && targetRefreshers.has(this.request.method)) this.#refreshed(response)
    this.transaction.respond(response)

    return response
  }

  /** Answers an OPTIONS with what we can do (RFC 3261 11.2). */
  respondToOptions(status: 200 | 503): void {
    const { allow, supported } = this.core.defaultHeaders
    const headers: [string, string][] = [['Accept', 'application/sdp']]
    for (const line of [allow, supported]) if (line) headers.push([line.name.name, line.value])
    this.respond(status, { headers })
  }

  /** Sends a response that somebody else has made, as it is (RFC 3261 16.7). */
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

  /** What a kind of request does with a response that is about to be sent. */
  protected beforeSending?(response: Response): void

  /** Our 2xx keeps the session for as long as it says. */
  #refreshed(response: Response): void {
    const dialog = this.#dialog
    if (!dialog) return
    if (response.body) dialog.localDescription = response.body
    dialog.session?.answer(this.request, response)
  }

  /** What may be answered without a memory of it is answered in the same words when it comes again. */
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
      addContact(response, this.#dialog?.localContact ?? contactOf(this.transaction.flow, schemeOfDialog(request)))
    }
    if (status === 405 || (isAccepted && isInvite)) addDefault(response, core.defaultHeaders.allow)
    if (isAccepted && isInvite) addSupported(response, core.defaultHeaders.supported)
    addDefault(response, core.defaultHeaders.server)

    return response
  }
}

/** RFC 3261 22: whoever sent it has not shown that it may. */
function isUnauthorized(status: number): boolean {
  return status === 401 || status === 403 || status === 407
}

/** An INVITE that waits for our response; this one in a dialog. */
export class ServerInvite extends ServerRequest<InviteServerTransaction> {
  /** The peer has sent CANCEL, or the dialog has ended (without one). 487 is sent right after it, unless it refuses otherwise. */
  onCancel: (cancel?: Request) => void = noop

  /** A CANCEL has come (RFC 3261 9.2). */
  cancelled(cancel: Request): void {
    this.#end(cancel)
  }

  /** The dialog ended first (RFC 3261 15.1.2). */
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
    // What the user cancels in its turn goes out first; its own final response, if it sends one, is the only one.
    try {
      this.onCancel(cancel)
    } finally {
      this.respond(487)
    }
  }
}
