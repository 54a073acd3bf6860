import { createResponse, statelessTag, type Request, type Response } from '../message/index.ts'
import type { Flow } from '../transport/flow.ts'
import type { ServerTransaction, ServerUser } from '../transaction/index.ts'
import { randomToken } from '../random.ts'
import { addContact, addDefault, addSupported, addTo } from './additions.ts'
import type { Core, ResponseOptions } from './core.ts'
import type { Dialog } from './dialog.ts'
import { nobody } from './nobody.ts'
import { contactOf, schemeOfDialog } from './own-address.ts'
import { contactCarriers, targetRefreshers } from './method-traits.ts'

/** A request that waits for our response: in a dialog, or outside one. */
export class ServerRequest<T extends ServerTransaction = ServerTransaction> implements ServerUser {
  readonly request: Request
  /** Nobody has answered in time. */
  onUnanswered: () => void = nobody
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
    if (isOfStranger(status)) this.#dialog?.disown(this.request)
    this.beforeSending?.(response)
    if (status >= 200 && status < 300 && targetRefreshers.has(this.request.method)) this.#refreshed(response)
    this.transaction.respond(response)

    return response
  }

  /** Answers an OPTIONS with what we can do (RFC 3261 11.2). */
  respondToOptions(status: 200 | 503): void {
    const { allow, supported } = this.core.own
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
    const isSuccess = status >= 200 && status < 300
    const isInvite = request.method === 'INVITE'
    if ((isSuccess && contactCarriers.has(request.method)) || (isInvite && status > 100 && status < 200)) {
      addContact(response, this.#dialog?.contact ?? contactOf(this.transaction.flow, schemeOfDialog(request)))
    }
    if (status === 405 || (isSuccess && isInvite)) addDefault(response, core.own.allow)
    if (isSuccess && isInvite) addSupported(response, core.own.supported)
    addDefault(response, core.own.server)

    return response
  }
}

/** RFC 3261 22: whoever sent it has not shown that it may. */
function isOfStranger(status: number): boolean {
  return status === 401 || status === 403 || status === 407
}
