import { isIP } from 'node:net'
import { parseSipUri } from '../message/index.ts'
import { defaultPort, type Target, type Transport, transportNamed } from '../transport/index.ts'

const maxKnown = 1000

/** Finds the address in a next hop's URI (RFC 3263 4, for addresses: names are not looked up here). */
export class NextHops {
  readonly #listens: (transport: Transport) => boolean
  readonly #known = new Map<string, Target | undefined>()

  /** `listens`: whether we have a listener of a transport, for URIs that name none. */
  constructor(listens: (transport: Transport) => boolean) {
    this.#listens = listens
  }

  targetOf(uri: string): Target | undefined {
    if (this.#known.has(uri)) return this.#known.get(uri)
    const target = this.#resolve(uri)
    // Every call's Contact may be another one.
    if (this.#known.size >= maxKnown) this.#known.clear()
    this.#known.set(uri, target)

    return target
  }

  #resolve(text: string): Target | undefined {
    const uri = parseSipUri(text)
    if (!uri) return undefined
    const host = uri.host === 'localhost' ? '127.0.0.1' : uri.host
    if (isIP(host) === 0) return undefined
    const named = uri.params.get('transport')
    const transport = named === undefined ? this.#default(uri.scheme) : transportNamed(named)

    return transport && { transport, address: host, port: uri.port ?? defaultPort(transport) }
  }

  #default(scheme: 'sip' | 'sips'): Transport {
    if (scheme === 'sips') return 'tls'

    return this.#listens('udp') || !this.#listens('tcp') ? 'udp' : 'tcp'
  }
}
