import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isLoopback } from '../../base/loopback.ts'
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
  /** An IP address of ours; `0.0.0.0` and `::` for all. */
  readonly address: string
  /** 0 for any that is free. */
  readonly port: number
  /** What peers are told to use, behind a NAT. Our own address and port when left out. */
  readonly advertised?: { readonly host: string; readonly port?: number }
  /** For `tls` and `wss`, which cannot do without. */
  readonly tls?: TlsOptions
}

/** A socket that takes messages. */
export interface Listener {
  readonly transport: Transport
  /** Where it really listens. */
  readonly local: Endpoint
  /** What to write into Via and Contact towards a peer. */
  advertisedTo(remote: string): SentBy
  /** Reads certificates and keys again; the old ones stay, and this rejects, when the new ones are not right. */
  reload?(): Promise<void>
  /** Idempotent. Takes nothing more, and closes the connections that it has taken. */
  close(): Promise<void>
}

/** `Listener.advertisedTo` for a listener at `local`. */
export function advertisedAddress(options: ListenOptions, local: Endpoint, remote: string): SentBy {
  const { advertised } = options
  if (advertised) return { host: advertised.host, port: advertised.port ?? local.port }

  return { host: isWildcard(local.address) ? localAddressTowards(remote) : local.address, port: local.port }
}

/** The listener that suits a target best; undefined when none speaks its transport and IP version. */
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

// Asking the system for its interfaces takes tens of microseconds, so answers are kept for a while, and not too many.
const maxKnown = 1000
const knownFor = 30_000
const known = new BoundedMap<{ address: string; until: number }>(maxKnown)

/** The address of ours that a peer most likely reaches us at: on its own network, else the first one that is not loopback. */
function localAddressTowards(remote: string): string {
  const now = performance.now()
  const found = known.get(remote)
  if (found && found.until > now) return found.address
  // Without the zone of a link-local address (RFC 4007).
  const address = lookUp(remote.split('%', 1)[0] ?? remote, familyOf(remote))
  known.set(remote, { address, until: now + knownFor })

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
