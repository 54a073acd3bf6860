import { BoundedMap } from '../../engine/index.ts'

const maxKeys = 5_000

/** Counts what each source does within a time. It goes by a clock that never steps back, and remembers a bounded number of sources. */
export class WindowedCounts {
  readonly #windowMs: number
  readonly #now: () => number
  readonly #windows = new BoundedMap<{ count: number; since: number }>(maxKeys)

  constructor(windowMs: number, now = () => performance.now()) {
    this.#windowMs = windowMs
    this.#now = now
  }

  /** Counts one. Returns how many there were in the window, this one included, and when the window is over. */
  count(key: string): { count: number; leftMs: number } {
    const now = this.#now()
    const window = this.#windows.get(key)
    if (window && now - window.since < this.#windowMs) {
      window.count += 1

      return { count: window.count, leftMs: window.since + this.#windowMs - now }
    }
    this.#windows.set(key, { count: 1, since: now })

    return { count: 1, leftMs: this.#windowMs }
  }
}
