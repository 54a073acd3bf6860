import { networkInterfaces } from 'node:os'
import { defaultPort, formatEndpoint } from '../flow/index.ts'
import { isSipUri, parseUri } from '../message/index.ts'
import type { Listener } from '../transport/index.ts'

/** An address outside all local networks (RFC 5737). */
const publicPeer = '192.0.2.1'

/** The SIP listeners as applications are told them, and the hosts that are this server. */
export class ServerAddresses {
  readonly #listeners: readonly Listener[]
  readonly #names: ReadonlySet<string>
  readonly #domains: readonly string[]

  /** `names`: DNS names of this server; `domains`: its domains, with their subdomains. */
  constructor(listeners: readonly Listener[], names: readonly string[] = [], domains: readonly string[] = []) {
    this.#listeners = listeners
    this.#names = new Set(names.map((name) => name.toLowerCase()))
    this.#domains = domains.map((domain) => domain.toLowerCase())
  }

  /** The advertised addresses, `udp/203.0.113.5:5060,tcp/…`. */
  get advertised(): string {
    return this.#listeners
      .map((listener) => {
        const { host, port } = listener.advertisedTo(publicPeer)

        return `${listener.transport}/${formatEndpoint({ address: host, port })}`
      })
      .join(',')
  }

  /** The local addresses of the sockets, in the same form. */
  get bound(): string {
    return this.#listeners.map(({ transport, local }) => `${transport}/${formatEndpoint(local)}`).join(',')
  }

  /** Whether a request to this URI would come to this server. */
  isOwnUri(uri: string): boolean {
    const parsed = parseUri(uri)
    if (!parsed || !isSipUri(parsed)) return false
    const host = parsed.host.toLowerCase()
    if (this.#names.has(host)) return true
    if (this.#domains.some((domain) => host === domain || host.endsWith(`.${domain}`))) return true
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
