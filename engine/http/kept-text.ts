/** The highest budget for making the text, in milliseconds; a tenth of the passed time is added to the budget. */
const maxBudgetMs = 50
const budgetShare = 0.1

/** A text and its age in whole seconds, rounded up (RFC 9111 5.1); 0 when it was made for this request. */
export interface AgedText {
  readonly bytes: Buffer
  readonly age: number
}

/**
 * A text that is expensive to make and often requested, such as all metrics. Each request gets a fresh text, shared with
 * concurrent requests, while making takes at most a tenth of the time; beyond that, a request gets the last text again.
 */
export class KeptText {
  readonly #make: () => Promise<string>
  readonly #now: () => number
  #kept: Promise<Buffer> | undefined
  #keptSince = 0
  #isMaking = false
  #budgetMs = maxBudgetMs
  #countedAt: number

  /** @param now milliseconds of a monotonic clock */
  constructor(make: () => Promise<string>, now: () => number = () => performance.now()) {
    this.#make = make
    this.#now = now
    this.#countedAt = now()
  }

  /** Rejects when making the text fails; the next request then tries again. */
  async read(): Promise<AgedText> {
    const kept = this.#kept && (this.#isMaking || this.#budget() <= 0) ? this.#kept : undefined
    if (!kept) return { bytes: await (this.#kept = this.#makeOnce()), age: 0 }
    const age = Math.max(1, Math.ceil((this.#now() - this.#keptSince) / 1000))

    return { bytes: await kept, age }
  }

  #budget(): number {
    const now = this.#now()
    this.#budgetMs = Math.min(maxBudgetMs, this.#budgetMs + budgetShare * (now - this.#countedAt))
    this.#countedAt = now

    return this.#budgetMs
  }

  async #makeOnce(): Promise<Buffer> {
    const began = (this.#keptSince = this.#now())
    this.#isMaking = true
    try {
      return Buffer.from(await this.#make())
    } catch (error) {
      this.#kept = undefined
      throw error
    } finally {
      this.#isMaking = false
      this.#budgetMs -= this.#now() - began
    }
  }
}
