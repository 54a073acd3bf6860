import { BoundedMap } from '../bounded-map.ts'
import type { Clock } from '../clock/index.ts'
import type { Target } from '../flow/index.ts'
import type { SipUri } from '../message/index.ts'
import { type Dns, type DnsAnswer, type DnsRecords, type DnsRecordType, SystemDns } from './dns.ts'
import { type Ask, locate, type Reach } from './locate.ts'

export interface ResolverOptions {
  readonly clock: Clock
  /** The current transports and IP versions. */
  readonly reach: () => Reach
  /** The machine's when left out. */
  readonly dns?: Dns
  readonly random?: () => number
  /** Milliseconds for all look-ups of one URI. 5 s when left out. */
  readonly timeout?: number
  /** Called for names that no server answered for. */
  readonly onFailure?: (name: string, error: unknown) => void
}

interface Known {
  readonly records: readonly unknown[]
  readonly until: number
}

interface Query {
  readonly type: DnsRecordType
  readonly name: string
}

const maxKnown = 10_000
// When no server answers, expired records are used for this much longer, and unknown names are queried again after it.
const failedForMs = 5_000
// NAPTR, SRV, addresses, and one more for records that expired meanwhile.
const maxRounds = 4

/** From a URI to the targets to try, the best first (RFC 3263 4). Never rejects: without an answer there are no targets. */
export class Resolver {
  readonly #options: ResolverOptions
  readonly #dns: Dns
  readonly #random: () => number
  readonly #known = new BoundedMap<Known>(maxKnown)
  readonly #asking = new Map<string, Promise<void>>()

  constructor(options: ResolverOptions) {
    this.#options = options
    this.#dns = options.dns ?? new SystemDns()
    this.#random = options.random ?? Math.random
  }

  /** Returns at once for an address or a cached name; a promise when DNS has to be queried. */
  resolve(uri: SipUri): readonly Target[] | Promise<readonly Target[]> {
    const missing: Query[] = []
    const targets = this.#locate(uri, missing)

    return missing.length === 0 ? targets : this.#lookUp(uri, missing)
  }

  #locate(uri: SipUri, missing: Query[]): Target[] {
    const now = this.#options.clock.now()
    const ask: Ask = <T extends DnsRecordType>(type: T, name: string) => {
      const known = this.#known.get(`${type} ${name.toLowerCase()}`)
      if (known && known.until > now) return known.records as readonly DnsRecords[T][]
      missing.push({ type, name })

      return undefined
    }

    return locate(uri, this.#options.reach(), ask, this.#random)
  }

  async #lookUp(uri: SipUri, first: readonly Query[]): Promise<readonly Target[]> {
    const { clock, timeout = 5_000 } = this.#options
    let giveUp: (inTime: false) => void = () => undefined
    const late = new Promise<false>((resolve) => (giveUp = resolve))
    const timer = clock.after(timeout, () => giveUp(false))
    let missing = [...first]
    let targets: Target[] = []
    for (let round = 0, inTime = true; round < maxRounds && missing.length > 0 && inTime; round++) {
      const answers = Promise.all(missing.map((query) => this.#ask(query)))
      inTime = await Promise.race([late, answers.then(() => true)])
      missing = []
      targets = this.#locate(uri, missing)
    }
    timer.cancel()

    return targets
  }

  /** Concurrent calls share one query. */
  #ask(query: Query): Promise<void> {
    const key = `${query.type} ${query.name.toLowerCase()}`
    let asking = this.#asking.get(key)
    if (!asking) {
      asking = this.#query(key, query).finally(() => this.#asking.delete(key))
      this.#asking.set(key, asking)
    }

    return asking
  }

  async #query(key: string, { type, name }: Query): Promise<void> {
    try {
      const { records, ttl }: DnsAnswer<unknown> = await this.#dns.query(type, name)
      this.#learn(key, records, ttl * 1000)
    } catch (error) {
      this.#options.onFailure?.(name, error)
      this.#learn(key, this.#known.get(key)?.records ?? [], failedForMs)
    }
  }

  #learn(key: string, records: readonly unknown[], ms: number): void {
    // At least a second: an answer with TTL 0 would expire before it is used.
    this.#known.set(key, { records, until: this.#options.clock.now() + Math.max(ms, 1000) })
  }
}
