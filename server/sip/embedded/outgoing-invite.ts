import {
  type ClientInvite,
  type Dialog as EngineDialog,
  type DialogUser,
  type InviteUser,
  remoteTargetIn,
  type Response,
} from '../../../engine/index.ts'
import type { InviteEvents, OutgoingInvite, SendOptions } from '../stack.ts'
import { EmbeddedDialog } from './embedded-dialog.ts'
import { EmbeddedDialogUser } from './embedded-dialog-user.ts'
import { earlyDialogUser } from './incoming-request.ts'
import type { LateNotifies } from './late-notifies.ts'
import { LocalResponse } from '../local-response.ts'
import { ReceivedResponse } from '../received.ts'
import { encodeAdditions } from '../text.ts'

export class EmbeddedOutgoingInvite implements OutgoingInvite, InviteUser {
  readonly callId: string
  readonly #events: InviteEvents
  readonly #late: LateNotifies
  #invite: ClientInvite | undefined
  #isCancelled = false

  constructor(callId: string, events: InviteEvents, late: LateNotifies) {
    this.callId = callId
    this.#events = events
    this.#late = late
  }

  /** The INVITE on its way. */
  set invite(invite: ClientInvite) {
    this.#invite = invite
  }

  cancel(options?: SendOptions): void {
    this.#isCancelled = true
    this.#invite?.cancel(encodeAdditions(options).headers)
  }

  noteUnresponsive(): boolean {
    return this.#invite?.noteUnresponsive() ?? false
  }

  /** Until it is accepted there is no dialog that the port's user knows of. */
  get dialog(): DialogUser {
    return earlyDialogUser
  }

  trying(): void {
    if (!this.#isCancelled) this.#events.trying?.()
  }

  provisional(response: Response): void {
    if (!this.#isCancelled) this.#events.progress(new ReceivedResponse(response, 'peer'))
  }

  accepted(response: Response, dialog: EngineDialog): void {
    const flow = this.#invite?.flow
    if (flow) dialog.user = new EmbeddedDialogUser(this.#events.dialog, flow)
    // There is nothing left to cancel, and who keeps this need not keep all that was sent.
    this.#invite = undefined
    const accepted = new EmbeddedDialog(dialog, this.#late)
    if (remoteTargetIn(response) !== undefined && response.toTag !== undefined) {
      this.#events.accepted(new ReceivedResponse(response, 'peer'), accepted)
      return
    }
    // RFC 3261 12.1.2, 8.1.1.8: without a To tag and a Contact with a SIP URI there is no dialog to talk in.
    accepted.ack()
    dialog.send('BYE', {}, noRequestUser)
    this.#events.failed(new LocalResponse(502, this.callId))
  }

  retried(response: Response): void {
    this.#events.retried?.(new ReceivedResponse(response, 'peer'))
  }

  refused(response: Response): void {
    this.#invite = undefined
    this.#events.failed(new ReceivedResponse(response, 'peer'))
  }

  unanswered(response: Response): void {
    this.#invite = undefined
    // Who gave up is told that it was given up, not that nobody came to say so.
    const failed = new ReceivedResponse(response, 'local', this.#isCancelled ? 487 : response.status)
    // The engine may say so before `invite` returns; the port promises that nothing comes so early.
    queueMicrotask(() => {
      this.#events.failed(failed)
    })
  }
}

const noRequestUser = { response: () => undefined, unanswered: () => undefined }
