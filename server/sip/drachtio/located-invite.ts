import type { FailedTargets, NextHopAddresses, Target } from '../../../engine/index.ts'
import { isOwnFault, LocalResponse } from '../local-response.ts'
import type { DialogEvents, InviteEvents, OutgoingInvite, SendOptions, SipDialog, SipResponse } from '../stack.ts'
import type { LocatedHop } from './located-hops.ts'

interface LocatedInviteParts {
  callId: string
  events: InviteEvents
  /** The hops that the INVITE may be sent to, in order. */
  hops: Promise<readonly LocatedHop[]>
  addresses: NextHopAddresses | undefined
  failed: FailedTargets
  /** Sends the INVITE to a next hop. */
  send: (nextHop: string, events: InviteEvents) => OutgoingInvite
}

/**
 * An INVITE whose next hop is resolved here: the server gets one address after the other, in the order and with the failover
 * of the embedded stack (RFC 3263 4.3).
 */
export class LocatedInvite implements OutgoingInvite, InviteEvents {
  readonly #parts: LocatedInviteParts
  #left: readonly LocatedHop[] = []
  #target: Target | undefined
  #invite: OutgoingInvite | undefined
  /** A peer that has sent a provisional response may ring: no other one may ring, too. */
  #hasRung = false
  #isCancelled = false

  constructor(parts: LocatedInviteParts) {
    this.#parts = parts
    parts.hops.then(
      (hops) => {
        this.#located(hops)
      },
      () => {
        this.#located([])
      },
    )
  }

  get callId(): string {
    return this.#parts.callId
  }

  get dialog(): DialogEvents {
    return this.#parts.events.dialog
  }

  cancel(options?: SendOptions): void {
    this.#isCancelled = true
    this.#invite?.cancel(options)
  }

  noteUnresponsive(): boolean {
    const isLast = this.#left.length === 0
    this.#noteFailure(new LocalResponse(408, this.callId), isLast)

    return !isLast
  }

  trying(): void {
    this.#parts.events.trying?.()
  }

  progress(response: SipResponse): void {
    this.#hasRung = true
    this.#parts.events.progress(response)
  }

  retried(response: SipResponse): void {
    this.#parts.events.retried?.(response)
  }

  accepted(response: SipResponse, dialog: SipDialog): void {
    if (this.#target) this.#parts.failed.answered(this.#target)
    this.#parts.events.accepted(response, dialog)
  }

  failed(response: SipResponse): void {
    const { status, local } = response
    const hasFailed = (status === 503 && !isOwnFault(response)) || (local && status === 408)
    const goesOn = hasFailed && !this.#hasRung && !this.#isCancelled && this.#left.length > 0
    if (hasFailed && !this.#isCancelled) this.#noteFailure(response, !goesOn)
    if (goesOn) this.#sendToNext()
    else this.#parts.events.failed(response)
  }

  #located(hops: readonly LocatedHop[]): void {
    const { callId, events } = this.#parts
    this.#left = hops
    if (this.#isCancelled) events.failed(new LocalResponse(487, callId))
    else if (hops.length > 0) this.#sendToNext()
    else events.failed(new LocalResponse(503, callId, 'No Address That May Be Reached'))
  }

  #sendToNext(): void {
    const { addresses, send } = this.#parts
    const [hop, ...left] = this.#left
    if (!hop) return
    const { uri, target } = hop
    this.#left = left
    this.#target = target
    if (target) addresses?.sentTo(target.transport, target)
    this.#invite = send(uri, this)
  }

  /** The last failure is the final response, of which the sender of the INVITE learns by itself. */
  #noteFailure(response: SipResponse, isLast: boolean): void {
    const { addresses, failed } = this.#parts
    if (this.#target) failed.failed(this.#target)
    if (!isLast) addresses?.failed(response)
  }
}
