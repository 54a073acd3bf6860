/** The bytes that ladders may hold. */
export interface LadderLimits {
  /** Of one call. */
  perCall: number
  /** Of all calls together. */
  total: number
}

/** A ladder whose messages give way to those of later calls. */
interface Yielding {
  clear(): void
}

/** The memory of all ladders together: the ladder of the call that ended first gives way when there is no more. */
export class LadderMemory {
  readonly limits: LadderLimits
  readonly #ended = new Set<Yielding>()
  #used = 0

  constructor(limits: LadderLimits) {
    this.limits = limits
  }

  /** Bytes that are held now. */
  get used(): number {
    return this.#used
  }

  /** The call of this ladder has ended: its messages may give way. */
  ended(ladder: Yielding): void {
    this.#ended.add(ladder)
  }

  /** Returns false when live calls alone take all there is. */
  take(bytes: number): boolean {
    for (const ladder of this.#ended) {
      if (this.#used + bytes <= this.limits.total) break
      this.#ended.delete(ladder)
      ladder.clear()
    }
    if (this.#used + bytes > this.limits.total) return false
    this.#used += bytes

    return true
  }

  give(bytes: number): void {
    this.#used -= bytes
  }

  /** The ladder is not kept any more. */
  forget(ladder: Yielding): void {
    this.#ended.delete(ladder)
    ladder.clear()
  }
}
