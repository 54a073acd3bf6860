import { BlockList } from 'node:net'
import type { Trunk } from '../../config/index.ts'

const maxKnown = 1000

/** The peers that calls come from and go to. */
export class Trunks {
  readonly #trunks: { trunk: Trunk; peers: BlockList }[]
  /** Addresses that have been looked up: a check of a list costs as much as parsing a message. */
  readonly #known = new Map<string, Trunk | undefined>()

  constructor(trunks: readonly Trunk[]) {
    this.#trunks = trunks.map((trunk) => ({ trunk, peers: blockList(trunk.peers) }))
  }

  /** The first trunk that has this address among its peers. */
  of(address: string): Trunk | undefined {
    if (this.#known.has(address)) return this.#known.get(address)
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    const found = this.#trunks.find(({ peers }) => peers.check(address, family))?.trunk
    // Anybody may send from anywhere; only so many are remembered.
    if (this.#known.size >= maxKnown) this.#known.clear()
    this.#known.set(address, found)

    return found
  }

  /** Every trunk that authenticates and has this address among its peers. */
  authenticating(address: string): Trunk[] {
    const family = address.includes(':') ? 'ipv6' : 'ipv4'

    return this.#trunks
      .filter(({ trunk, peers }) => trunk.authenticate && peers.check(address, family))
      .map(({ trunk }) => trunk)
  }

  get all(): Trunk[] {
    return this.#trunks.map(({ trunk }) => trunk)
  }

  get first(): Trunk | undefined {
    return this.#trunks[0]?.trunk
  }

  named(name: string): Trunk | undefined {
    return this.#trunks.find(({ trunk }) => trunk.name === name)?.trunk
  }
}

function blockList(peers: readonly string[]): BlockList {
  const list = new BlockList()
  for (const peer of peers) {
    const [address = '', bits] = peer.split('/')
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }

  return list
}
