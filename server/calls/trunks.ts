import { BlockList } from 'node:net'
import type { Trunk } from '../../config/index.ts'

/** The peers that calls come from and go to. */
export class Trunks {
  readonly #trunks: { trunk: Trunk; peers: BlockList }[]

  constructor(trunks: readonly Trunk[]) {
    this.#trunks = trunks.map((trunk) => ({ trunk, peers: blockList(trunk.peers) }))
  }

  /** The first trunk that has this address among its peers. */
  of(address: string): Trunk | undefined {
    const family = address.includes(':') ? 'ipv6' : 'ipv4'

    return this.#trunks.find(({ peers }) => peers.check(address, family))?.trunk
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
