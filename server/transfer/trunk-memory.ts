import { BoundedMap, copyText, type Clock } from '../../engine/index.ts'

/** Names that are remembered at most: redirected hosts are among them, which peers make up. */
const maxRemembered = 1000

/** What a trunk has refused, how, and until when (a moment of the clock, in milliseconds) that is remembered. */
export interface RememberedRefusal {
  readonly until: number
  /** Such as `403 Forbidden`. */
  readonly what: string
}

/** What trunks have refused lately, so that the next caller is not made to wait for the same refusal. */
export class TrunkMemory {
  readonly #clock: Clock
  readonly #refusals = new BoundedMap<RememberedRefusal>(maxRemembered)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * @param seconds how long it is remembered
   * @param what the refusal, in words
   */
  remember(trunk: string, seconds: number, what: string): void {
    const until = Math.max(this.#refusals.get(trunk)?.until ?? 0, this.#clock.now() + seconds * 1000)
    this.#refusals.set(trunk, { until, what: copyText(what) })
  }

  /** The refusal that is still remembered. */
  refusal(trunk: string): RememberedRefusal | undefined {
    const refusal = this.#refusals.get(trunk)

    return refusal && refusal.until > this.#clock.now() ? refusal : undefined
  }

  /** What is still remembered of a trunk, and of single targets of it (kept under `trunk target`). */
  refusalsOf(trunk: string): (RememberedRefusal & { target: string | undefined })[] {
    return this.#keysOf(trunk).flatMap((key) => {
      const refusal = this.refusal(key)
      const target = key === trunk ? undefined : key.slice(trunk.length + 1)

      return refusal ? [{ ...refusal, target }] : []
    })
  }

  /** Forgets what a trunk, and single targets of it, have refused. */
  forget(trunk: string): void {
    for (const key of this.#keysOf(trunk)) this.#refusals.delete(key)
  }

  #keysOf(trunk: string): string[] {
    return [...this.#refusals.keys()].filter((key) => key === trunk || key.startsWith(`${trunk} `))
  }

  /** The same refusals, as another clock has them; what is remembered in the copy is not here. */
  copy(clock: Clock): TrunkMemory {
    const copy = new TrunkMemory(clock)
    for (const [trunk, refusal] of this.#refusals) copy.#refusals.set(trunk, refusal)

    return copy
  }
}
