import { BoundedMap } from '../bounded-map.ts'
import type { Clock } from '../clock/index.ts'
import type { Flow } from '../flow/index.ts'
import { type NameAddr, parseNameAddr, parseSipUri, type Request, type Response } from '../message/index.ts'

/** Beyond this number the oldest registration is dropped. */
const maxEndpoints = 100_000

/**
 * Endpoints that have registered, or subscribed, over a connection. Requests to them go over that connection, because a browser
 * or a phone behind a NAT takes no connections.
 */
export class Registrations {
  readonly #clock: Clock
  /** By `user@host[:port]` of the Contact. The weak reference does not keep a closed connection in memory. */
  readonly #flows = new BoundedMap<{ flow: WeakRef<Flow>; until: number }>(maxEndpoints)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#flows.size
  }

  /** Notes the Contacts of a REGISTER or SUBSCRIBE whose response is a 2xx. */
  note(request: Request, response: Response, flow: Flow): void {
    if (!flow.reliable || response.status < 200 || response.status > 299) return
    for (const value of request.list('Contact')) {
      const contact = parseNameAddr(value)
      const key = keyOf(contact?.uri)
      if (!contact || key === undefined) continue
      const seconds = secondsOf(contact, request, response)
      if (seconds <= 0) this.#flows.delete(key)
      else this.#flows.set(key, { flow: new WeakRef(flow), until: this.#clock.now() + seconds * 1000 })
    }
  }

  /** The open connection of the endpoint with this URI. */
  flowTo(uri: string): Flow | undefined {
    const key = this.#flows.size > 0 ? keyOf(uri) : undefined
    const found = key === undefined ? undefined : this.#flows.get(key)
    if (!found || key === undefined) return undefined
    const flow = found.flow.deref()
    if (flow?.open && found.until > this.#clock.now()) return flow
    this.#flows.delete(key)

    return undefined
  }
}

function keyOf(uri: string | undefined): string | undefined {
  const parsed = parseSipUri(uri ?? '')

  return parsed && `${parsed.rawUser ?? ''}@${parsed.host}:${parsed.port ?? ''}`
}

/** RFC 3261 10.2.4 and 10.3: the interval that the response grants, else the Contact's, else the request's. */
function secondsOf(contact: NameAddr, request: Request, response: Response): number {
  const granted = response
    .list('Contact')
    .map((value) => parseNameAddr(value))
    .find((each) => each?.uri === contact.uri)
    ?.params.get('expires')
  const interval = granted ?? response.header('Expires') ?? contact.params.get('expires') ?? request.header('Expires')
  const seconds = Number(interval ?? 3600)

  return Number.isFinite(seconds) ? seconds : 3600
}
