import { type BadMessage, knownMethods, type PassedOver, type Request, type Response } from '../message/index.ts'

// Methods are labels of metrics: unknown methods of peers share one.
const methods = new Set(knownMethods)
const bounded = (method: string | undefined): string => (method && methods.has(method) ? method : 'other')

/** Plain counters; metrics read them when they are scraped. Retransmissions count. */
export class TransportStats {
  /** By method. */
  readonly requestsIn = new Map<string, number>()
  readonly requestsOut = new Map<string, number>()
  readonly #responsesIn = new ResponseCounts()
  readonly #responsesOut = new ResponseCounts()
  bytesIn = 0
  bytesOut = 0
  /** Malformed messages. */
  bad = 0
  /** Malformed header lines that were passed over (RFC 3261 8.2.2), by reason. */
  readonly passedOver = new Map<string, number>()
  /** CRLF and STUN keep-alives. */
  keepAlives = 0
  /** Flows that failed: a send refused, a connection not made or lost. */
  failures = 0
  connectionsAccepted = 0
  connectionsOpened = 0
  /** Connections refused because of a limit. */
  connectionsRefused = 0
  connectionsActive = 0

  /** By `METHOD code`. */
  get responsesIn(): ReadonlyMap<string, number> {
    return this.#responsesIn.toMap()
  }

  get responsesOut(): ReadonlyMap<string, number> {
    return this.#responsesOut.toMap()
  }

  countIn(message: Request | Response | BadMessage): void {
    if (message.kind === 'bad') this.bad++
    else count(message, this.requestsIn, this.#responsesIn)
  }

  /** An INVITE that was refused before it was parsed. */
  countShed(): void {
    this.requestsIn.set('INVITE', (this.requestsIn.get('INVITE') ?? 0) + 1)
  }

  countPassedOver(lines: readonly PassedOver[]): void {
    for (const { reason } of lines) this.passedOver.set(reason, (this.passedOver.get(reason) ?? 0) + 1)
  }

  countOut(message: Request | Response): void {
    count(message, this.requestsOut, this.#responsesOut)
  }
}

function count(message: Request | Response, requests: Map<string, number>, responses: ResponseCounts): void {
  if (message.kind === 'response') {
    responses.count(bounded(message.cseq?.method), message.status)
    return
  }
  const method = bounded(message.method)
  requests.set(method, (requests.get(method) ?? 0) + 1)
}

// A peer's invented methods must not fill the memory.
const maxMethods = 50

/** Counts responses by method and status, without building a string for each. */
export class ResponseCounts {
  readonly #byMethod = new Map<string, Map<number, number>>()

  count(method: string, status: number): void {
    let counts = this.#byMethod.get(method)
    if (!counts) {
      if (this.#byMethod.size >= maxMethods) return
      counts = new Map<number, number>()
      this.#byMethod.set(method, counts)
    }
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }

  /** By `METHOD code`. */
  toMap(): Map<string, number> {
    const all = new Map<string, number>()
    for (const [method, counts] of this.#byMethod) {
      for (const [status, number] of counts) all.set(`${method} ${status}`, number)
    }

    return all
  }
}
