import type { Response } from '../message/index.ts'
import { dialogOfRequest } from './dialog.ts'
import { type DialogUser, noDialogUser } from './dialog-user.ts'
import { contactOf } from './own-address.ts'
import { ServerInvite } from './server-invite.ts'

/** An INVITE outside any dialog: our first response with a tag makes one (RFC 3261 12.1.1). */
export class InitialInvite extends ServerInvite {
  #dialogUser: DialogUser = noDialogUser

  /** Who hears what comes in its dialog, from the early one on. */
  set dialogUser(user: DialogUser) {
    this.#dialogUser = user
    if (this.dialog) this.dialog.user = user
  }

  override timeout(): void {
    super.timeout()
    this.dialog?.close()
  }

  protected override beforeSending(response: Response): void {
    const { status } = response
    if (status > 100 && status < 300) this.#openDialog(response)
    super.beforeSending(response)
    if (status >= 300) this.dialog?.close()
  }

  #openDialog(response: Response): void {
    if (this.dialog) return
    const contact = response.header('Contact') ?? contactOf(this.transaction.flow)
    this.dialog = dialogOfRequest(this.core, this.request, this.localTag, contact)
    this.dialog.user = this.#dialogUser
    this.dialog.awaiting(this)
  }
}
