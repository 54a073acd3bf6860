import { createResponse, DigestSession, type InitialInvite } from '../../../engine/index.ts'
import { EndedDialog } from '../ended-dialog.ts'
import type { Dialog, DialogEvents, DialogOptions, IncomingInvite, SendOptions, SipRequest } from '../stack.ts'
import { EmbeddedDialog } from './embedded-dialog.ts'
import { EmbeddedDialogUser } from './embedded-dialog-user.ts'
import { earlyDialogUser } from './incoming-request.ts'
import type { LateNotifies } from './late-notifies.ts'
import { ReceivedRequest, ReceivedResponse } from '../received.ts'
import { decode, encodeCredentials, encodeResponse } from '../text.ts'

export class EmbeddedInvite implements IncomingInvite {
  request: SipRequest
  onCancel: (cancel?: SipRequest) => void = () => undefined
  onUnacknowledged: () => void = () => undefined
  readonly #invite: InitialInvite
  readonly #late: LateNotifies

  constructor(invite: InitialInvite, late: LateNotifies) {
    this.#invite = invite
    this.#late = late
    this.request = new ReceivedRequest(invite.request, invite.flow)
    invite.dialogUser = earlyDialogUser
    invite.onCancel = (cancel) => {
      this.onCancel(cancel && new ReceivedRequest(cancel, invite.flow))
    }
    invite.onUnacknowledged = () => {
      this.onUnacknowledged()
    }
  }

  progress(status: number, options?: SendOptions): void {
    this.#respond(status, options)
  }

  accept(options: DialogOptions, events: DialogEvents): Dialog {
    const invite = this.#invite
    const { credentials } = options
    invite.dialogUser = new EmbeddedDialogUser(events, invite.flow, invite.request.cseq?.number)
    this.#respond(200, options)
    if (invite.dialog && credentials) invite.dialog.digest = new DigestSession(encodeCredentials(credentials))

    return invite.dialog ? new EmbeddedDialog(invite.dialog, this.#late) : endedDialog(invite)
  }

  reject(status: number, options?: SendOptions): void {
    this.#respond(status, options)
  }

  #respond(status: number, options: SendOptions | undefined): void {
    this.#invite.respond(status, encodeResponse(options))
  }
}

function endedDialog({ request, localTag }: InitialInvite): Dialog {
  const parts = {
    callId: decode(request.callId),
    localTag,
    remoteTag: request.fromTag ?? '',
    remoteTarget: decode(request.contact?.uri ?? ''),
  }

  return new EndedDialog(parts, new ReceivedResponse(createResponse(request, 481, undefined, localTag), 'local'))
}
