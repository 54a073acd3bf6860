/** Limits log lines about events that peers can cause at any rate: the first is logged, then one per interval. */
export class LogRateLimiter {
  readonly #intervalMs: number
  readonly #now: () => number
  readonly #logged = new Map<string, { at: number; times: number }>()

  constructor(intervalMs: number, now = () => performance.now()) {
    this.#intervalMs = intervalMs
    this.#now = now
  }

  /**
   * @param kind events of one kind share the limit
   * @param write gets the number of events since the last line, this one included
   */
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
