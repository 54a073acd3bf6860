import type { TransportStats } from '../transport/index.ts'

// Reasons hold header names that strangers choose.
const maxReasons = 100

/** What the engine counts: plain integers, read when somebody wants them. */
export class UserAgentStats {
  /** Messages by method and by `METHOD code`, retransmissions included; bytes, connections. */
  readonly transport: TransportStats
  /** Requests that came again and were absorbed. */
  requestsAbsorbed = 0
  /** Messages of ours that were sent again; ACKs are requests. */
  requestsRepeated = 0
  responsesRepeated = 0
  /** Messages that were no SIP, or requests refused as malformed, by reason. */
  readonly bad = new Map<string, number>()
  /** Requests that the user wanted no answer for. */
  requestsIgnored = 0
  /** Responses that belong to nothing that we sent. */
  strayResponses = 0
  /** Requests of sources that sent too many. */
  requestsOverRate = 0
  /** Requests in dialogs, and responses, that came from elsewhere than their peer. */
  notFromPeer = 0
  /** Exceptions of ours or of our user that were caught. */
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
