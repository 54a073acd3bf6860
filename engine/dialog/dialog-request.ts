import { isSuccess, type Response } from '../message/index.ts'
import { type ClientRequest, credentialsOf } from './client-request.ts'
import { type Core, noop, type RequestUser } from './core.ts'
import { endsDialog, targetRefreshers } from './dialog-state.ts'
import { type AcceptedInvite, AckRepeater } from './invite-session.ts'

/** The dialog of a request of ours. */
export interface RequestingDialog {
  readonly core: Core
  readonly remoteTag: string
  /** When the last message of the peer came, by the core's clock. */
  heardAt: number
  /** A 2xx to our INVITE has come; its ACK is due. */
  confirm(response: Response, invite: AcceptedInvite): void
  /** A 2xx to our target refresh has come. */
  refresh(response: Response): void
  ack(): unknown
  /** The request has had its final response, or will never have one. */
  finished(request: DialogRequest): void
  endByStack(reason: 'refused'): void
}

/** A request of ours in a dialog: its responses go to the dialog first, then to the user. */
export class DialogRequest implements RequestUser {
  readonly method: string
  /** On its way; undefined while it is not sent. */
  sent: ClientRequest | undefined
  readonly #dialog: RequestingDialog
  readonly #user: RequestUser
  #isFinished = false

  constructor(dialog: RequestingDialog, method: string, user: RequestUser) {
    this.#dialog = dialog
    this.method = method
    this.#user = user
  }

  response(response: Response): void {
    this.#dialog.heardAt = this.#dialog.core.clock.now()
    const { status } = response
    if (isSuccess(status) && targetRefreshers.has(this.method)) this.#refreshed(response)
    if (this.#isFinished) {
      // A re-INVITE that ended with its dialog: no user acknowledges its 2xx.
      this.#dialog.ack()
      return
    }
    if (status >= 200) this.#finish()
    this.#user.response(response)
    this.#endIfGone(status)
  }

  unanswered(response: Response): void {
    this.#finish()
    this.#user.unanswered(response)
    this.#endIfGone(response.status)
  }

  #refreshed(response: Response): void {
    if (this.method === 'INVITE') this.#accepted(response)
    else this.#dialog.refresh(response)
  }

  #accepted(response: Response): void {
    if (!this.sent) return
    const { request } = this.sent
    const repeater = new AckRepeater(this.#dialog.core, this.#dialog.remoteTag, noop)
    this.sent.replaceUser(repeater)
    this.#dialog.confirm(response, { cseq: request.cseq?.number ?? 0, credentials: credentialsOf(request), repeater })
  }

  #finish(): void {
    this.#isFinished = true
    this.#dialog.finished(this)
  }

  #endIfGone(status: number): void {
    if (endsDialog(this.method, status)) this.#dialog.endByStack('refused')
  }
}
