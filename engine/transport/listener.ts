import type { Endpoint, Transport } from './endpoint.ts'
import type { SentBy } from './flow.ts'
import { localAddressTowards } from './local-address.ts'

export interface ListenOptions {
  readonly transport: Transport
  /** An IP address of ours; `0.0.0.0` and `::` for all. */
  readonly address: string
  /** 0 for any that is free. */
  readonly port: number
  /** What peers are told to use, behind a NAT. Our own address and port when left out. */
  readonly advertised?: { readonly host: string; readonly port?: number }
}

/** A socket that takes messages. */
export interface Listener {
  readonly transport: Transport
  /** Where it really listens. */
  readonly local: Endpoint
  /** What to write into Via and Contact towards a peer. */
  advertisedTo(remote: string): SentBy
  close(): Promise<void>
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** `Listener.advertisedTo` for a listener at `local`. */
export function advertisedAddress(options: ListenOptions, local: Endpoint, remote: string): SentBy {
  const { advertised } = options
  if (advertised) return { host: advertised.host, port: advertised.port ?? local.port }

  return { host: isWildcard(local.address) ? localAddressTowards(remote) : local.address, port: local.port }
}
