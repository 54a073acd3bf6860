import { randomUUID } from 'node:crypto'
import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { defined } from '../../base/defined.ts'
import { transportNames, type Transport } from '../../engine/index.ts'
import type { AddressHealth, TargetReport } from './address-health.ts'
import { addressStates } from './address-machine.ts'
import type { ProbeResult } from './probes.ts'
import type { TargetPeers } from './target-peers.ts'
import type { WatchedTarget } from './target.ts'

/** How many targets are asked for in one command. */
const maxBatch = 500
/** A call's result is kept for so long for Batons that start meanwhile: the first back-off, or Retry-After where it is longer. */
const keptCallMs = 10_000
/** A probe's result is kept for so many intervals of its target. */
const maxKeptIntervals = 3

const AddressNews = Type.Object({
  /** Left out for a name that has not been looked up. */
  at: Type.Optional(
    Type.Object({
      transport: Type.Enum(Object.keys(transportNames) as Transport[]),
      address: Type.String(),
      port: Type.Integer(),
      serverName: Type.Optional(Type.String()),
    }),
  ),
  /** The state of the address at that Baton. */
  state: Type.Enum([...addressStates]),
  reason: Type.String(),
  from: Type.Enum(['probe', 'call']),
  ok: Type.Boolean(),
  what: Type.String(),
  retryAfterMs: Type.Optional(Type.Number()),
  rtt: Type.Optional(Type.Number()),
})
type AddressNews = Static<typeof AddressNews>

const TargetNews = Type.Object({
  /** The Baton that tells it. */
  baton: Type.String(),
  id: Type.String(),
  /** The results of this call or probe, by address. */
  met: Type.Array(AddressNews),
  /** Earlier results at the target's other addresses, for Batons that have none. */
  known: Type.Array(AddressNews),
})
type TargetNews = Static<typeof TargetNews>

const compiled = Compile(TargetNews)

interface SharedTargetsOptions {
  peers: TargetPeers
  find: (id: string) => WatchedTarget | undefined
  all: () => Iterable<WatchedTarget>
  /** A result of another Baton's probe: this one need not ask. */
  probed: (target: WatchedTarget) => void
}

/** Tells the other Batons of one Redis what probes and calls learn here, and takes over what they learn. Calls never wait for it. */
export class SharedTargets {
  readonly #options: SharedTargetsOptions
  readonly #baton = randomUUID()
  readonly #added = new Set<WatchedTarget>()

  constructor(options: SharedTargetsOptions) {
    this.#options = options
  }

  start(): void {
    const { peers, all } = this.#options
    peers.follow(
      (text) => {
        const news = readNews(text)
        if (news && news.baton !== this.#baton) this.#take(news)
      },
      () => {
        void this.#ask([...all()])
      },
    )
  }

  /** A target is new here: what the others know of it is taken over. */
  added(target: WatchedTarget): void {
    this.#added.add(target)
    if (this.#added.size > 1) return
    queueMicrotask(() => {
      const added = [...this.#added]
      this.#added.clear()
      void this.#ask(added)
    })
  }

  /** Whether this Baton may probe now. Without Redis each probes by itself. */
  async mayProbe({ id }: WatchedTarget, ms: number): Promise<boolean> {
    return this.#options.peers.lease(id, ms).catch(() => true)
  }

  /** Tells what a call has met. */
  tell(target: WatchedTarget, address: AddressHealth, lesson: TargetReport): void {
    this.#tell(target, [newsOf(address, lesson)], Math.max(keptCallMs, lesson.retryAfterMs ?? 0))
  }

  /** Tells the results of a probe. @param intervalMs between two probes of the target */
  tellProbe(target: WatchedTarget, results: readonly ProbeResult[], intervalMs: number): void {
    const met = results.map(({ address, ok, what }) => newsOf(address, { from: 'probe', ok, what }))
    this.#tell(target, met, Math.max(keptCallMs, maxKeptIntervals * intervalMs))
  }

  close(): void {
    this.#options.peers.close()
  }

  /** Takes over what is known of the targets of which this Baton knows nothing. */
  async #ask(targets: readonly WatchedTarget[]): Promise<void> {
    const { peers } = this.#options
    const unknown = targets.filter(({ state }) => state === 'unknown').map(({ id }) => id)
    for (let at = 0; at < unknown.length; at += maxBatch) {
      const texts = await peers.kept(unknown.slice(at, at + maxBatch)).catch(() => [])
      for (const text of texts) {
        const news = text === null ? undefined : readNews(text)
        if (news && this.#options.find(news.id)?.state === 'unknown') this.#take(news)
      }
    }
  }

  #tell(target: WatchedTarget, met: AddressNews[], keptMs: number): void {
    const known = target.addresses.flatMap((address): AddressNews[] => {
      const [last] = address.results
      const isMet = met.some(({ at }) => at === address.at)

      return last && !isMet ? [newsOf(address, last)] : []
    })
    const news: TargetNews = { baton: this.#baton, id: target.id, met, known }
    this.#options.peers.tell(target.id, JSON.stringify(news), keptMs)
  }

  #take({ id, met, known }: TargetNews): void {
    const { find, probed } = this.#options
    const target = find(id)
    if (!target) return
    const told = [...met, ...known].flatMap(({ at }) => at ?? [])
    if (target.addresses.every(({ at }) => !at)) target.resolved(told)
    for (const news of met) learn(target, news)
    for (const news of known) if (addressIn(target, news)?.state === 'unknown') learn(target, news)
    if (met.some(({ from }) => from === 'probe')) probed(target)
  }
}

function newsOf(address: AddressHealth, { from, ok, what, retryAfterMs }: TargetReport): AddressNews {
  const { at, state, reason, rtt } = address

  return { ...defined({ at, rtt: from === 'probe' ? rtt : undefined, retryAfterMs }), state, reason, from, ok, what }
}

/** The address that news are of; undefined for one that the name does not have here. */
function addressIn(target: WatchedTarget, { at }: AddressNews): AddressHealth | undefined {
  if (at) return target.addressAt(at)

  return target.addresses.length === 1 ? target.addresses[0] : undefined
}

function learn(target: WatchedTarget, news: AddressNews): void {
  const address = addressIn(target, news)
  if (!address) return
  const { from, ok, what, retryAfterMs = 0, state, reason, rtt } = news
  if (rtt !== undefined) address.rtt = rtt
  address.learn({ from, ok, what, retryAfterMs }, { state, reason })
}

/** Undefined for a text that another version of Baton may have written. */
function readNews(text: string): TargetNews | undefined {
  try {
    const value: unknown = JSON.parse(text)

    return compiled.Check(value) ? value : undefined
  } catch {
    return undefined
  }
}
