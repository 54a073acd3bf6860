import type { Clock } from '../../engine/index.ts'
import { percentileOf } from '../../routes/index.ts'

/** The others may have to tell of themselves again, in a Redis that was emptied: before it has asked so often, a new Baton gives out no number. */
const minHearings = 5
/** The reservations of a Baton that is lost last so long: its callers may still be on their way. */
const lostHoldMs = 60_000

/** A Baton that has heard nothing of the others for so long gives out no number. */
const aloneAfterMs = 240_000
/**
 * A Baton of which the others have heard nothing for so long is lost, and its numbers are theirs. What it has reserved before it
 * stopped giving out numbers is free by then, unless its transfer and the hold take more than six minutes.
 */
export const lostAfterMs = 600_000

/** The numbers of pools that transfers have reserved, each for one transfer at a time. */
export interface NumberReserver {
  /** Reserves the number that has been free for longest; undefined when all are taken. */
  take(numbers: readonly string[]): string | undefined
  /** The transfer is over: the number is free after so many seconds. */
  release(number: string, holdSeconds: number): void
  /** Goes on with what the process before had reserved. @param until Infinity for a transfer that goes on */
  takeUp(number: string, until: number): void
}

/** What a Baton tells the others. */
export interface PoolNews {
  /** The numbers that it has reserved. */
  readonly numbers: readonly string[]
  /** The other Batons that it knows of: it gives out none of their numbers. */
  readonly knows: readonly string[]
}

/** The numbers that another Baton has reserved, as it told last. */
interface OtherBaton {
  readonly numbers: ReadonlySet<string>
  /** Infinity while it lives. */
  until: number
}

/**
 * Reservations of this Baton, and what is known of those of the others. Each number belongs to one of the Batons that live
 * (rendezvous hashing), and a Baton gives out its own once all of them know of it: so two never give out the same one, and no
 * transfer waits for Redis.
 */
export class NumberPools implements NumberReserver {
  readonly #clock: Clock
  readonly #id: string
  /** By number, the time until which it is reserved. */
  readonly #reserved = new Map<string, number>()
  readonly #lastUsed = new Map<string, number>()
  readonly #others = new Map<string, OtherBaton>()
  /** The other Batons that live. */
  #members: readonly string[] = []
  /** Whether all of them know of this one. */
  #isKnown: boolean
  /** How often the others were heard of. */
  #hearings = 0
  #heardAt: number
  readonly #isShared: boolean

  /** @param isShared whether other Batons may give out the same numbers: none is given out before they are known */
  constructor(clock: Clock, id: string, isShared: boolean) {
    this.#clock = clock
    this.#id = id
    this.#isShared = isShared
    this.#isKnown = !isShared
    this.#heardAt = -Infinity
  }

  take(numbers: readonly string[]): string | undefined {
    const now = this.#clock.now()
    let longest: string | undefined
    if (!this.#mayGive(now)) return undefined
    for (const number of numbers) {
      if (longest !== undefined && this.#usedAt(number) >= this.#usedAt(longest)) continue
      if (this.#isFree(number, now)) longest = number
    }
    if (longest === undefined) return undefined
    this.#reserved.set(longest, Infinity)
    this.#lastUsed.set(longest, now)

    return longest
  }

  release(number: string, holdSeconds: number): void {
    const now = this.#clock.now()
    if (!this.#reserved.has(number)) return
    this.#reserved.set(number, now + holdSeconds * 1000)
    this.#lastUsed.set(number, now)
  }

  takeUp(number: string, until: number): void {
    this.#reserved.set(number, Math.max(until, this.#reserved.get(number) ?? 0))
    this.#lastUsed.set(number, this.#clock.now())
  }

  /** What this Baton tells the others now. */
  news(): PoolNews {
    const now = this.#clock.now()
    for (const [number, until] of this.#reserved) if (until <= now) this.#reserved.delete(number)

    return { numbers: [...this.#reserved.keys()], knows: this.#members }
  }

  /** The other Batons that live, and what each has told last. */
  noteOthers(living: ReadonlyMap<string, PoolNews>): void {
    const now = (this.#heardAt = this.#clock.now())
    this.#hearings += 1
    for (const [baton, other] of this.#others) {
      if (other.until === Infinity && !living.has(baton)) other.until = now + lostHoldMs
      if (other.until <= now) this.#others.delete(baton)
    }
    for (const [baton, { numbers }] of living) {
      this.#others.set(baton, { numbers: new Set(numbers), until: Infinity })
    }
    this.#members = [...living.keys()]
    this.#isKnown = [...living.values()].every(({ knows }) => knows.includes(this.#id))
  }

  #usedAt(number: string): number {
    return this.#lastUsed.get(number) ?? -Infinity
  }

  #isFree(number: string, now: number): boolean {
    if ((this.#reserved.get(number) ?? 0) > now || !this.#isOwn(number)) return false
    for (const { numbers, until } of this.#others.values()) if (until > now && numbers.has(number)) return false

    return true
  }

  #isOwn(number: string): boolean {
    return ownerOf(number, [...this.#members, this.#id]) === this.#id
  }

  /** Whether the others leave this Baton's numbers to it. */
  #mayGive(now: number): boolean {
    if (!this.#isShared) return true

    return this.#isKnown && this.#hearings >= minHearings && now - this.#heardAt <= aloneAfterMs
  }
}

/** The Baton that may give a number out: the same for all that know of the same Batons. */
export function ownerOf(number: string, batons: readonly string[]): string | undefined {
  let owner: string | undefined
  let highest = -1
  for (const baton of batons) {
    const rank = percentileOf(number, baton)
    if (rank > highest || (rank === highest && baton > (owner ?? ''))) [owner, highest] = [baton, rank]
  }

  return owner
}
