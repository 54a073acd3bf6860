import type { Dialog as EngineDialog, DialogUser, Flow, RequestUser, Response } from '../../../engine/index.ts'
import type { Dialog, DialogEvents, RequestOptions, SendOptions, SipRequest, SipResponse } from '../stack.ts'
import { EmbeddedReinvite, EmbeddedRequest } from './incoming-request.ts'
import type { LateNotifies } from './late-notifies.ts'
import { ReceivedRequest, ReceivedResponse } from '../received.ts'
import { decode, encodeAdditions, encodeRequest } from '../text.ts'

export class EmbeddedDialog implements Dialog {
  readonly #dialog: EngineDialog
  readonly #late: LateNotifies

  constructor(dialog: EngineDialog, late: LateNotifies) {
    this.#dialog = dialog
    this.#late = late
  }

  get callId(): string {
    return decode(this.#dialog.callId)
  }

  get localTag(): string {
    return this.#dialog.localTag
  }

  get remoteTag(): string {
    return this.#dialog.remoteTag
  }

  get remoteTarget(): string {
    return decode(this.#dialog.remoteTarget)
  }

  get ended(): boolean {
    return this.#dialog.ended
  }

  request(method: string, options?: RequestOptions): Promise<SipResponse> {
    if (method === 'REFER') this.#late.expect(this.#dialog)

    return finalResponse((user) => this.#dialog.send(method, encodeRequest(options), user))
  }

  reinvite(options?: RequestOptions): Promise<SipResponse> {
    return this.request('INVITE', options)
  }

  ack(options?: SendOptions): void {
    this.#dialog.ack(encodeAdditions(options))
  }

  bye(options?: RequestOptions): Promise<SipResponse> {
    this.#late.dialogEnded(this.#dialog)

    return this.request('BYE', options)
  }
}

/** The final response to what `send` sends. */
export function finalResponse(send: (user: RequestUser) => unknown): Promise<SipResponse> {
  return new Promise((resolve) => {
    send({
      response: (response: Response) => {
        if (response.status >= 200) resolve(new ReceivedResponse(response, 'peer'))
      },
      unanswered: (response: Response) => {
        resolve(new ReceivedResponse(response, 'local'))
      },
    })
  })
}

/** Hands what comes in a dialog to the port's user. `initial` is the CSeq of the peer's INVITE, if it made the dialog. */
export function dialogUser(events: DialogEvents, flow: Flow, initial?: number): DialogUser {
  // Who waits for the ACK of a re-INVITE, by its CSeq.
  const awaited = new Map<number, (ack: SipRequest) => void>()

  return {
    request: (request) => {
      events.request(new EmbeddedRequest(request))
    },
    invite: (invite) => {
      const cseq = invite.request.cseq?.number ?? 0
      events.reinvite(new EmbeddedReinvite(invite, (onAck) => awaited.set(cseq, onAck)))
    },
    ack: (ack) => {
      const cseq = ack.cseq?.number ?? 0
      const onAck = awaited.get(cseq)
      const request = new ReceivedRequest(ack, flow)
      if (onAck) awaited.delete(cseq)
      if (onAck) onAck(request)
      else if (cseq === initial) events.ack?.(request)
    },
    ended: (end) => {
      awaited.clear()
      const { by } = end
      events.ended(
        by === 'stack' ? { by, reason: end.reason } : { by, request: new ReceivedRequest(end.request, flow) },
      )
    },
  }
}
