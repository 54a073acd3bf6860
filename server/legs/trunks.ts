import { BlockList, isIP } from 'node:net'
import type { Trunk } from '../../config/index.ts'
import { BoundedMap, parseSipUri } from '../../engine/index.ts'
import type { CredentialsFor, NextHop } from '../sip/stack.ts'

const maxKnown = 1000

/** The peers that calls come from and go to. */
export class Trunks {
  readonly #trunks: { trunk: Trunk; peers: BlockList }[]
  /** Addresses that have been looked up: a check of a list costs as much as parsing a message. */
  readonly #known = new BoundedMap<Trunk | undefined>(maxKnown)
  readonly #credentials = new Map<Trunk, CredentialsFor>()

  constructor(trunks: readonly Trunk[]) {
    this.#trunks = trunks.map((trunk) => ({ trunk, peers: blockList(trunk.peers) }))
  }

  /** The first trunk that has this address among its peers. */
  of(address: string): Trunk | undefined {
    if (this.#known.has(address)) return this.#known.get(address)
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    const found = this.#trunks.find(({ peers }) => peers.check(address, family))?.trunk
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

  /**
   * The credentials on a leg whose settings are those of `trunk`: they answer a next hop that is a gateway or a peer of the
   * trunk that they belong to, be it this trunk or another, and no other. Undefined when no trunk has any.
   */
  credentialsOn(trunk: Trunk): CredentialsFor | undefined {
    if (!this.#trunks.some((each) => each.trunk.credentials)) return undefined
    const known = this.#credentials.get(trunk)
    if (known) return known
    const holders = this.#trunks
      .filter((each) => each.trunk.credentials)
      .sort((a, b) => Number(b.trunk === trunk) - Number(a.trunk === trunk))
    const credentialsFor: CredentialsFor = (hop) => {
      const owner =
        holders.find((each) => isGateway(each.trunk, hop)) ?? holders.find((each) => isPeer(each.peers, hop))

      return owner?.trunk.credentials
    }
    this.#credentials.set(trunk, credentialsFor)

    return credentialsFor
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

/** By the host and port of its URI, or by the address of a gateway that is written as one. */
function isGateway({ gateways }: Trunk, { uri, address }: NextHop): boolean {
  const hop = hostPort(uri)

  return gateways.some((gateway) => {
    const own = hostPort(gateway)

    return own !== undefined && (own.host === address || (own.host === hop?.host && own.port === hop.port))
  })
}

function isPeer(peers: BlockList, { address }: NextHop): boolean {
  return isIP(address) !== 0 && peers.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
}

function hostPort(text: string): { host: string; port: number } | undefined {
  const uri = parseSipUri(text)
  if (!uri) return undefined
  const isTls = uri.scheme === 'sips' || uri.params.get('transport')?.toLowerCase() === 'tls'

  return { host: uri.host.toLowerCase(), port: uri.port ?? (isTls ? 5061 : 5060) }
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
