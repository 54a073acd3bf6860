import type { Trunk } from '../../config/index.ts'
import { wallTime, type Clock } from '../../engine/index.ts'

/** Bound on the calls of a day that a trunk is sent to numbers of one beginning. */
export interface Cap {
  /** Names it on every Baton. */
  readonly key: string
  readonly trunk: string
  readonly prefix: string
  readonly callsPerDay: number
}

/** A cap with what is used of it today: calls that were answered, and those that are being set up. */
export interface CapUse extends Cap {
  readonly used: number
}

/** A share of a cap that is worth a warning. */
type CapLevel = 'near' | 'reached'

interface CapCounter {
  readonly cap: Cap
  /** Calls of all Batons today, as the store had them last. */
  stored: number
  /** Calls of this Baton that the store does not have yet. */
  unsaved: number
  /** Calls that are being set up. */
  reserved: number
  warned: CapLevel | undefined
}

const nearShare = 0.8

function capOn(trunk: string, cap: Pick<Cap, 'prefix' | 'callsPerDay'>): Cap {
  return { key: `${trunk} ${cap.prefix}`, trunk, ...cap }
}

/** The cap of a trunk that a call to a number counts for: that of the longest prefix. */
export function capOf({ name, caps }: Trunk, number: string | undefined): Cap | undefined {
  if (!caps || number === undefined) return undefined
  const found = caps.find(({ prefix }) => number.startsWith(prefix))

  return found && capOn(name, found)
}

/**
 * Counts the calls of the day (UTC) for the caps of trunks. A call counts while it is set up, and for the rest of the day once
 * it has been answered; one that fails is given back.
 */
export class DailyCaps {
  readonly #clock: Clock
  readonly #counters: ReadonlyMap<string, CapCounter>
  readonly #warn: (level: CapLevel, use: CapUse) => void
  #day: string
  #batons = 1

  constructor(trunks: readonly Trunk[], clock: Clock, warn: (level: CapLevel, use: CapUse) => void) {
    this.#clock = clock
    this.#warn = warn
    this.#day = this.#today()
    this.#counters = new Map(
      trunks.flatMap(({ name, caps = [] }) =>
        caps.map((each): [string, CapCounter] => {
          const cap = capOn(name, each)

          return [cap.key, { cap, stored: 0, unsaved: 0, reserved: 0, warned: undefined }]
        }),
      ),
    )
  }

  get size(): number {
    return this.#counters.size
  }

  /** The present day, such as `2026-11-28`, in UTC. */
  get day(): string {
    const today = this.#today()
    if (today !== this.#day) {
      this.#day = today
      for (const counter of this.#counters.values()) {
        Object.assign(counter, { stored: 0, unsaved: 0, warned: undefined })
      }
    }

    return this.#day
  }

  /** When the present day ends, in milliseconds since the epoch. */
  get resetsAt(): number {
    return Date.parse(this.day) + 86_400_000
  }

  list(): CapUse[] {
    return this.day === '' ? [] : Array.from(this.#counters.values(), useOf)
  }

  /** Why no call can be taken, such as `200 of 200 calls to +44 today (UTC)`; undefined when one can. */
  fullBecause({ key, callsPerDay, prefix }: Cap): string | undefined {
    const counter = this.#current(key)
    if (!counter) return undefined
    const { stored, unsaved, reserved } = counter
    const own = unsaved + reserved
    // Other Batons do not know of calls that are not stored: of what is left, each has its part for these.
    const part = Math.max(1, Math.floor((callsPerDay - stored) / this.#batons))
    const hasRoom = stored + own < callsPerDay && own < part

    return hasRoom ? undefined : `${stored + own} of ${callsPerDay} calls to ${prefix} today (UTC)`
  }

  /** A call is being set up. */
  reserve({ key }: Cap): void {
    const counter = this.#current(key)
    if (counter) counter.reserved += 1
  }

  /** A call that was being set up has failed, or has been answered. */
  settle({ key }: Cap, isAnswered: boolean): void {
    const counter = this.#current(key)
    if (!counter) return
    counter.reserved -= 1
    if (!isAnswered) return
    counter.unsaved += 1
    this.#warnOf(counter)
  }

  /** The calls that the store does not have yet. */
  unsaved(): Map<string, number> {
    const calls = new Map<string, number>()
    if (this.day === '') return calls
    for (const [key, { unsaved }] of this.#counters) if (unsaved > 0) calls.set(key, unsaved)

    return calls
  }

  /**
   * The store has taken these calls of a day.
   * @param totals the calls of all Batons on that day
   */
  saved(day: string, calls: ReadonlyMap<string, number>, totals: Readonly<Record<string, number>>): void {
    if (day !== this.day) return
    for (const [key, counter] of this.#counters) {
      counter.unsaved = Math.max(0, counter.unsaved - (calls.get(key) ?? 0))
      counter.stored = totals[key] ?? 0
      this.#warnOf(counter)
    }
  }

  /** How many Batons share the caps, this one included. */
  noteBatons(batons: number): void {
    this.#batons = Math.max(1, batons)
  }

  /** The keys of the caps of a trunk. */
  keysOf(trunk: string): string[] {
    return [...this.#counters.values()].flatMap(({ cap }) => (cap.trunk === trunk ? cap.key : []))
  }

  /** Starts the day of a trunk again at none, but for calls that are being set up. */
  reset(trunk: string): void {
    for (const counter of this.#counters.values()) {
      if (counter.cap.trunk !== trunk) continue
      Object.assign(counter, { stored: 0, unsaved: 0, warned: undefined })
    }
  }

  #today(): string {
    return new Date(wallTime(this.#clock.now())).toISOString().slice(0, 10)
  }

  #current(key: string): CapCounter | undefined {
    return this.day === '' ? undefined : this.#counters.get(key)
  }

  #warnOf(counter: CapCounter): void {
    const use = useOf(counter)
    const { callsPerDay, used } = use
    if (used < nearShare * callsPerDay) return
    const level = used >= callsPerDay ? 'reached' : 'near'
    if (level === counter.warned || counter.warned === 'reached') return
    counter.warned = level
    this.#warn(level, use)
  }
}

function useOf({ cap, stored, unsaved, reserved }: CapCounter): CapUse {
  return { ...cap, used: stored + unsaved + reserved }
}
