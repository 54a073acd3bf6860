import { headerNames, type Request, type Response } from '../message/index.ts'
import type { InviteServerTransaction } from '../transaction/index.ts'
import type { Core, ResponseOptions } from './core.ts'
import { dialogOfRequest } from './dialog-making.ts'
import { type DialogUser, noDialogUser } from './dialog-user.ts'
import { contactOf, schemeOfDialog } from './default-headers.ts'
import { ReliableProvisional } from './response-retransmission.ts'
import { ServerInvite, type ServerRequest } from './server-request.ts'
import { flowToCaller } from './reusable-flow.ts'

/** An INVITE outside any dialog: our first response with a tag makes one (RFC 3261 12.1.1). */
export class InitialInvite extends ServerInvite {
  /** 64*T1 went by without the PRACK of a provisional response; 504 has been sent (RFC 3262 3). */
  onUnacknowledged: () => void = () => {
    this.onCancel()
  }
  #dialogUser: DialogUser = noDialogUser
  /** Where the peer requires it and the engine sees to it (RFC 3262 3). */
  readonly #reliable: ReliableProvisional | undefined

  constructor(core: Core, request: Request, transaction: InviteServerTransaction) {
    super(core, request, transaction)
    const isRequired =
      request.has(headerNames.require) &&
      core.supports('100rel') &&
      request.list(headerNames.require).some((tag) => tag.toLowerCase() === '100rel')
    if (isRequired) {
      this.#reliable = new ReliableProvisional(core.clock, core.timers, {
        unacknowledged: () => {
          this.respond(504)
          this.onUnacknowledged()
        },
      })
    }
  }

  /** Who hears what comes in its dialog, from the early one on. */
  set dialogUser(user: DialogUser) {
    this.#dialogUser = user
    if (this.dialog) this.dialog.user = user
  }

  /** Undefined, too, for what waits until the peer has acknowledged the provisional response before it. */
  override respond(status: number, options: ResponseOptions = {}): Response | undefined {
    const reliable = this.#reliable
    if (!reliable || status === 100) return super.respond(status, options)
    if (status >= 300) {
      reliable.stop()
      return super.respond(status, options)
    }
    let response: Response | undefined
    reliable.whenAcknowledged(() => {
      response = status < 200 ? this.#respondReliably(reliable, status, options) : super.respond(status, options)
    })

    return response
  }

  override acknowledged(prack: ServerRequest): boolean {
    const reliable = this.#reliable
    if (!reliable?.matches(prack.request.header('RAck') ?? '', this.request.cseq?.number)) return false
    // Our response has answered the offer of the INVITE: a body here is another offer, which nobody expects.
    prack.respond(prack.request.body ? 488 : 200)
    reliable.acknowledged()

    return true
  }

  override timeout(): void {
    super.timeout()
    this.#reliable?.stop()
    this.dialog?.close()
  }

  protected override beforeSending(response: Response): void {
    const { status } = response
    if (status > 100 && status < 300) this.#openDialog(response)
    super.beforeSending(response)
    if (status >= 300) this.dialog?.close()
  }

  #respondReliably(reliable: ReliableProvisional, status: number, options: ResponseOptions): Response | undefined {
    const headers: [string, string][] = [
      ['Require', '100rel'],
      ['RSeq', String(reliable.nextRSeq())],
    ]
    const response = super.respond(status, { ...options, headers: [...(options.headers ?? []), ...headers] })
    if (response) {
      reliable.sent(() => {
        this.transaction.respond(response)
      })
    }

    return response
  }

  #openDialog(response: Response): void {
    if (this.dialog) return
    const { flow } = this
    const contact = response.header(headerNames.contact) ?? contactOf(flow, schemeOfDialog(this.request))
    this.dialog = dialogOfRequest(this.core, this.request, this.localTag, contact, flow)
    this.dialog.user = this.#dialogUser
    this.dialog.reusableFlow = flowToCaller(this.request, flow, this.core.reuse)
    this.dialog.awaiting(this)
  }
}
