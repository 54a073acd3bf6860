/** What one owner, or one stranger's address, may ask of us; 0 for as much as it likes. */
export interface SourceLimits {
  /** Requests outside dialogs in a second. */
  readonly requestRate: number
  /** Connections at once. */
  readonly connections: number
  /** Milliseconds for which a connection may be idle. */
  readonly idleTimeout: number
}

/** What is known of the addresses that messages come from. */
export interface SourcePolicy {
  /** The name of whom an address belongs to; undefined for a stranger's. Addresses of one owner share its limits. */
  ownerOf(address: string): string | undefined
  limitsOf(owner: string | undefined): SourceLimits
  /** Whether requests in a dialog, and responses, must come from the peer that they speak for. */
  readonly checksPeers: boolean
}

/**
 * Whether a message from `source` may speak for the peer at `peer`: it is that address, or one of the same owner. A peer
 * without an owner may be a gateway that is known by its name alone, whose owner sends from its other addresses.
 */
export function speaksFor(source: string, peer: string, policy: SourcePolicy): boolean {
  if (source === peer) return true
  const owner = policy.ownerOf(source)
  const owned = policy.ownerOf(peer)

  return owner !== undefined && (owned === undefined || owned === owner)
}

/** What the limits of an address are counted by: its owner, or the address itself, and of IPv6 the /64 (RFC 6177 2). */
export function sourceKey(address: string, owner: string | undefined): string {
  if (owner !== undefined) return `of ${owner}`
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length)

  return [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':')
}
