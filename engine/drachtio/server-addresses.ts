import { defaultPort, formatEndpoint } from '../flow/index.ts'
import { networkInterfaces } from 'node:os'
import { parseUri, isSipUri } from '../message/index.ts'
import { type Listener } from '../transport/index.ts'

/** A peer that is on no network of ours (RFC 5737). */
const publicPeer = '192.0.2.1'

/** Where we listen for SIP, as applications are told it, and what of it is ourselves. */
export class ServerAddresses {
  readonly #listeners: readonly Listener[]
  readonly #names: ReadonlySet<string>
  readonly #domains: readonly string[]

  /** `names`: DNS names of ours; `domains`: domains that are ours with all below them. */
  constructor(listeners: readonly Listener[], names: readonly string[] = [], domains: readonly string[] = []) {
    this.#listeners = listeners
    this.#names = new Set(names.map((name) => name.toLowerCase()))
    this.#domains = domains.map((domain) => domain.toLowerCase())
  }

  /** `udp/203.0.113.5:5060,tcp/…`, as peers see us. */
  get advertised(): string {
    return this.#listeners
      .map((listener) => {
        const { host, port } = listener.advertisedTo(publicPeer)

        return `${listener.transport}/${formatEndpoint({ address: host, port })}`
      })
      .join(',')
  }

  /** The same with the addresses that the sockets are bound to. */
  get bound(): string {
    return this.#listeners.map(({ transport, local }) => `${transport}/${formatEndpoint(local)}`).join(',')
  }

  /** Whether a request to this URI would come back to us. */
  isOwnUri(uri: string): boolean {
    const parsed = parseUri(uri)
    if (!parsed || !isSipUri(parsed)) return false
    const host = parsed.host.toLowerCase()
    if (this.#names.has(host) || this.#domains.some((domain) => host === domain || host.endsWith(`.${domain}`)))
      return true
    const port = parsed.port ?? defaultPort(parsed.scheme === 'sips' ? 'tls' : 'udp')

    return this.#listeners.some((listener) => {
      const advertised = listener.advertisedTo(publicPeer)
      if (advertised.port === port && advertised.host.toLowerCase() === host) return true

      return listener.local.port === port && this.#isBoundTo(listener.local.address, host)
    })
  }

  #isBoundTo(local: string, host: string): boolean {
    if (host === 'localhost') return local === '127.0.0.1' || local === '0.0.0.0'
    if (local !== '0.0.0.0' && local !== '::') return local === host

    return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host))
  }
}
