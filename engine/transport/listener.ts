import { BlockList, type ListenOptions as NetListenOptions } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isLoopback } from '../../base/address.ts'
import { BoundedMap } from '../bounded-map.ts'
import {
  type Endpoint,
  type Family,
  familyOf,
  isWildcard,
  type SentBy,
  type Target,
  type Transport,
} from '../flow/index.ts'
import type { TlsOptions } from './tls-credentials.ts'

export interface ListenOptions {
  readonly transport: Transport
  /** A local IP address; `0.0.0.0` and `::` for all. */
  readonly address: string
  /** 0 for any free port. */
  readonly port: number
  /** A socket that is open and bound there already; its number as this process has it. */
  readonly fd?: number
  /** The public address for Via and Contact, behind a NAT. The local address and port when left out. */
  readonly advertised?: { readonly host: string; readonly port?: number }
  /** Required for `tls` and `wss`. */
  readonly tls?: TlsOptions
}

/** A socket that takes messages. */
export interface Listener {
  readonly transport: Transport
  /** The bound endpoint. */
  readonly local: Endpoint
  /** The host and port for Via and Contact towards a peer. */
  advertisedTo(remote: string): SentBy
  /** Reads certificates and keys again. Rejects, and keeps the old ones, when the new ones are invalid. */
  reload?(): Promise<void>
  /** Idempotent. Stops listening, and closes the accepted connections. */
  close(): Promise<void>
}

/** What a server of connections listens at. */
export function listenAt({ address, port, fd }: ListenOptions): NetListenOptions | { fd: number } {
  return fd === undefined ? { port, host: address, ipv6Only: true } : { fd }
}

/** `Listener.advertisedTo` for a listener at `local`. */
export function advertisedAddress(options: ListenOptions, local: Endpoint, remote: string): SentBy {
  const { advertised } = options
  if (advertised) return { host: advertised.host, port: advertised.port ?? local.port }

  return { host: isWildcard(local.address) ? localAddressTowards(remote) : local.address, port: local.port }
}

/** The best listener for a target; undefined without one of its transport and IP version. */
export function bestListener<T extends Pick<Listener, 'transport' | 'local'>>(
  listeners: readonly T[],
  { transport, address }: Target,
): T | undefined {
  const family = familyOf(address)
  let best: T | undefined
  let bestRank = -1
  for (const listener of listeners) {
    if (listener.transport !== transport || familyOf(listener.local.address) !== family) continue
    const rank = suitability(listener.local.address, address)
    if (rank > bestRank) [best, bestRank] = [listener, rank]
  }

  return best
}

// A peer on loopback is reached from loopback, any other from an address that is not; a wildcard listener does for both.
function suitability(local: string, remote: string): number {
  if (local === remote) return 3
  if (isWildcard(local)) return 1

  return isLoopback(local) === isLoopback(remote) ? 2 : 0
}

// Reading the system's interfaces takes tens of microseconds, so that answers are cached.
const maxKnown = 1000
const knownForMs = 30_000
const known = new BoundedMap<{ address: string; until: number }>(maxKnown)

/** The local address at which a peer most likely reaches us: one on the peer's network, else the first that is not loopback. */
function localAddressTowards(remote: string): string {
  const now = performance.now()
  const found = known.get(remote)
  if (found && found.until > now) return found.address
  // Without the zone of a link-local address (RFC 4007).
  const address = lookUp(remote.split('%', 1)[0] ?? remote, familyOf(remote))
  known.set(remote, { address, until: now + knownForMs })

  return address
}

function lookUp(remote: string, family: Family): string {
  const type = family === 6 ? 'ipv6' : 'ipv4'
  let first: string | undefined
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, cidr, internal, family: of } of addresses ?? []) {
      if (of.toLowerCase() !== type || !cidr) continue
      const network = new BlockList()
      network.addSubnet(address, Number(cidr.slice(cidr.indexOf('/') + 1)), type)
      if (network.check(remote, type)) return address
      if (!internal && !address.startsWith('fe80:')) first ??= address
    }
  }

  return first ?? (family === 6 ? '::1' : '127.0.0.1')
}
