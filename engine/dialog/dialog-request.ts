import { isSuccess, type Response } from '../message/index.ts'
import { type ClientRequest, credentialsOf, type RequestUser } from './client-request.ts'
import type { Dialog } from './dialog.ts'
import { AckRepeater } from './ack-repeater.ts'
import { targetRefreshers } from './dialog-state.ts'

/** A request of ours in a dialog: what its responses mean to the dialog, before and after its user hears of them. */
export class DialogRequest implements RequestUser {
  readonly method: string
  /** On its way; undefined while it is not sent. */
  sent: ClientRequest | undefined
  readonly #dialog: Dialog
  readonly #user: RequestUser
  #isFinished = false

  constructor(dialog: Dialog, method: string, user: RequestUser) {
    this.#dialog = dialog
    this.method = method
    this.#user = user
  }

  response(response: Response): void {
    this.#dialog.heardAt = this.#dialog.core.clock.now()
    const { status } = response
    const isAccepted = isSuccess(status)
    if (isAccepted && this.method === 'INVITE') this.#accepted(response)
    else if (isAccepted && targetRefreshers.has(this.method)) {
      this.#dialog.refreshTarget(response)
      this.#dialog.session?.agreed(response)
    }
    if (this.#isFinished) {
      // A re-INVITE that ended with its dialog: nobody else acknowledges its 2xx.
      this.#dialog.ack()
      return
    }
    if (status >= 200) {
      this.#isFinished = true
      this.#dialog.finished(this)
    }
    this.#user.response(response)
    this.#dialog.endIfGone(this.method, status)
  }

  unanswered(response: Response): void {
    this.#isFinished = true
    this.#dialog.finished(this)
    this.#user.unanswered(response)
    this.#dialog.endIfGone(this.method, response.status)
  }

  #accepted(response: Response): void {
    if (!this.sent) return
    const { request } = this.sent
    const late = new AckRepeater(this.#dialog.core, this.#dialog.remoteTag, () => undefined)
    this.sent.replaceUser(late)
    this.#dialog.confirm(response, { cseq: request.cseq?.number ?? 0, credentials: credentialsOf(request), late })
  }
}
