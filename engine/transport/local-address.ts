import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { BoundedMap } from '../bounded-map.ts'
import { type Family, familyOf } from './endpoint.ts'

// Asking the system for its interfaces takes tens of microseconds, so answers are kept for a while, and not too many.
const maxKnown = 1000
const knownFor = 30_000
const known = new BoundedMap<{ address: string; until: number }>(maxKnown)

/** The address of ours that a peer most likely reaches us at: on its own network, else the first one that is not loopback. */
export function localAddressTowards(remote: string): string {
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
