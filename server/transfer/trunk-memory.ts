import { BoundedMap, copyText, type Clock } from '../../engine/index.ts'

/** Peers can make up names: the hosts of redirections are among them. */
const maxRemembered = 1000

/** A refusal of a trunk, and until when (a time of the clock, in milliseconds) it is remembered. */
export interface RememberedRefusal {
  readonly until: number
  /** For people, such as `403 Forbidden`. */
  readonly what: string
}

/** The features that a trunk may refuse. */
export const refusableFeatures = ['refer', 'srtp'] as const
export type RefusedFeature = (typeof refusableFeatures)[number]

/** What trunks have refused lately: REFER, and SRTP by their gateways and hosts. */
export type TrunkMemories = Readonly<Record<RefusedFeature, TrunkMemory>>

export function newTrunkMemories(clock: Clock): TrunkMemories {
  return { refer: new TrunkMemory(clock), srtp: new TrunkMemory(clock) }
}

/** The latest refusals of each trunk, so that the next caller does not wait for the same refusal. */
export class TrunkMemory {
  readonly #clock: Clock
  readonly #refusals = new BoundedMap<RememberedRefusal>(maxRemembered)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  remember(trunk: string, seconds: number, what: string): void {
    const until = Math.max(this.#refusals.get(trunk)?.until ?? 0, this.#clock.now() + seconds * 1000)
    this.#refusals.set(trunk, { until, what: copyText(what) })
  }

  /** The refusal that is still remembered. */
  refusal(trunk: string): RememberedRefusal | undefined {
    const refusal = this.#refusals.get(trunk)

    return refusal && refusal.until > this.#clock.now() ? refusal : undefined
  }

  /** The refusals that are still remembered of a trunk, and of single targets of it (kept under `trunk target`). */
  refusalsOf(trunk: string): (RememberedRefusal & { target: string | undefined })[] {
    return this.#keysOf(trunk).flatMap((key) => {
      const refusal = this.refusal(key)
      const target = key === trunk ? undefined : key.slice(trunk.length + 1)

      return refusal ? [{ ...refusal, target }] : []
    })
  }

  /** Forgets the refusals of a trunk and of single targets of it. */
  forget(trunk: string): void {
    for (const key of this.#keysOf(trunk)) this.#refusals.delete(key)
  }

  #keysOf(trunk: string): string[] {
    return [...this.#refusals.keys()].filter((key) => key === trunk || key.startsWith(`${trunk} `))
  }

  /** A copy that another clock drives. */
  copy(clock: Clock): TrunkMemory {
    const copy = new TrunkMemory(clock)
    for (const [trunk, refusal] of this.#refusals) copy.#refusals.set(trunk, refusal)

    return copy
  }
}
