import type { Settings, Trunk } from '../../config/index.ts'
import type { SourceLimits, SourcePolicy } from '../../engine/index.ts'

/** The trunks by the addresses that belong to them. */
export interface TrunksByAddress {
  of(address: string): Trunk | undefined
  named(name: string): Trunk | undefined
}

/** Trunks have limits of their own; an address that no trunk has gets those of unknown sources. */
export function sourcePolicy({ sip, unknownSources }: Settings, trunks: TrunksByAddress): SourcePolicy {
  const { requestRate, connections, idle } = unknownSources
  const unknown = { requestRate, connections, idleTimeout: idle * 1000 }
  const limits = new Map<string, SourceLimits>()

  return {
    checksPeers: sip.dialogSources === 'peer',
    ownerOf: (address) => trunks.of(address)?.name,
    limitsOf: (owner) => {
      if (owner === undefined) return unknown
      const known = limits.get(owner)
      if (known) return known
      const trunk = trunks.named(owner)
      const made = { requestRate: trunk?.requestRate ?? 0, connections: trunk?.connections ?? 0, idleTimeout: 0 }
      limits.set(owner, made)

      return made
    },
  }
}
