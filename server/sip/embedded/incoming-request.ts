import { type DialogUser, noDialogUser, type ServerInvite, type ServerRequest } from '../../../engine/index.ts'
import { deferRequest } from '../defer-request.ts'
import type { IncomingReinvite, IncomingRequest, SendOptions, SipRequest } from '../stack.ts'
import { ReceivedRequest } from '../received.ts'
import { encodeResponse } from '../text.ts'

export class EmbeddedRequest implements IncomingRequest {
  readonly request: SipRequest
  readonly #request: ServerRequest

  constructor(request: ServerRequest) {
    this.#request = request
    this.request = new ReceivedRequest(request.request, request.flow)
  }

  respond(status: number, options?: SendOptions): void {
    this.#request.respond(status, encodeResponse(options))
  }
}

export class EmbeddedReinvite extends EmbeddedRequest implements IncomingReinvite {
  onCancel: () => void = () => undefined
  readonly #keepAck: (onAck: (ack: SipRequest) => void) => void

  /** `keepAck` is handed who waits for the ACK of our 2xx. */
  constructor(invite: ServerInvite, keepAck: (onAck: (ack: SipRequest) => void) => void) {
    super(invite)
    this.#keepAck = keepAck
    invite.onCancel = () => {
      this.onCancel()
    }
  }

  override respond(status: number, options?: SendOptions, onAck?: (ack: SipRequest) => void): void {
    if (onAck && status >= 200 && status < 300) this.#keepAck(onAck)
    super.respond(status, options)
  }
}

/** Owns a dialog while the INVITE that makes it has no final response. */
export const earlyDialogUser: DialogUser = {
  ...noDialogUser,
  request: (request) => {
    deferRequest(new EmbeddedRequest(request))
  },
}
