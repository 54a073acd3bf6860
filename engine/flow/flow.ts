import type { Request, Response } from '../message/index.ts'
import type { Endpoint, Transport } from './endpoint.ts'

/** A host (a name or an address, IPv6 without brackets) and port for a Via or Contact. */
export interface SentBy {
  readonly host: string
  readonly port: number
}

/** A way to one peer: a connection, or an address as one of our UDP sockets reaches it. */
export interface Flow {
  readonly transport: Transport
  /** TCP, TLS and WebSocket deliver, or say that they could not. */
  readonly reliable: boolean
  readonly local: Endpoint
  /** Where messages on this flow come from. */
  readonly remote: Endpoint
  /** What to write into Via and Contact, so that the peer reaches the listener that belongs to this flow. */
  readonly advertised: SentBy
  /** False when nothing can be sent on it any more. */
  readonly open: boolean
  /** Why a connection of ours never came to be, as a reason phrase has it. */
  readonly failure?: string | undefined
  /**
   * Sends a message, or its text once more. On the flow of a request, responses go where RFC 3261 18.2.2 and RFC 3581
   * say, by a new connection if need be. What goes wrong is told through `TransportUser.onFlowFailed`, later; not of a
   * response over UDP.
   */
  send(message: Request | Response | string): void
}
