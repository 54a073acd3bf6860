import type { Limit } from '../../base/choice.ts'

/** How many calls the other Batons of one Redis have under one limit. */
export interface SharedCount {
  readonly calls: number
  /** Calls that began within the last second. */
  readonly starts: number
}

/** How the counts of other Batons are known. */
export interface LimitPeers {
  /** Batons that share the limits, this one included. */
  readonly batons: number
  /** Whether their counts are known: Redis answers (`fresh`), has answered once (`stale`), or is still to answer (`unheard`). */
  readonly counts: 'fresh' | 'stale' | 'unheard'
}

export const noOthers: SharedCount = { calls: 0, starts: 0 }
const secondMs = 1000

/**
 * Whether one more fits below a maximum. Beside other Batons, whose counts are a moment old, each takes at most its part of
 * what was free when they were read; while they cannot be read, each has its part of the maximum. Before the first answer,
 * others may have used the maximum up.
 * @param told this Baton's count as the others have it
 */
function fits(
  maximum: number,
  { now, told, others }: { now: number; told: number; others: number },
  { batons, counts }: LimitPeers,
): boolean {
  if (counts === 'unheard') return now < Math.min(1, maximum)
  if (batons <= 1) return now < maximum
  if (counts === 'stale') return now < Math.max(1, Math.floor(maximum / batons))
  const free = maximum - told - others

  return now + others < maximum && now < told + Math.max(1, Math.floor(free / batons))
}

/** The calls, and those of the last second, of one thing that has a limit. */
export class LimitCounter {
  calls = 0
  /** Calls that wait for room; new ones do not overtake them. */
  waiting = 0
  #others = noOthers
  /** The counts that the other Batons are known to have, and those on their way to them. */
  #told = noOthers
  #telling = noOthers
  /** When each call of the last second began; those before `#first` are older. */
  #starts: number[] = []
  #first = 0

  /** Why no call can be taken now, such as `30 of 30 calls`; undefined when one can. */
  fullBecause({ calls, cps }: Limit, peers: LimitPeers, now: number): string | undefined {
    const others = this.#others
    if (calls !== undefined) {
      const counts = { now: this.calls, told: this.#told.calls, others: others.calls }
      if (!fits(calls, counts, peers)) return `${this.calls + others.calls} of ${calls} calls`
    }
    if (cps === undefined) return undefined
    const counts = { now: this.starts(now), told: this.#told.starts, others: others.starts }

    return fits(cps, counts, peers) ? undefined : `${counts.now + others.starts} of ${cps} new calls a second`
  }

  begin(limit: Limit, now: number): void {
    this.calls += 1
    if (limit.cps !== undefined) this.#starts.push(now)
  }

  end(): void {
    this.calls -= 1
  }

  /** The calls that began within the last second. */
  starts(now: number): number {
    while (this.#first < this.#starts.length && (this.#starts[this.#first] ?? 0) <= now - secondMs) this.#first += 1
    if (this.#first * 2 > this.#starts.length) {
      this.#starts = this.#starts.slice(this.#first)
      this.#first = 0
    }

    return this.#starts.length - this.#first
  }

  /** The counts of all Batons, as far as they are known. */
  total(now: number): SharedCount {
    return { calls: this.calls + this.#others.calls, starts: this.starts(now) + this.#others.starts }
  }

  /** The counts of this Baton, for the others. Until Redis has answered, these may have them or those of before. */
  tell(now: number): SharedCount {
    const { calls, starts } = this.#told
    this.#telling = { calls: this.calls, starts: this.starts(now) }
    this.#told = { calls: Math.min(calls, this.#telling.calls), starts: Math.min(starts, this.#telling.starts) }

    return this.#telling
  }

  /** The counts of the other Batons have been read, and they have been told this one's. */
  noteOthers(others: SharedCount): void {
    this.#others = others
    this.#told = this.#telling
  }

  /** Whether nothing is counted, here or elsewhere. */
  isIdle(now: number): boolean {
    return this.calls === 0 && this.waiting === 0 && this.starts(now) === 0 && this.#others === noOthers
  }
}
