import { isSuccess } from '../../../engine/index.ts'
import { sessionOf } from '../body-part.ts'
import type {
  DialogEvents,
  HeadersToSend,
  IncomingReinvite,
  IncomingRequest,
  SendOptions,
  SessionFilter,
  SipDialogEnd,
  SipEndReason,
  SipRequest,
} from '../stack.ts'
import type { FilterUse, InOrder } from './filter-use.ts'
import { FilteredRequest, sendingSession, sessionToSend, whenFiltered } from './filtered-message.ts'

/** The events of a dialog, in the order in which they came, with sessions as the filter gives them. */
export class FilteredDialogEvents implements DialogEvents {
  readonly #events: DialogEvents
  readonly #use: FilterUse
  readonly #filter: SessionFilter
  readonly #receiving: InOrder

  constructor(events: DialogEvents, use: FilterUse, receiving: InOrder) {
    this.#events = events
    this.#use = use
    this.#filter = use.filter
    this.#receiving = receiving
  }

  request(incoming: IncomingRequest): void {
    // RFC 3311: of these requests, UPDATE alone makes an offer.
    const offer = incoming.request.method === 'UPDATE' ? sessionOf(incoming.request) : ''
    this.#receiving.run(() =>
      whenFiltered(offer === '' ? '' : this.#filter.fromPeer('offer', offer), (session) => {
        if (session === undefined) incoming.respond(500)
        else this.#events.request(offer === '' ? incoming : new OfferingRequest(incoming, session, this.#filter))
      }),
    )
  }

  reinvite(invite: IncomingReinvite): void {
    const offer = sessionOf(invite.request)
    const filtered = new FilteredReinvite(invite, this.#filter, this.#receiving)
    this.#receiving.run(() =>
      whenFiltered(offer === '' ? '' : this.#filter.fromPeer('offer', offer), (session) => {
        // RFC 3261 9.2: a CANCEL that came while the filter had the offer has been answered, and the re-INVITE with 487.
        if (filtered.isCancelled) return
        if (session === undefined) invite.respond(500)
        else this.#events.reinvite(filtered.offering(session))
      }),
    )
  }

  ack(ack: SipRequest): void {
    this.#receiving.run(() => {
      this.#events.ack?.(ack)
    })
  }

  byeHeadersFor(reason: SipEndReason): HeadersToSend {
    return this.#events.byeHeadersFor?.(reason) ?? []
  }

  ended(end: SipDialogEnd): void {
    this.#receiving.run(() => {
      // The owner has ended the dialog itself while the filter had a message.
      if (this.#use.isOver) return
      this.#use.end()
      this.#events.ended(end)
    })
  }
}

/** Passes a response on, its session through the filter. */
function respondFiltered(
  filter: SessionFilter,
  role: 'offer' | 'answer',
  options: SendOptions | undefined,
  respond: (options: SendOptions | undefined) => void,
  refuse: () => void,
): void {
  const session = sessionToSend(options ?? {})
  const filtered = session === '' ? '' : filter.toPeer(role, session)
  const proceed = (sent: string | undefined): void => {
    if (sent === undefined) refuse()
    else respond(session === '' ? options : sendingSession(options ?? {}, sent))
  }
  if (filtered instanceof Promise) filtered.then(proceed, refuse)
  else proceed(filtered)
}

/** An UPDATE with an offer: its 2xx has the answer. */
class OfferingRequest implements IncomingRequest {
  readonly request: SipRequest
  readonly #incoming: IncomingRequest
  readonly #filter: SessionFilter

  constructor(incoming: IncomingRequest, offer: string, filter: SessionFilter) {
    this.#incoming = incoming
    this.#filter = filter
    this.request = new FilteredRequest(incoming.request, offer)
  }

  respond(status: number, options?: SendOptions): void {
    const incoming = this.#incoming
    if (!isSuccess(status)) incoming.respond(status, options)
    else {
      respondFiltered(
        this.#filter,
        'answer',
        options,
        (sent) => {
          incoming.respond(status, sent)
        },
        () => {
          incoming.respond(500)
        },
      )
    }
  }
}

class FilteredReinvite implements IncomingReinvite {
  request: SipRequest
  onCancel: () => void = () => undefined
  isCancelled = false
  readonly #invite: IncomingReinvite
  readonly #filter: SessionFilter
  readonly #receiving: InOrder
  #hasOffer = false

  constructor(invite: IncomingReinvite, filter: SessionFilter, receiving: InOrder) {
    this.#invite = invite
    this.#filter = filter
    this.#receiving = receiving
    this.request = invite.request
    invite.onCancel = () => {
      this.isCancelled = true
      this.onCancel()
    }
  }

  /** The same re-INVITE with this offer; '' without one. */
  offering(offer: string): this {
    this.#hasOffer = offer !== ''
    if (this.#hasOffer) this.request = new FilteredRequest(this.#invite.request, offer)

    return this
  }

  respond(status: number, options?: SendOptions, onAck?: (ack: SipRequest) => void): void {
    const invite = this.#invite
    if (!isSuccess(status)) {
      invite.respond(status, options)

      return
    }
    respondFiltered(
      this.#filter,
      this.#hasOffer ? 'answer' : 'offer',
      options,
      (sent) => {
        invite.respond(status, sent, onAck && ((ack) => this.#answered(ack, onAck)))
      },
      () => {
        invite.respond(500)
      },
    )
  }

  /** The ACK has the answer to the offer of the 2xx (RFC 3261 14.2). */
  #answered(ack: SipRequest, onAck: (ack: SipRequest) => void): void {
    const answer = sessionOf(ack)
    this.#receiving.run(() =>
      whenFiltered(answer === '' ? '' : this.#filter.fromPeer('answer', answer), (session = answer) => {
        onAck(answer === '' ? ack : new FilteredRequest(ack, session))
      }),
    )
  }
}
