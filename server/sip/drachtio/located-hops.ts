import {
  type FailedTargets,
  formatEndpoint,
  isSecure,
  type NextHopAddresses,
  parseSipUri,
  type Resolver,
  type Target,
} from '../../../engine/index.ts'
import type { RequestOptions } from '../stack.ts'

/** A next hop as the server gets it. */
export interface LocatedHop {
  readonly uri: string
  /** The address that it names; undefined where the server looks the name up. */
  readonly target?: Target
}

/** Finds the addresses of next hops in the place of the server, which would send to any of them. */
export class HopLocator {
  readonly failed: FailedTargets
  readonly #resolver: Resolver

  constructor(resolver: Resolver, failed: FailedTargets) {
    this.#resolver = resolver
    this.failed = failed
  }

  /**
   * The addresses of a next hop, the best first (RFC 3263 4). None for a name that is called by TLS: the server looks it up,
   * since the certificate is for the name, and proves that the address belongs to it.
   */
  async resolve(uri: string): Promise<readonly Target[]> {
    const found = await this.#targetsOf(uri)

    return found.some(({ transport }) => isSecure(transport)) ? [] : found
  }

  /** The hops to send a request to, in order; none when no address of the name may be reached. */
  async locate(uri: string, { reachable, addresses, address }: RequestOptions): Promise<readonly LocatedHop[]> {
    if (address) return [hopTo(address)]
    const found = await this.#targetsOf(uri)
    const isByName = found.length === 0 || found.some(({ transport }) => isSecure(transport))
    if (isByName) return !reachable || found.some((target) => reachable(target.address)) ? [{ uri }] : []
    const chosen = this.#inOrder(found, addresses)

    return (reachable ? chosen.filter((target) => reachable(target.address)) : chosen).map(hopTo)
  }

  async #targetsOf(uri: string): Promise<readonly Target[]> {
    const parsed = parseSipUri(uri)

    return parsed ? await this.#resolver.resolve(parsed) : []
  }

  #inOrder(found: readonly Target[], addresses: NextHopAddresses | undefined): readonly Target[] {
    return addresses ? addresses.choose(found) : this.failed.last(found)
  }
}

function hopTo(target: Target): LocatedHop {
  return { uri: `sip:${formatEndpoint(target)};transport=${target.transport}`, target }
}
