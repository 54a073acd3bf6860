import type { Clock, Timer } from '../../engine/index.ts'
import type { DailyCaps } from './daily-caps.ts'
import { LimitCounter, noOthers, type LimitPeers, type SharedCount } from './limit-counter.ts'
import type { LimitNeed } from './limit-need.ts'

/** Room that a call has taken. */
export interface Lease {
  /** The limits that it counts under. */
  readonly needs: readonly LimitNeed[]
  /** The call has been answered: it counts under the caps of its trunk for the rest of the day. */
  noteAnswered(): void
  /** Idempotent. */
  release(): void
}

/** The room that a call lacks. */
export interface FullLimit {
  readonly need: LimitNeed
  /** For people, such as `trunk carrier has 30 of 30 calls`. */
  readonly what: string
}

/** A call that waits for room in one of several choices. */
export interface WaitingCall {
  readonly choices: readonly (readonly LimitNeed[])[]
  granted(choice: number, lease: Lease): void
  expired(): void
}

/** The lease of a call that has taken no room. */
export const noLease: Lease = { needs: [], noteAnswered: () => undefined, release: () => undefined }
const alone: LimitPeers = { batons: 1, counts: 'fresh' }
/** How often calls that wait for room look for it, besides each time that a call ends. */
const lookIntervalMs = 100

/** What a call uses of the limits. */
export type RoomBook = Pick<Limits, 'take' | 'takeUp' | 'noteRefusal' | 'wait'>

/**
 * Counts the calls of whatever has a limit. Counting in this Baton is exact and at once; the counts of the other Batons of
 * one Redis are a moment old (`SharedLimits`).
 */
export class Limits {
  readonly #clock: Clock
  readonly #caps: DailyCaps | undefined
  readonly #counters = new Map<string, LimitCounter>()
  readonly #refusals = new Map<string, { need: LimitNeed; count: number }>()
  /** The calls that wait, in the order in which they came, each with what ends its wait. */
  readonly #waiting = new Map<WaitingCall, () => void>()
  #peers = alone
  #timer: Timer | undefined

  /** @param caps of the trunks, in calls a day; without it, no cap counts */
  constructor(clock: Clock, caps?: DailyCaps) {
    this.#clock = clock
    this.#caps = caps
  }

  /** How many things are counted; 0 when nothing is left over. */
  get size(): number {
    return this.#counters.size
  }

  /** The refusals of each thing that has a limit. */
  get refusals(): IterableIterator<{ need: LimitNeed; count: number }> {
    return this.#refusals.values()
  }

  /** Takes room for a call in all of them, or in none. */
  take(needs: readonly LimitNeed[]): Lease | FullLimit {
    if (needs.length === 0) return noLease
    const full = this.#full(needs, true)

    return full ?? this.#lease(needs)
  }

  /** Room for a call of the process before, full or not. What counts by the day was counted then. */
  takeUp(needs: readonly LimitNeed[]): Lease {
    return this.#lease(needs.filter(({ cap }) => !cap))
  }

  /** The room that a call would lack now; undefined when there is room. */
  lacking(needs: readonly LimitNeed[]): FullLimit | undefined {
    return this.#full(needs, true)
  }

  /** How much of a limit this Baton and, as far as is known, the others use. */
  usedOf({ key }: Pick<LimitNeed, 'key'>): SharedCount {
    return this.#counters.get(key)?.total(this.#clock.now()) ?? noOthers
  }

  /** A call has been refused for want of room. */
  noteRefusal({ need }: FullLimit): void {
    const known = this.#refusals.get(need.key)
    if (known) known.count += 1
    else this.#refusals.set(need.key, { need, count: 1 })
  }

