import { setTimeout as delay } from 'node:timers/promises'

import type { Clock, Timer } from '../../engine/clock/index.ts'

/** A clock that stands still until it is told to move. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000
  #timers = new Set<{ at: number; fn: () => void }>()

  get size(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  after<T>(ms: number, fn: (of: T) => void, of?: T): Timer {
    const entry = { at: this.#now + ms, fn: () => fn(of as T) }
    this.#timers.add(entry)
    return { cancel: () => this.#timers.delete(entry) }
  }

  clear(): void {
    this.#timers.clear()
  }

  /** Moves on by `ms`, firing what falls due in its order, what is set on the way included. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      let next: { at: number; fn: () => void } | undefined
      for (const entry of this.#timers) if (entry.at <= end && (!next || entry.at < next.at)) next = entry
      if (!next) break
      this.#now = next.at
      this.#timers.delete(next)
      next.fn()
    }
    this.#now = end
  }
  /** Moves on by steps, with time for messages to arrive after each, until the condition holds; rejects after `maxMs`. */
  async advanceUntil(what: string, stepMs: number, condition: () => boolean, maxMs = 300_000): Promise<void> {
    for (let passedMs = 0; !condition(); passedMs += stepMs) {
      if (passedMs > maxMs) throw new Error(`not within ${maxMs} ms of this clock: ${what}`)
      this.advance(stepMs)
      await delay(2)
    }
  }
}
