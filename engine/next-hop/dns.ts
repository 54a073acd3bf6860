import { promises as dns } from 'node:dns'

export interface NaptrRecord {
  readonly order: number
  readonly preference: number
  readonly flags: string
  readonly service: string
  readonly replacement: string
}

interface SrvRecord {
  readonly priority: number
  readonly weight: number
  readonly name: string
  readonly port: number
}

export interface DnsRecords {
  NAPTR: NaptrRecord
  SRV: SrvRecord
  A: string
  AAAA: string
}

export type DnsRecordType = keyof DnsRecords

export interface DnsAnswer<T> {
  /** Empty when the name, or a record of that type, does not exist. */
  readonly records: readonly T[]
  /** Seconds for which the answer may be cached. */
  readonly ttl: number
}

/** A DNS client. It rejects when no server answered; the answer that there are no records is not an error. */
export interface Dns {
  query<T extends DnsRecordType>(type: T, name: string): Promise<DnsAnswer<DnsRecords[T]>>
}

// Seconds. Node reports no TTL of NAPTR and SRV records, nor of negative answers.
const defaultTtlSeconds = 60
const negativeTtlSeconds = 30
const hostsFileTtlSeconds = 30

/** The name servers of this machine, and its hosts file for names that DNS does not have. */
export class SystemDns implements Dns {
  readonly #resolver: dns.Resolver

  /** `servers`: addresses, optionally with ports; the machine's when left out. */
  constructor(options: { servers?: readonly string[]; timeout?: number } = {}) {
    this.#resolver = new dns.Resolver({ timeout: options.timeout ?? 1500, tries: 2 })
    if (options.servers) this.#resolver.setServers(options.servers)
  }

  query<T extends DnsRecordType>(type: T, name: string): Promise<DnsAnswer<DnsRecords[T]>>
  query(type: DnsRecordType, name: string): Promise<DnsAnswer<DnsRecords[DnsRecordType]>> {
    switch (type) {
      case 'NAPTR':
        return existing(this.#resolver.resolveNaptr(name).then((records) => ({ records, ttl: defaultTtlSeconds })))
      case 'SRV':
        return existing(this.#resolver.resolveSrv(name).then((records) => ({ records, ttl: defaultTtlSeconds })))
      case 'A':
        return this.#addresses(name, 4, this.#resolver.resolve4(name, { ttl: true }))
      case 'AAAA':
        return this.#addresses(name, 6, this.#resolver.resolve6(name, { ttl: true }))
    }
  }

  async #addresses(
    name: string,
    family: 4 | 6,
    found: Promise<readonly { address: string; ttl: number }[]>,
  ): Promise<DnsAnswer<string>> {
    const answer = await existing(
      found.then((records) => ({
        records: records.map(({ address }) => address),
        ttl: Math.min(...records.map(({ ttl }) => ttl)),
      })),
    )
    if (answer.records.length > 0) return answer
    // A name of the hosts file (or of a container's network) is known only to the system's own look-up.
    const local = await dns.lookup(name, { family, all: true }).catch(() => [])

    return local.length === 0 ? answer : { records: local.map(({ address }) => address), ttl: hostsFileTtlSeconds }
  }
}

async function existing<T>(answer: Promise<DnsAnswer<T>>): Promise<DnsAnswer<T>> {
  try {
    return await answer
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === dns.NOTFOUND || code === dns.NODATA || code === 'ENOTFOUND' || code === 'ENODATA') {
      return { records: [], ttl: negativeTtlSeconds }
    }
    throw error
  }
}