  /**
   * Waits for room in one of the choices, behind the calls that wait already.
   * @returns a function that ends the wait; idempotent
   */
  wait(call: WaitingCall, seconds: number): () => void {
    // The wait is for the limits that are full; the others of a choice are not kept from other calls.
    const keys = new Set(
      call.choices.flatMap((needs) => {
        const full = this.#full(needs, true)

        return full && !full.need.cap ? full.need.key : []
      }),
    )
    for (const key of keys) this.#counter(key).waiting += 1
    const end = (): void => {
      if (!this.#waiting.delete(call)) return
      timer.cancel()
      for (const key of keys) this.#counter(key).waiting -= 1
      if (this.#waiting.size === 0) this.#timer?.cancel()
      this.#sweep(keys)
    }
    const timer = this.#clock.after(seconds * 1000, () => {
      end()
      call.expired()
    })
    this.#waiting.set(call, end)
    if (this.#waiting.size === 1) this.#look()

    return end
  }

  /** The counts of this Baton, for the others. */
  tell(): Map<string, SharedCount> {
    const now = this.#clock.now()
    const counts = new Map<string, SharedCount>()
    for (const [key, counter] of this.#counters) {
      const told = counter.tell(now)
      if (told.calls > 0 || told.starts > 0) counts.set(key, told)
    }

    return counts
  }

  /**
   * @param batons how many Batons share the limits, this one included
   * @param counts `stale` when not all of them have been heard since Redis was away
   */
  noteOthers(others: ReadonlyMap<string, SharedCount>, batons: number, counts: 'fresh' | 'stale' = 'fresh'): void {
    this.#peers = { batons, counts }
    this.#caps?.noteBatons(batons)
    for (const key of others.keys()) this.#counter(key)
    for (const [key, counter] of this.#counters) counter.noteOthers(others.get(key) ?? noOthers)
    this.#sweep(this.#counters.keys())
    this.#serve()
  }

  /** The counts of the other Batons cannot be read: each Baton has its part of each limit meanwhile. */
  noteUnreachable(): void {
    this.#peers = { ...this.#peers, counts: 'stale' }
  }

  /** The first limit is in force: the other Batons may have used it up, and are about to be asked. */
  noteUnheard(): void {
    this.#peers = { ...this.#peers, counts: 'unheard' }
  }

  /** Idempotent. */
  close(): void {
    for (const end of [...this.#waiting.values()]) end()
  }

  #counter(key: string): LimitCounter {
    let counter = this.#counters.get(key)
    if (!counter) this.#counters.set(key, (counter = new LimitCounter()))

    return counter
  }

  #full(needs: readonly LimitNeed[], isNew: boolean): FullLimit | undefined {
    const now = this.#clock.now()
    for (const need of needs) {
      if (need.cap) {
        const why = this.#caps?.fullBecause(need.cap)
        if (why !== undefined) return { need, what: `trunk ${need.name} has ${why}` }
        continue
      }
      const counter = this.#counters.get(need.key)
      if (!counter) continue
      const isBehind = isNew && counter.waiting > 0
      const why = isBehind ? `${counter.waiting} waiting` : counter.fullBecause(need.limit, this.#peers, now)
      if (why !== undefined) return { need, what: `${need.kind} ${need.name} has ${why}` }
    }

    return undefined
  }

  #lease(needs: readonly LimitNeed[]): Lease {
    const now = this.#clock.now()
    for (const { key, limit, cap } of needs) {
      if (cap) this.#caps?.reserve(cap)
      else this.#counter(key).begin(limit, now)
    }
    let isHeld = true
    let isSettled = false
    const settle = (isAnswered: boolean): void => {
      if (isSettled) return
      isSettled = true
      for (const { cap } of needs) if (cap) this.#caps?.settle(cap, isAnswered)
    }

    return {
      needs,
      noteAnswered: () => {
        settle(true)
      },
      release: () => {
        if (!isHeld) return
        isHeld = false
        settle(false)
        for (const { key, cap } of needs) if (!cap) this.#counter(key).end()
        this.#sweep(needs.map(({ key }) => key))
        this.#serve()
      },
    }
  }

  /** Calls of the last second are forgotten without an event. */
  #look(): void {
    this.#timer = this.#clock.after(lookIntervalMs, () => {
      if (this.#waiting.size === 0) return
      this.#look()
      this.#serve()
    })
  }

  /** First come, first served. */
  #serve(): void {
    for (const [call, end] of this.#waiting) {
      const choice = call.choices.findIndex((needs) => !this.#full(needs, false))
      const needs = call.choices[choice]
      if (!needs) continue
      end()
      call.granted(choice, this.#lease(needs))
    }
  }

  #sweep(keys: Iterable<string>): void {
    const now = this.#clock.now()
    for (const key of keys) if (this.#counters.get(key)?.isIdle(now)) this.#counters.delete(key)
  }
}

export function isFull(taken: Lease | FullLimit): taken is FullLimit {
  return 'need' in taken
}
