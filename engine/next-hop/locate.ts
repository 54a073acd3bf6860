import { isIP } from 'node:net'
import { inOrderOfService } from '../../base/choice.ts'
import {
  defaultPort,
  type Family,
  familyOf,
  isSecure,
  type Target,
  type Transport,
  transportNamed,
} from '../flow/index.ts'
import type { SipUri } from '../message/index.ts'
import type { DnsRecords, DnsRecordType, NaptrRecord } from './dns.ts'

/** The transports and IP versions of our listeners; the first is preferred where the URI leaves the choice. */
export type Reach = readonly { readonly transport: Transport; readonly family: Family }[]

/** The known DNS records of a name; undefined when they have to be queried first. */
export type Ask = <T extends DnsRecordType>(type: T, name: string) => readonly DnsRecords[T][] | undefined

const srvNames: Record<Transport, string> = {
  udp: '_sip._udp',
  tcp: '_sip._tcp',
  tls: '_sips._tcp',
  ws: '_sip._ws',
  wss: '_sips._ws',
}

// RFC 3263 4.1, RFC 7118 10.2.
const services: Readonly<Record<string, Transport>> = {
  'SIP+D2U': 'udp',
  'SIP+D2T': 'tcp',
  'SIPS+D2T': 'tls',
  'SIP+D2W': 'ws',
  'SIPS+D2W': 'wss',
}

/** The targets of a URI, the best first (RFC 3263 4). Without I/O: unknown records are only requested from `ask`. */
export function locate(uri: SipUri, reach: Reach, ask: Ask, random: () => number): Target[] {
  const name = uri.params.get('maddr') ?? uri.host
  const named = transportOf(uri)
  if (named === null) return []
  const transport = named ?? defaultTransport(uri, reach)
  const address = addressOf(name)
  if (address !== undefined) return [{ transport, address, port: uri.port ?? defaultPort(transport) }]
  const search = new ServerSearch(uri.host, reach, ask, random)
  if (uri.port !== undefined) return search.host(transport, name, uri.port)
  const found = named === undefined ? search.services(name, uri.scheme === 'sips') : search.service(named, name)

  // Without SRV records the name is a host name.
  return found.length > 0 || search.isWaiting ? found : search.host(transport, name, defaultPort(transport))
}

/** The transport of the URI; undefined without one, null for an unknown one. */
function transportOf(uri: SipUri): Transport | undefined | null {
  const parameter = uri.params.get('transport')
  if (parameter === undefined) return undefined
  const transport = transportNamed(parameter)
  if (transport === undefined) return null
  if (uri.scheme === 'sip') return transport

  // RFC 3261 26.2.2: sips is TLS over whatever the parameter says.
  if (transport === 'ws' || transport === 'wss') return 'wss'

  return transport === 'udp' ? null : 'tls'
}

function defaultTransport(uri: SipUri, reach: Reach): Transport {
  if (uri.scheme === 'sips') return 'tls'

  return reach.some(({ transport }) => transport === 'udp') || reach.every(({ transport }) => transport !== 'tcp')
    ? 'udp'
    : 'tcp'
}

// RFC 6761 6.3: localhost is loopback, whatever a name server says.
function addressOf(name: string): string | undefined {
  if (isIP(name) !== 0) return name

  return /^(?:.*\.)?localhost\.?$/i.test(name) ? '127.0.0.1' : undefined
}

class ServerSearch {
  isWaiting = false
  readonly #serverName: string
  readonly #reach: Reach
  readonly #ask: Ask
  readonly #random: () => number

  constructor(serverName: string, reach: Reach, ask: Ask, random: () => number) {
    this.#serverName = serverName
    this.#reach = reach
    this.#random = random
    this.#ask = (type, name) => {
      const records = ask(type, name)
      this.isWaiting ||= records === undefined

      return records
    }
  }

  /** By NAPTR records; without any, by the SRV records of every transport of ours. */
  services(name: string, secure: boolean): Target[] {
    const naptr = this.#ask('NAPTR', name)
    if (!naptr) return []
    const usable = naptr
      .flatMap((record) => this.#usable(record, secure))
      .sort((a, b) => a.order - b.order || a.preference - b.preference)
    if (usable.length > 0) {
      return usable.flatMap(({ transport, replacement }) => this.#servers(transport, replacement))
    }
    const transports = new Set(this.#reach.map(({ transport }) => transport))
    const fitting = [...transports].filter((each) => isSecure(each) === secure || !secure)

    return fitting.flatMap((transport) => this.service(transport, name))
  }

  /** By the SRV records of one transport. */
  service(transport: Transport, name: string): Target[] {
    return this.#servers(transport, `${srvNames[transport]}.${name}`)
  }

  /** By the addresses of a host. */
  host(transport: Transport, name: string, port: number): Target[] {
    const literal = addressOf(name)
    if (literal !== undefined) return [this.#target(transport, literal, port)]
    const families = this.#reach.filter((each) => each.transport === transport).map(({ family }) => family)
    const addresses = [...new Set(families)].flatMap((family) => this.#ask(family === 4 ? 'A' : 'AAAA', name) ?? [])

    return addresses.map((address) => this.#target(transport, address, port))
  }

  #servers(transport: Transport, name: string): Target[] {
    const records = this.#ask('SRV', name) ?? []

    // RFC 2782: the name "." says that there is no such service.
    return inOrderOfService(
      records.filter((record) => record.name !== '' && record.name !== '.'),
      this.#random,
    ).flatMap((record) => this.host(transport, record.name, record.port))
  }

  #usable(record: NaptrRecord, secure: boolean) {
    const transport = services[record.service.toUpperCase()]
    const isOurs = this.#reach.some((each) => each.transport === transport)
    if (!transport || !isOurs || record.flags.toLowerCase() !== 's' || (secure && !isSecure(transport))) return []

    return [{ ...record, transport }]
  }

  #target(transport: Transport, address: string, port: number): Target {
    return { transport, address, port, serverName: this.#serverName }
  }
}

/** The reach of a set of listeners. */
export function reachOf(listeners: Iterable<{ transport: Transport; local: { address: string } }>): Reach {
  return Array.from(listeners, ({ transport, local }) => ({ transport, family: familyOf(local.address) }))
}
