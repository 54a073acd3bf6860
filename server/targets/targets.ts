import { isIP } from 'node:net'
import {
  BoundedMap,
  type Clock,
  defaultPort,
  parseSipUri,
  transportNamed,
  type SipUri,
  type Target,
} from '../../engine/index.ts'
import { closedTarget, TargetCall, type ClosedTarget, type TargetHealth } from './target-call.ts'
import { WatchedTarget, type TargetListener } from './target.ts'
import type { TargetUse } from './target-use.ts'

/**
 * The id of the target that a URI leads to, `transport:host:port` as in SIP_LISTEN: one for one next hop, whatever the user
 * part (RFC 3263 4). A name without a port, which SRV records may lead anywhere, has none. Undefined for other URIs.
 */
export function targetIdOf(uri: string): string | undefined {
  const parsed = parseSipUri(uri)
  if (!parsed) return undefined
  const host = (parsed.params.get('maddr') ?? parsed.host).toLowerCase()
  const transport = transportOf(parsed)
  const isName = /[a-z]/.test(host) && !host.includes(':')
  if (isName && parsed.port === undefined) return `${transport}:${host}`
  const written = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host

  return `${transport}:${written}:${parsed.port ?? (transport === 'tls' ? 5061 : 5060)}`
}

/** The address that a URI leads to without DNS; undefined for one whose host is a name. */
function addressOfUri(uri: string): Target | undefined {
  const parsed = parseSipUri(uri)
  const transport = parsed && transportNamed(transportOf(parsed))
  if (!transport) return undefined
  const address = parsed.params.get('maddr') ?? parsed.host

  return isIP(address) === 0 ? undefined : { transport, address, port: parsed.port ?? defaultPort(transport) }
}

/** RFC 3263 4.1, without DNS. */
function transportOf({ scheme, params }: SipUri): string {
  return scheme === 'sips' ? 'tls' : (params.get('transport')?.toLowerCase() ?? 'udp')
}

/** The URI to send OPTIONS to: that of a target without its user part and headers, and with the parameters that lead to it. */
export function hopUri(uri: string): string {
  const [scheme = 'sip'] = uri.split(':', 1)
  const hop = uri.slice(scheme.length + 1).replace(/^[^@?]*@/, '')

  return `${scheme}:${hop.split('?', 1)[0]?.replace(/;user=[^;]*/i, '')}`
}

/** Targets beyond these are called and not watched. */
const maxTargets = 10_000
/** How many URIs are remembered with their targets. */
const maxUris = 10_000

export interface TargetsOptions {
  clock: Clock
  listener: TargetListener
}

/** Every target of the running configuration: one for one next hop, however many trunks and projects name it. */
export class Targets implements TargetHealth {
  readonly #options: TargetsOptions
  readonly #byId = new Map<string, WatchedTarget>()
  /** The targets of URIs that were looked up before; null for those that lead to none. */
  #byUri = new BoundedMap<WatchedTarget | null>(maxUris)
  /** The uses of each target, by owner: a project or the trunks. */
  readonly #uses = new Map<string, Map<string, readonly TargetUse[]>>()
  readonly #owned = new Map<string, ReadonlySet<string>>()

  constructor(options: TargetsOptions) {
    this.#options = options
  }

  get all(): IterableIterator<WatchedTarget> {
    return this.#byId.values()
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: string): WatchedTarget | undefined {
    return this.#byId.get(id)
  }

  /** The target that a URI leads to, such as that of an INVITE; undefined when the configuration does not name it. */
  of(uri: string): WatchedTarget | undefined {
    const known = this.#byUri.get(uri)
    if (known !== undefined) return known ?? undefined
    const id = targetIdOf(uri)
    const found = id === undefined ? undefined : this.#byId.get(id)
    this.#byUri.set(uri, found ?? null)

    return found
  }

  closed(uri: string): ClosedTarget | undefined {
    const target = this.of(uri)

    return target && closedTarget(target, this.#options.clock.now())
  }

  refused(uri: string, reason: string): void {
    this.of(uri)?.noteRefusal(reason)
  }

  begin(uri: string): TargetCall | undefined {
    const target = this.of(uri)

    return target && new TargetCall(target)
  }

  /** Sets the targets that an owner names, in the place of those that it named before. */
  setUses(owner: string, uses: readonly TargetUse[]): void {
    const named = byTarget(uses)
    for (const id of this.#owned.get(owner) ?? []) if (!named.has(id)) this.#setUse(id, owner, [])
    for (const [id, using] of named) this.#setUse(id, owner, using)
    if (named.size > 0) this.#owned.set(owner, new Set(named.keys()))
    else this.#owned.delete(owner)
    this.#byUri = new BoundedMap(maxUris)
  }

  /** Idempotent. Cancels the timers of all targets. */
  close(): void {
    for (const target of this.#byId.values()) {
      target.close()
      this.#options.listener.gone(target)
    }
    this.#byId.clear()
    this.#byUri = new BoundedMap(maxUris)
  }

  #setUse(id: string, owner: string, using: readonly TargetUse[]): void {
    const users = this.#uses.get(id) ?? new Map<string, readonly TargetUse[]>()
    if (using.length > 0) users.set(owner, using)
    else users.delete(owner)
    const target = this.#byId.get(id)
    if (users.size === 0) {
      target?.close()
      if (target) this.#options.listener.gone(target)
      this.#byId.delete(id)
      this.#uses.delete(id)

      return
    }
    this.#uses.set(id, users)
    const uses = [...users.values()].flat()
    const { clock, listener } = this.#options
    if (!target && this.#byId.size >= maxTargets) return
    const used = target ?? new WatchedTarget(id, uses, clock, listener, addressOfUri(uses[0]?.uri ?? ''))
    used.uses = uses
    this.#byId.set(id, used)
    if (!target) listener.added(used)
    listener.used(used)
  }
}

function byTarget(uses: readonly TargetUse[]): ReadonlyMap<string, readonly TargetUse[]> {
  const found = new Map<string, TargetUse[]>()
  for (const use of uses) {
    const id = targetIdOf(use.uri)
    if (id === undefined) continue
    const known = found.get(id)
    if (known) known.push(use)
    else found.set(id, [use])
  }

  return found
}
