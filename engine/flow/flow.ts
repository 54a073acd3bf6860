import type { Request, Response } from '../message/index.ts'
import type { Endpoint, Transport } from './endpoint.ts'

/** A host (a name or an address, IPv6 without brackets) and port for a Via or Contact. */
export interface SentBy {
  readonly host: string
  readonly port: number
}

/** A flow to one peer (RFC 5626 3): a connection, or a peer's address as one of our UDP sockets reaches it. */
export interface Flow {
  readonly transport: Transport
  /** True of TCP, TLS and WebSocket, which deliver or report that they could not. */
  readonly reliable: boolean
  readonly local: Endpoint
  /** The peer's endpoint: messages on this flow come from it. */
  readonly remote: Endpoint
  /** The Via and Contact host by which the peer reaches the listener of this flow. */
  readonly advertised: SentBy
  /** False when nothing can be sent on this flow any more. */
  readonly open: boolean
  /** Why an outgoing connection could not be made, as a reason phrase. */
  readonly failure?: string | undefined
  /**
   * Sends a message, or the text of one again. On the flow of a request, responses go where RFC 3261 18.2.2 and RFC 3581
   * say, by a new connection if need be. A failure is reported later through `TransportUser.onFlowFailed`; that of a
   * response over UDP is not.
   */
  send(message: Request | Response | string): void
}
