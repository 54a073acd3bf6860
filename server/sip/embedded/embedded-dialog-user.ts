import type {
  DialogEnd,
  DialogUser,
  Flow,
  HeaderList,
  Request,
  ServerInvite,
  ServerRequest,
  StackReason,
} from '../../../engine/index.ts'
import type { DialogEvents, SipRequest } from '../stack.ts'
import { EmbeddedReinvite, EmbeddedRequest } from './incoming-request.ts'
import { ReceivedRequest } from '../received.ts'
import { headerList } from '../text.ts'

/** Hands what comes in a dialog to the port's user. */
export class EmbeddedDialogUser implements DialogUser {
  readonly #events: DialogEvents
  readonly #flow: Flow
  /** The CSeq of the peer's INVITE, if it made the dialog. */
  readonly #initial: number | undefined
  /** Who waits for the ACK of a re-INVITE, by its CSeq. */
  #awaited: Map<number, (ack: SipRequest) => void> | undefined

  constructor(events: DialogEvents, flow: Flow, initial?: number) {
    this.#events = events
    this.#flow = flow
    this.#initial = initial
  }

  request(request: ServerRequest): void {
    // A peer asks whether its dialog is alive, or what its user agent can do: ours, and not that of the other leg.
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

  farewell(reason: StackReason): HeaderList {
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
