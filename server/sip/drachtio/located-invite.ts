import { formatEndpoint, isSecure, parseSipUri, type Resolver } from '../../../engine/index.ts'
import type { InviteEvents, OutgoingInvite, SendOptions } from '../stack.ts'
import { LocalResponse } from '../local-response.ts'

/**
 * An INVITE whose next hop may resolve to some addresses only. The server resolves names by itself: so the name is resolved
 * here, and the server gets the address that was checked.
 */
export class LocatedInvite implements OutgoingInvite {
  readonly callId: string
  readonly #events: InviteEvents
  #invite: OutgoingInvite | undefined
  /** Cancelled before its next hop was known. */
  #isCancelled = false

  /** @param send sends the INVITE to a next hop */
  constructor(
    callId: string,
    events: InviteEvents,
    nextHop: Promise<string | undefined>,
    send: (nextHop: string) => OutgoingInvite,
  ) {
    this.callId = callId
    this.#events = events
    nextHop.then(
      (hop) => {
        this.#located(hop, send)
      },
      () => {
        this.#located(undefined, send)
      },
    )
  }

  cancel(options?: SendOptions): void {
    this.#isCancelled = true
    this.#invite?.cancel(options)
  }

  #located(hop: string | undefined, send: (nextHop: string) => OutgoingInvite): void {
    if (this.#isCancelled) this.#events.failed(new LocalResponse(487, this.callId))
    else if (hop === undefined) {
      this.#events.failed(new LocalResponse(503, this.callId, 'No Address That May Be Reached'))
    } else this.#invite = send(hop)
  }
}

/** The next hop in the place of a URI, by an address that may be reached; undefined when it has none. */
export async function reachableHop(
  resolver: Resolver,
  uri: string,
  reachable: (address: string) => boolean,
): Promise<string | undefined> {
  const parsed = parseSipUri(uri)
  if (!parsed) return undefined
  // Every address is asked about, as the embedded stack does.
  const [target] = (await resolver.resolve(parsed)).filter(({ address }) => reachable(address))
  if (!target) return undefined

  // The certificate is for the name, and proves that the address belongs to it.
  return isSecure(target.transport) ? uri : `sip:${formatEndpoint(target)};transport=${target.transport}`
}
