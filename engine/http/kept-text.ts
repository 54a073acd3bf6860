/** Milliseconds of making that an idle process has in stock; a tenth of the time is added while it lasts. */
const maxBudgetMs = 50
const budgetShare = 0.1

/** A text, and for how many whole seconds, rounded up, it is no longer new (RFC 9111 5.1); 0 when it was made for this request. */
export interface AgedText {
  readonly bytes: Buffer
  readonly age: number
}

/**
 * A text that takes long to make and that many may ask for, such as all metrics. Each request gets a fresh one, made once
 * for all that ask meanwhile, as long as making takes no more than a tenth of the time; beyond that, the last one again.
 */
export class KeptText {
  readonly #make: () => Promise<string>
  readonly #now: () => number
  #kept: Promise<Buffer> | undefined
  #keptSince = 0
  #isMaking = false
  #budgetMs = maxBudgetMs
  #countedAt: number

  /** @param now milliseconds of a clock that is never set back */
  constructor(make: () => Promise<string>, now: () => number = () => performance.now()) {
    this.#make = make
    this.#now = now
    this.#countedAt = now()
  }

  /** The text. Rejects as making it does, and is made anew for the next request then. */
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
