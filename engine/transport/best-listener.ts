import { familyOf, type Target } from './endpoint.ts'
import { isWildcard, type Listener } from './listener.ts'

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

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

// A peer on loopback is reached from loopback, any other from an address that is not; a wildcard listener does for both.
function suitability(local: string, remote: string): number {
  if (local === remote) return 3
  if (isWildcard(local)) return 1

  return isLoopback(local) === isLoopback(remote) ? 2 : 0
}
