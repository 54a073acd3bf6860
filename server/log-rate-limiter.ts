/** Limits log lines whose cause an unknown source can repeat at will: one line of each kind at once, then one per interval. */
export class LogRateLimiter {
  readonly #intervalMs: number
  readonly #now: () => number
  readonly #logged = new Map<string, { at: number; times: number }>()

  constructor(intervalMs: number, now = () => performance.now()) {
    this.#intervalMs = intervalMs
    this.#now = now
  }

  /** @param write gets how often this kind has happened since its last line, this time included */
  log(kind: string, write: (times: number) => void): void {
    const now = this.#now()
    const last = this.#logged.get(kind)
    if (last && now - last.at < this.#intervalMs) {
      last.times += 1
      return
    }
    this.#logged.set(kind, { at: now, times: 0 })
    write((last?.times ?? 0) + 1)
  }
}
