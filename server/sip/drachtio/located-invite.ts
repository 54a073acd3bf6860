import { formatEndpoint, parseSipUri, type Resolver, type Target } from '../../../engine/index.ts'
import type { InviteEvents, OutgoingInvite, SendOptions } from '../stack.ts'
import { LocalResponse } from '../local-response.ts'

/**
 * An INVITE whose next hop must not resolve to any address. The server resolves names by itself, so that the name is
 * resolved here, and the server is told the address that was looked at.
 */
export class LocatedInvite implements OutgoingInvite {
  readonly callId: string
  readonly #events: InviteEvents
  #invite: OutgoingInvite | undefined
  /** Set when it was given up before its next hop was known. */
  #isCancelled = false

  /** @param send sends it by the next hop given */
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
    else if (hop === undefined)
      this.#events.failed(new LocalResponse(503, this.callId, 'No Address That May Be Reached'))
    else this.#invite = send(hop)
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
  const target = (await resolver.resolve(parsed)).find(({ address }) => reachable(address))
  if (!target) return undefined

  // A certificate is of the name. It proves as well that the address is that of whoever has the name.
  return isSecure(target) ? uri : `sip:${formatEndpoint(target)};transport=${target.transport}`
}

function isSecure({ transport }: Target): boolean {
  return transport === 'tls' || transport === 'wss'
}
