import type { BadMessage, Request, Response } from '../message/index.ts'

// Methods are labels of metrics, so strangers may not make them up.
const methods = new Set(
  'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK UPDATE INFO SUBSCRIBE NOTIFY REFER MESSAGE PUBLISH'.split(' '),
)
const bounded = (method: string | undefined): string => (method && methods.has(method) ? method : 'other')

/** Plain counters; metrics read them when they are scraped. Retransmissions count. */
export class TransportStats {
  /** By method. */
  readonly requestsIn = new Map<string, number>()
  readonly requestsOut = new Map<string, number>()
  /** By `METHOD code`. */
  readonly responsesIn = new Map<string, number>()
  readonly responsesOut = new Map<string, number>()
  bytesIn = 0
  bytesOut = 0
  /** What came and was no SIP message. */
  bad = 0
  /** CRLF and STUN keep-alives. */
  keepAlives = 0
  /** Flows that failed: a send refused, a connection not made or lost. */
  failures = 0
  connectionsAccepted = 0
  connectionsOpened = 0
  /** Connections refused because a listener had its maximum. */
  connectionsRefused = 0
  connectionsActive = 0

  countIn(message: Request | Response | BadMessage): void {
    if (message.kind === 'bad') this.bad++
    else this.#count(message, this.requestsIn, this.responsesIn)
  }

  countOut(message: Request | Response): void {
    this.#count(message, this.requestsOut, this.responsesOut)
  }

  #count(message: Request | Response, requests: Map<string, number>, responses: Map<string, number>): void {
    if (message.kind === 'request') add(requests, bounded(message.method))
    else add(responses, `${bounded(message.cseq?.method)} ${message.status}`)
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
