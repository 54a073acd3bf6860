import {
  type Clock,
  type Dialog,
  dialogId,
  type DialogUser,
  type Flow,
  lateNotifyGraceMs,
  type ServerRequest,
} from '../../../engine/index.ts'

/**
 * Takes the NOTIFYs of our REFERs that come after the BYE. RFC 5057 2: the subscription is a usage of the dialog in its own
 * right and outlives the session, so that its NOTIFYs go to the dialog's user instead of getting 481.
 */
export class LateNotifies {
  readonly #clock: Clock
  readonly #isOfPeer: (dialog: Dialog, flow: Flow) => boolean
  /** By the dialog's identifier. */
  readonly #users = new Map<string, { dialog: Dialog; user: DialogUser }>()

  /** @param isOfPeer whether a request that came by a flow may be the dialog's */
  constructor(clock: Clock, isOfPeer: (dialog: Dialog, flow: Flow) => boolean) {
    this.#clock = clock
    this.#isOfPeer = isOfPeer
  }

  /** A REFER of ours goes out in this dialog. Idempotent. */
  expect(dialog: Dialog): void {
    const id = idOf(dialog)
    if (this.#users.has(id)) return
    const { user } = dialog
    this.#users.set(id, { dialog, user })
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
    const id = idOf(dialog)
    const known = this.#users.get(id)
    if (!known) return
    this.#clock.after(lateNotifyGraceMs, () => {
      // Another dialog may have the identifier by then.
      if (this.#users.get(id) === known) this.#users.delete(id)
    })
  }

  /** A request with a To tag that no dialog has. */
  receive(request: ServerRequest): void {
    const { method, callId, toTag, fromTag } = request.request
    const late = method === 'NOTIFY' ? this.#users.get(dialogId(callId, toTag ?? '', fromTag ?? '')) : undefined
    if (!late) request.respond(481)
    else if (this.#isOfPeer(late.dialog, request.flow)) late.user.request(request)
    else request.respond(403)
  }
}

const idOf = ({ callId, localTag, remoteTag }: Dialog): string => dialogId(callId, localTag, remoteTag)
