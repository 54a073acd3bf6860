import type { Clock, Dialog, DialogUser, Flow, ServerRequest } from '../../../engine/index.ts'

/** How long after the BYE a NOTIFY is still waited for, in milliseconds. */
const lateNotifyGraceMs = 2000

/**
 * NOTIFYs of our REFERs that come after the BYE. RFC 5057 2: the subscription is a usage of the dialog in its own
 * right and outlives the session, so that they get 200, and are heard, instead of 481.
 */
export class LateNotifies {
  readonly #clock: Clock
  readonly #isOfPeer: (dialog: Dialog, flow: Flow) => boolean
  readonly #users = new Map<string, { dialog: Dialog; user: DialogUser }>()

  /** @param isOfPeer whether what comes by a flow may be of a dialog */
  constructor(clock: Clock, isOfPeer: (dialog: Dialog, flow: Flow) => boolean) {
    this.#clock = clock
    this.#isOfPeer = isOfPeer
  }

  /** A REFER of ours goes out in this dialog. Idempotent. */
  expect(dialog: Dialog): void {
    if (this.#users.has(dialog.id)) return
    const { user } = dialog
    this.#users.set(dialog.id, { dialog, user })
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

  /** Its BYE was sent or received: from now on its user hears no more than NOTIFYs, and not for long. */
  dialogEnded({ id }: Dialog): void {
    if (this.#users.has(id)) this.#clock.after(lateNotifyGraceMs, () => this.#users.delete(id))
  }

  /** A request with a To tag that no dialog has. */
  receive(request: ServerRequest): void {
    const { method, callId, toTag, fromTag } = request.request
    const late = method === 'NOTIFY' ? this.#users.get(`${callId} ${toTag ?? ''} ${fromTag ?? ''}`) : undefined
    if (!late) request.respond(481)
    else if (this.#isOfPeer(late.dialog, request.flow)) late.user.request(request)
    else request.respond(403)
  }
}
