import { defined } from '../../base/defined.ts'
import { BoundedMap, copyText } from '../bounded-map.ts'
import type { Clock } from '../clock/index.ts'
import { type Flow, formatEndpoint, type Target } from '../flow/index.ts'
import { parseSipUri, type Request } from '../message/index.ts'
import { defaultSettings, type TransportLayer } from '../transport/index.ts'
import type { Dns } from './dns.ts'
import { reachOf } from './locate.ts'
import { Resolver } from './resolver.ts'

/** How long a target that has failed is tried last. */
const failedForMs = 30_000
const maxFailed = 1000

/** The targets that have failed lately, of next hops whose addresses the sender of a request does not know itself. */
export class FailedTargets {
  readonly #clock: Clock
  readonly #until = new BoundedMap<number>(maxFailed)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether any target has failed and not answered since. */
  get hasAny(): boolean {
    return this.#until.size > 0
  }

  /** The target did not answer, refused the connection, or sent 503: it is tried last for a while. */
  failed(target: Target): void {
    this.#until.set(keyOf(target), this.#clock.now() + failedForMs)
  }

  answered(target: Target): void {
    this.#until.delete(keyOf(target))
  }

  /** RFC 3263 4.3: those that have failed come last. */
  last(targets: readonly Target[]): readonly Target[] {
    if (targets.length < 2 || this.#until.size === 0) return targets
    const now = this.#clock.now()
    const hasFailed = (target: Target) => (this.#until.get(keyOf(target)) ?? 0) > now

    return [...targets.filter((target) => !hasFailed(target)), ...targets.filter(hasFailed)]
  }
}

const keyOf = (target: Target): string => `${target.transport}:${formatEndpoint(target)}`

const maxKnown = 1000
// How long a peer that accepted no TCP connection gets long requests by UDP.
const tcpRefusedForMs = 300_000
// How long a request that is too long for UDP waits for its connection. A firewall that drops TCP sends no refusal, and the
// caller waits meanwhile; RFC 3261 18.1.1 has such a request retried over UDP.
const longRequestConnectMs = 500

interface NextHopSelectorOptions {
  transports: TransportLayer
  clock: Clock
  dns?: Dns | undefined
  /** Public addresses with the local ones to use instead, behind a NAT without hairpinning. */
  aliases?: ReadonlyMap<string, string> | undefined
  /** The longest request that goes by UDP where TCP is possible. */
  udpMaximum?: number | undefined
  /** Called for names that no server answered for. */
  onFailure: (name: string, error: unknown) => void
}

/** Finds the flow to a next hop: its addresses (RFC 3263), and TCP for requests too long for UDP (RFC 3261 18.1.1). */
export class NextHopSelector {
  readonly #transports: TransportLayer
  readonly #clock: Clock
  readonly #resolver: Resolver
  readonly #failed: FailedTargets
  readonly #udpMaximum: number
  readonly #aliases: ReadonlyMap<string, string>
  /** URIs with an IP address need no DNS, and are used often. */
  readonly #literal = new BoundedMap<readonly Target[]>(maxKnown)
  readonly #refused = new BoundedMap<number>(maxKnown)

  constructor({ transports, clock, dns, aliases = new Map(), udpMaximum, onFailure }: NextHopSelectorOptions) {
    this.#transports = transports
    this.#clock = clock
    this.#failed = new FailedTargets(clock)
    this.#aliases = aliases
    this.#udpMaximum = udpMaximum ?? defaultSettings.udpMaximum
    const reach = () => reachOf(transports.listeners)
    this.#resolver = new Resolver({ clock, reach, onFailure, ...defined({ dns }) })
  }

  /** The targets of a next hop's URI, the best first; a promise when DNS has to be queried. */
  targetsOf(uri: string): readonly Target[] | Promise<readonly Target[]> {
    const known = this.#literal.get(uri)
    if (known) return known
    const parsed = parseSipUri(uri)
    if (!parsed) return []
    const targets = this.#resolver.resolve(parsed)
    if (targets instanceof Promise) return targets
    const [target] = targets
    if (!target || targets.length !== 1 || target.serverName !== undefined) return targets
    // The address is a slice of a message, which the map must not keep in memory.
    const address = this.#aliases.get(target.address) ?? copyText(target.address)
    const reached = [{ ...target, address }]
    this.#literal.set(uri, reached)

    return reached
  }

  /** Targets in the order in which a request is sent to them: those that have failed lately come last. */
  inOrder(targets: readonly Target[]): readonly Target[] {
    return this.#failed.last(targets)
  }

  /** The flow to a next hop whose address is known; an unknown name is queried for the next time. */
  flowTo(uri: string, reachable?: (address: string) => boolean): Flow | undefined {
    const targets = this.targetsOf(uri)
    if (targets instanceof Promise) return undefined
    for (const target of this.inOrder(targets)) {
      if (reachable && !reachable(target.address)) continue
      const flow = this.#transports.flowTo(target)
      if (flow) return flow
    }

    return undefined
  }

  /** A TCP connection for a request that is too long for its UDP flow, unless the peer has refused TCP. */
  connectionFor(request: Request, flow: Flow): Flow | undefined {
    if (flow.transport !== 'udp' || request.toString().length <= this.#udpMaximum) return undefined
    const until = this.#refused.get(formatEndpoint(flow.remote))
    if (until !== undefined && until > this.#clock.now()) return undefined
    const target = { transport: 'tcp', ...flow.remote } as const

    return this.#transports.listeners.some(({ transport }) => transport === 'tcp')
      ? this.#transports.flowWithin(target, longRequestConnectMs)
      : undefined
  }

  /** Notes the outcome of a request: a failed target is tried last for a while. */
  noteOutcome(flow: Flow, outcome: 'answered' | 'failed'): void {
    if (outcome === 'answered' && !this.#failed.hasAny) return
    const { transport, remote } = flow
    const target = { transport, ...remote }
    if (outcome === 'answered') {
      this.#failed.answered(target)
      return
    }
    this.#failed.failed(target)
    if (transport !== 'tcp') return
    this.#refused.set(formatEndpoint(remote), this.#clock.now() + tcpRefusedForMs)
  }
}
