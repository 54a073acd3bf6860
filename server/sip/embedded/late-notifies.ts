import {
  type Clock,
  type Dialog,
  dialogId,
  type DialogUser,
  type Flow,
  ReferredDialogs,
  type ServerRequest,
} from '../../../engine/index.ts'

/**
 * Takes the NOTIFYs of our REFERs that come after the BYE. RFC 5057 2: the subscription is a usage of the dialog in its own
 * right and outlives the session, so that its NOTIFYs go to the dialog's user instead of getting 481.
 */
export class LateNotifies {
  readonly #isOfPeer: (dialog: Dialog, flow: Flow) => boolean
  /** The owners of the dialogs that a REFER of ours has gone out in. */
  readonly #users = new WeakMap<Dialog, DialogUser>()
  readonly #ended: ReferredDialogs<{ dialog: Dialog; user: DialogUser }>

  /** @param isOfPeer whether a request that came by a flow may be the dialog's */
  constructor(clock: Clock, isOfPeer: (dialog: Dialog, flow: Flow) => boolean) {
    this.#ended = new ReferredDialogs(clock)
    this.#isOfPeer = isOfPeer
  }

  /** A REFER of ours goes out in this dialog. Idempotent. */
  expect(dialog: Dialog): void {
    if (this.#users.has(dialog)) return
    const { user } = dialog
    this.#users.set(dialog, user)
    dialog.user = {
      request: (request) => {
        user.request(request)
      },
      invite: (invite) => {
        user.invite(invite)
      },
      ack: (ack) => {
        user.ack?.(ack)
      },
      byeHeaders: (reason) => user.byeHeaders?.(reason) ?? [],
      ended: (end) => {
        this.dialogEnded(dialog)
        user.ended(end)
      },
    }
  }

  /** A BYE was sent or received in the dialog. */
  dialogEnded(dialog: Dialog): void {
    const user = this.#users.get(dialog)
    if (!user) return
    this.#users.delete(dialog)
    const { callId, localTag, remoteTag } = dialog
    this.#ended.add(dialogId(callId, localTag, remoteTag), { dialog, user })
  }

  /** A request with a To tag that no dialog has. */
  receive(request: ServerRequest): void {
    const { method, callId, toTag, fromTag } = request.request
    const late = method === 'NOTIFY' ? this.#ended.get(dialogId(callId, toTag ?? '', fromTag ?? '')) : undefined
    if (!late) request.respond(481)
    else if (this.#isOfPeer(late.dialog, request.flow)) late.user.request(request)
    else request.respond(403)
  }
}
