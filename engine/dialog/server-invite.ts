import type { Request, Response } from '../message/index.ts'
import type { InviteServerTransaction } from '../transaction/index.ts'
import { nobody } from './nobody.ts'
import { ServerRequest } from './server-request.ts'

/** An INVITE that waits for our response; this one in a dialog. */
export class ServerInvite extends ServerRequest<InviteServerTransaction> {
  /** The peer has sent CANCEL, or the dialog has ended (without one). 487 is sent right after it, unless it refuses otherwise. */
  onCancel: (cancel?: Request) => void = nobody

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
