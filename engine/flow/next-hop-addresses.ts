import type { Endpoint, Target, Transport } from './flow.ts'

/** The final response to a request that goes on to another address. */
export interface FailedResponse {
  readonly status: number
  readonly reason: string
  /** Made by our own stack: nothing came in time, or no connection. */
  readonly local: boolean
  header(name: string): string | undefined
}

/** What the sender of a request knows of the addresses that its next hop's name has, and learns of them. */
export interface NextHopAddresses {
  /** The addresses to send to, in order. @param found all that the name has, the best first (RFC 3263 4) */
  choose(found: readonly Target[]): readonly Target[]
  /** The request is sent to one of them. */
  sentTo(transport: Transport, remote: Endpoint): void
  /** The address that it was sent to last has failed, and the request goes on to another one (RFC 3263 4.3). */
  failed(response: FailedResponse): void
}
