/** Tells of what strangers can make happen as often as they like: the first time, and then not more than now and then. */
export class LogRateLimiter {
  readonly #pause: number
  readonly #now: () => number
  readonly #told = new Map<string, { at: number; times: number }>()

  /** @param pause milliseconds between two tellings of the same thing */
  constructor(pause: number, now = () => performance.now()) {
    this.#pause = pause
    this.#now = now
  }

  /** @param tell gets how often it has happened since it was last told, this time included */
  log(what: string, tell: (times: number) => void): void {
    const now = this.#now()
    const last = this.#told.get(what)
    if (last && now - last.at < this.#pause) {
      last.times += 1
      return
    }
    this.#told.set(what, { at: now, times: 0 })
    tell((last?.times ?? 0) + 1)
  }
}
