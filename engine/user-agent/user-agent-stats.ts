import type { TransportStats } from '../transport/index.ts'

// Reasons contain header names, which unknown sources can invent.
const maxReasons = 100

/** The engine's counters, which the metrics read at each scrape. */
export class UserAgentStats {
  /** Messages by method and by `METHOD code`, retransmissions included; bytes, connections. */
  readonly transport: TransportStats
  /** Retransmitted requests that were absorbed. */
  requestsAbsorbed = 0
  /** Messages that we retransmitted; ACKs are requests. */
  requestsRepeated = 0
  responsesRepeated = 0
  /** Malformed messages, by reason. */
  readonly bad = new Map<string, number>()
  /** Requests that the user ignored: they got no answer. */
  requestsIgnored = 0
  /** Responses without a transaction. */
  strayResponses = 0
  /** Requests above the rate of their source. */
  requestsOverRate = 0
  /** Requests in dialogs, and responses, that did not come from the peer. */
  notFromPeer = 0
  /** Caught exceptions of the engine or its user. */
  defects = 0

  constructor(transport: TransportStats) {
    this.transport = transport
  }

  /** Malformed header lines that were passed over (RFC 3261 8.2.2), by reason. */
  get passedOver(): ReadonlyMap<string, number> {
    return this.transport.passedOver
  }

  countBad(reason: string): void {
    const key = this.bad.size < maxReasons || this.bad.has(reason) ? reason : 'other'
    this.bad.set(key, (this.bad.get(key) ?? 0) + 1)
  }
}
