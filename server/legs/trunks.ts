import { BlockList, isIP } from 'node:net'
import { defined } from '../../base/defined.ts'
import type { Settings, Trunk } from '../../config/index.ts'
import { BoundedMap, parseSipUri, type CredentialsFor, type NextHop } from '../../engine/index.ts'
import { isAtGateway, numberByTrunk, type SipSetup, type TrunkTraits } from '../../routes/index.ts'
import { needsOfNumber, type LimitNeed } from '../limits/index.ts'

/** How many source addresses are remembered with their trunks. */
const maxAddresses = 1000

/** The trunks: the peers that calls come from and go to. */
export class Trunks {
  readonly #trunks: { trunk: Trunk; peers: BlockList }[]
  /** The trunks of addresses that were looked up before: a check of a BlockList costs as much as parsing a message. */
  readonly #byAddress = new BoundedMap<Trunk | undefined>(maxAddresses)
  readonly #credentials = new Map<Trunk, CredentialsFor>()

  constructor(trunks: readonly Trunk[]) {
    this.#trunks = trunks.map((trunk) => ({ trunk, peers: blockList(trunk.peers) }))
  }

  /** The first trunk that has this address among its peers. */
  of(address: string): Trunk | undefined {
    if (this.#byAddress.has(address)) return this.#byAddress.get(address)
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    const found = this.#trunks.find(({ peers }) => peers.check(address, family))?.trunk
    this.#byAddress.set(address, found)

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
   * The credentials for a leg with the settings of `trunk`. A next hop gets those of the trunk that has it as a gateway or
   * peer, with `trunk` first, and no others. Undefined when no trunk has credentials.
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

  /** The trunk that pays for a call to a URI: of a SIP URI at a gateway of another trunk, that one; else the call's own. */
  payerOf(uri: string, own: Trunk): Trunk {
    if (this.#trunks.length === 1 || !/^sips?:/i.test(uri) || isAtGateway(uri, own)) return own

    return this.#trunks.find(({ trunk }) => isAtGateway(uri, trunk))?.trunk ?? own
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

/** Compares the host and port of the URIs, or the address where a gateway's host is one. */
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
    const isIpv6 = address.includes(':')
    list.addSubnet(address, Number(bits ?? (isIpv6 ? 128 : 32)), isIpv6 ? 'ipv6' : 'ipv4')
  }

  return list
}

/** The traits of the trunk of that name; of the first one without a name. */
export function trunkTraits(trunks: readonly Trunk[], name?: string): TrunkTraits | undefined {
  const trunk = name === undefined ? trunks[0] : trunks.find((one) => one.name === name)

  return trunk && traitsOf(trunk)
}

/** The setup that decides whether handoffs can be called. The listeners of a drachtio-server are not known. */
export function sipSetupOf({ trunks, sip, drachtio, media, speech }: Settings): SipSetup {
  return {
    media: media.kind,
    speaks: speech !== undefined,
    hearsDigits: media.kind === 'rtpengine' && media.digits !== undefined,
    trunks: trunks.map((trunk) => traitsOf(trunk)),
    ...defined({ listens: drachtio ? undefined : [...new Set(sip.listen.map(({ transport }) => transport))] }),
  }
}

const noNeeds: readonly LimitNeed[] = []

/** The room that a call by a trunk to a destination needs under the trunk's caps. */
export function needsUnderCaps(trunk: Trunk, uri: string): readonly LimitNeed[] {
  return trunk.caps ? needsOfNumber(trunk, numberByTrunk(uri, traitsOf(trunk))) : noNeeds
}

/**
 * The settings of a trunk that a plan depends on.
 * @param random chooses the order of gateways that have weights; without it they are in the order of their priorities
 */
export function traitsOf(trunk: Trunk, random?: () => number): TrunkTraits {
  const { name, defaultCountry, numberFormat, referTo, refer, headerLimits, choices, allowPremium = [] } = trunk
  const isChosen = random !== undefined && choices?.isWeighted === true
  const gateways = isChosen ? choices.ordered(random).map(({ uri }) => uri) : trunk.gateways

  return { name, country: defaultCountry, numberFormat, gateways, referTo, refer, headerLimits, allowPremium }
}
