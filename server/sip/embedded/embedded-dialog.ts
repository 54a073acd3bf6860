import {
  isSuccess,
  type Dialog,
  type RequestUser,
  type Response,
  type DialogEnd,
  type DialogUser,
  type Flow,
  type HeaderList,
  type KeptDialog,
  type Request,
  type ServerInvite,
  type ServerRequest,
  type StackReason,
  noDialogUser,
} from '../../../engine/index.ts'
import type {
  SipDialog,
  SendOptions,
  SipResponse,
  DialogEvents,
  SipRequest,
  IncomingReinvite,
  IncomingRequest,
} from '../stack.ts'
import type { LateNotifies } from './late-notifies.ts'
import { ReceivedResponse, ReceivedRequest } from '../received.ts'
import { decode, encodeAdditions, headerList, encodeResponse } from '../text.ts'
import { deferRequest } from '../defer-request.ts'

export class EmbeddedDialog implements SipDialog {
  readonly #dialog: Dialog
  readonly #lateNotifies: LateNotifies

  constructor(dialog: Dialog, late: LateNotifies) {
    this.#dialog = dialog
    this.#lateNotifies = late
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

  get silence(): number {
    return this.#dialog.core.clock.now() - this.#dialog.heardAt
  }

  request(method: string, options?: SendOptions): Promise<SipResponse> {
    if (method === 'REFER') this.#lateNotifies.expect(this.#dialog)

    return finalResponse((user) => this.#dialog.send(method, encodeAdditions(options), user))
  }

  reinvite(options?: SendOptions): Promise<SipResponse> {
    return this.request('INVITE', options)
  }

  ack(options?: SendOptions): void {
    this.#dialog.ack(encodeAdditions(options))
  }

  keep(): KeptDialog {
    return this.#dialog.keep()
  }

  bye(options?: SendOptions): Promise<SipResponse> {
    this.#lateNotifies.dialogEnded(this.#dialog)

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

/** Gives the requests in a dialog to the port's user. */
export class EmbeddedDialogUser implements DialogUser {
  readonly #events: DialogEvents
  readonly #flow: Pick<Flow, 'transport' | 'remote'>
  /** The CSeq of the peer's INVITE, if it made the dialog. */
  readonly #initial: number | undefined
  /** Takes the ACK of a re-INVITE, by its CSeq. */
  #awaited: Map<number, (ack: SipRequest) => void> | undefined

  constructor(events: DialogEvents, flow: Pick<Flow, 'transport' | 'remote'>, initial?: number) {
    this.#events = events
    this.#flow = flow
    this.#initial = initial
  }

  request(request: ServerRequest): void {
    // An OPTIONS asks whether the dialog is alive, or for the capabilities of this user agent, not of the other leg.
    if (request.request.method === 'OPTIONS') request.respondToOptions(200)
    else this.#events.request(new EmbeddedRequest(request))
  }

  invite(invite: ServerInvite): void {
    const cseq = invite.request.cseq?.number ?? 0
    const keepAck = (onAck: (ack: SipRequest) => void) => {
      this.#awaited ??= new Map()
      this.#awaited.set(cseq, onAck)
    }
    this.#events.reinvite(new EmbeddedReinvite(invite, keepAck))
  }

  ack(ack: Request): void {
    const cseq = ack.cseq?.number ?? 0
    const onAck = this.#awaited?.get(cseq)
    const request = new ReceivedRequest(ack, this.#flow)
    if (onAck) {
      this.#awaited?.delete(cseq)
      onAck(request)
    } else if (cseq === this.#initial) {
      this.#events.ack?.(request)
    }
  }

  byeHeaders(reason: StackReason): HeaderList {
    return headerList(this.#events.byeHeadersFor?.(reason) ?? [])
  }

  ended(end: DialogEnd): void {
    this.#awaited = undefined
    const { by } = end
    this.#events.ended(
      by === 'stack' ? { by, reason: end.reason } : { by, request: new ReceivedRequest(end.request, this.#flow) },
    )
  }
}

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

class EmbeddedReinvite extends EmbeddedRequest implements IncomingReinvite {
  onCancel: () => void = () => undefined
  readonly #keepAck: (onAck: (ack: SipRequest) => void) => void

  /** `keepAck` keeps the function that takes the ACK of our 2xx. */
  constructor(invite: ServerInvite, keepAck: (onAck: (ack: SipRequest) => void) => void) {
    super(invite)
    this.#keepAck = keepAck
    invite.onCancel = () => {
      this.onCancel()
    }
  }

  override respond(status: number, options?: SendOptions, onAck?: (ack: SipRequest) => void): void {
    if (onAck && isSuccess(status)) this.#keepAck(onAck)
    super.respond(status, options)
  }
}

/** The user of a dialog while the INVITE that makes it has no final response. */
export const earlyDialogUser: DialogUser = {
  ...noDialogUser,
  request: (request) => {
    deferRequest(new EmbeddedRequest(request))
  },
}
