import {
  type FailedTargets,
  type NextHopAddresses,
  type Target,
  formatEndpoint,
  isSecure,
  parseSipUri,
  type Resolver,
} from '../../../engine/index.ts'
import { isOwnFault, LocalResponse } from '../local-response.ts'
import type {
  DialogEvents,
  InviteEvents,
  OutgoingInvite,
  SendOptions,
  SipDialog,
  SipResponse,
  RequestOptions,
} from '../stack.ts'

/** A next hop as the server gets it. */
export interface LocatedHop {
  readonly uri: string
  /** The address that it names; undefined where the server looks the name up. */
  readonly target?: Target
}

/** Finds the addresses of next hops in the place of the server, which would send to any of them. */
export class HopLocator {
  readonly failed: FailedTargets
  readonly #resolver: Resolver

  constructor(resolver: Resolver, failed: FailedTargets) {
    this.#resolver = resolver
    this.failed = failed
  }

  /**
   * The addresses of a next hop, the best first (RFC 3263 4). None for a name that is called by TLS: the server looks it up,
   * since the certificate is for the name, and proves that the address belongs to it.
   */
  async resolve(uri: string): Promise<readonly Target[]> {
    const found = await this.#targetsOf(uri)

    return found.some(({ transport }) => isSecure(transport)) ? [] : found
  }

  /** The hops to send a request to, in order; none when no address of the name may be reached. */
  async locate(uri: string, { reachable, addresses, address }: RequestOptions): Promise<readonly LocatedHop[]> {
    if (address) return [hopTo(address)]
    const found = await this.#targetsOf(uri)
    const isByName = found.length === 0 || found.some(({ transport }) => isSecure(transport))
    if (isByName) return !reachable || found.some((target) => reachable(target.address)) ? [{ uri }] : []
    const chosen = this.#inOrder(found, addresses)

    return (reachable ? chosen.filter((target) => reachable(target.address)) : chosen).map(hopTo)
  }

  async #targetsOf(uri: string): Promise<readonly Target[]> {
    const parsed = parseSipUri(uri)

    return parsed ? await this.#resolver.resolve(parsed) : []
  }

  #inOrder(found: readonly Target[], addresses: NextHopAddresses | undefined): readonly Target[] {
    return addresses ? addresses.choose(found) : this.failed.last(found)
  }
}

function hopTo(target: Target): LocatedHop {
  return { uri: `sip:${formatEndpoint(target)};transport=${target.transport}`, target }
}

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
