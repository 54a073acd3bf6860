import type { Limit } from '../../base/choice.ts'

/** What the other Batons of one Redis have of something that has a limit. */
export interface SharedCount {
  readonly calls: number
  /** Calls that began within the last second. */
  readonly starts: number
}

/** How the counts of other Batons are known. */
export interface LimitPeers {
  /** Batons that share the limits, this one included. */
  readonly batons: number
  /** Whether their counts are fresh: Redis answers. */
  readonly isFresh: boolean
}

export const noOthers: SharedCount = { calls: 0, starts: 0 }
const secondMs = 1000

/**
 * Whether one more fits below a maximum. Beside other Batons, whose counts are a moment old, each takes at most its part of
 * what was free when they were read; while they cannot be read, each has its part of the maximum.
 * @param then this Baton's count when the others' were read
 */
function fits(
  maximum: number,
  { now, then, others }: { now: number; then: number; others: number },
  { batons, isFresh }: LimitPeers,
): boolean {
  if (batons <= 1) return now < maximum
  if (!isFresh) return now < Math.max(1, Math.floor(maximum / batons))
  const free = maximum - then - others

  return now + others < maximum && now < then + Math.max(1, Math.floor(free / batons))
}

/** The calls, and those of the last second, of one thing that has a limit. */
export class LimitCounter {
  calls = 0
  /** Calls that wait for room; new ones do not overtake them. */
  waiting = 0
  #others = noOthers
  #callsThen = 0
  #startsThen = 0
  /** When each call of the last second began; those before `#first` are older. */
  #starts: number[] = []
  #first = 0

  /** Why no call can be taken now, such as `30 of 30 calls`; undefined when one can. */
  fullBecause({ calls, cps }: Limit, peers: LimitPeers, now: number): string | undefined {
    const others = this.#others
    if (calls !== undefined) {
      const counts = { now: this.calls, then: this.#callsThen, others: others.calls }
      if (!fits(calls, counts, peers)) return `${this.calls + others.calls} of ${calls} calls`
    }
    if (cps === undefined) return undefined
    const counts = { now: this.starts(now), then: this.#startsThen, others: others.starts }

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

  /** The counts of the other Batons have been read. */
  noteOthers(others: SharedCount, now: number): void {
    this.#others = others
    this.#callsThen = this.calls
    this.#startsThen = this.starts(now)
  }

  /** Whether nothing is counted, here or elsewhere. */
  isIdle(now: number): boolean {
    return this.calls === 0 && this.waiting === 0 && this.starts(now) === 0 && this.#others === noOthers
  }
}
