/** A way to one peer: a connection, or an address as one of our UDP sockets reaches it. */
export interface Flow {
  /** The transport delivers or says that it could not (TCP, TLS, WebSocket): nothing is retransmitted on it. */
  readonly reliable: boolean
  /** Sends a message's text. A failure is told later, through `TransactionLayer.flowFailed`. */
  send(text: string): void
}
