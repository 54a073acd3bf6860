import { randomUUID } from 'node:crypto'
import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { targetStates } from './target-machine.ts'
import type { TargetPeers } from './target-peers.ts'
import type { TargetReport, WatchedTarget } from './target.ts'

/** How many targets are asked for in one command. */
const maxBatch = 500
/** A call's result is kept for so long for Batons that start meanwhile: the first back-off, or Retry-After where it is longer. */
const keptCallMs = 10_000
/** A probe's result is kept for so many intervals of its target. */
const maxKeptIntervals = 3

const TargetNews = Type.Object({
  /** The Baton that tells it. */
  baton: Type.String(),
  id: Type.String(),
  /** The target's state at that Baton. */
  state: Type.Enum([...targetStates]),
  reason: Type.String(),
  from: Type.Enum(['probe', 'call']),
  ok: Type.Boolean(),
  what: Type.String(),
  retryAfterMs: Type.Optional(Type.Number()),
  rtt: Type.Optional(Type.Number()),
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

  /** @param intervalMs between two probes of the target */
  tell(target: WatchedTarget, lesson: TargetReport, intervalMs = 0): void {
    const { id, state, reason, rtt } = target
    const { from, retryAfterMs = 0 } = lesson
    const news: TargetNews = {
      baton: this.#baton,
      id,
      state,
      reason,
      ...lesson,
      ...(from === 'probe' && rtt !== undefined && { rtt }),
    }
    const keptMs = from === 'call' ? Math.max(keptCallMs, retryAfterMs) : maxKeptIntervals * intervalMs
    this.#options.peers.tell(id, JSON.stringify(news), Math.max(keptMs, keptCallMs))
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

  #take({ id, state, reason, rtt, from, ok, what, retryAfterMs = 0 }: TargetNews): void {
    const { find, probed } = this.#options
    const target = find(id)
    if (!target) return
    if (rtt !== undefined) target.rtt = rtt
    target.learn({ from, ok, what, retryAfterMs }, { state, reason })
    if (from === 'probe') probed(target)
  }
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
