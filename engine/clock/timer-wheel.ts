import { type Clock, type Timer, monotonicNow } from './clock.ts'

const SLOT_MS = 10
// Timers of 4 s and more clean up (timers B, D, H, J): they share slots of 250 ms, which costs fewer wake-ups.
const LONG_MS = 4000
const LONG_SLOTS = 25
// A turn of 41 s: every timer of RFC 3261 but C (64*T1 = 32 s) fires in the turn in which it was set.
const SLOTS = 4096
const MASK = SLOTS - 1

/**
 * A hashed timing wheel: `after` and `cancel` cost the same however many timers run, and one real timer is armed, for the
 * next slot that holds something. A timer fires up to 10 ms late, one of 4 s or more up to 250 ms, never early.
 */
export class TimerWheel implements Clock {
  readonly #slots: (Entry | undefined)[] = new Array<Entry | undefined>(SLOTS).fill(undefined)
  readonly #onError: (error: unknown) => void
  readonly #wake = () => this.#advance()
  /** Ticks are counted from here: V8 keeps a small integer without an object of its own. */
  readonly #startMs = monotonicNow()
  /** The last tick whose slot has been emptied. */
  #tick = 0
  #size = 0
  #armed: NodeJS.Timeout | undefined
  #armedTick = Infinity

  /** `onError` gets what a timer's function throws (default: a process warning); the other timers run all the same. */
  constructor(onError: (error: unknown) => void = warn) {
    this.#onError = onError
  }

  /** How many timers are set. */
  get size(): number {
    return this.#size
  }

  now(): number {
    return monotonicNow()
  }

  after<T>(ms: number, fn: (of: T) => void, of?: T): Timer {
    const now = this.now() - this.#startMs
    if (this.#size === 0) this.#tick = Math.floor(now / SLOT_MS)
    const slots = ms < LONG_MS ? 1 : LONG_SLOTS
    const tick = Math.max(Math.ceil((now + ms) / (SLOT_MS * slots)) * slots, this.#tick + 1)
    const entry = new Entry(this, tick, fn as (of: unknown) => void, of)
    this.#link(entry)
    this.#size += 1
    if (tick < this.#armedTick) this.#arm(tick, now)

    return entry
  }

  /** Cancels every timer. */
  clear(): void {
    for (const head of this.#slots) for (let entry = head; entry; entry = entry.next) entry.forget()
    this.#slots.fill(undefined)
    this.#size = 0
    this.#disarm()
  }

  /** Called by an entry's `cancel`, while it still waits. */
  remove(entry: Entry): void {
    if (entry.linked) this.#unlink(entry)
    this.#size -= 1
    if (this.#size === 0) this.#disarm()
  }

  #link(entry: Entry): void {
    const slot = entry.tick & MASK
    const head = this.#slots[slot]
    entry.next = head
    if (head) head.previous = entry
    this.#slots[slot] = entry
    entry.linked = true
  }

  #unlink(entry: Entry): void {
    const { previous, next } = entry
    if (previous) previous.next = next
    else this.#slots[entry.tick & MASK] = next
    if (next) next.previous = previous
    entry.previous = entry.next = undefined
    entry.linked = false
  }

  #arm(tick: number, now: number): void {
    if (this.#armed) clearTimeout(this.#armed)
    this.#armedTick = tick
    this.#armed = setTimeout(this.#wake, Math.max(1, tick * SLOT_MS - now))
  }

  #disarm(): void {
    if (this.#armed) clearTimeout(this.#armed)
    this.#armed = undefined
    this.#armedTick = Infinity
  }

  #advance(): void {
    this.#disarm()
    const due = this.#takeDue(Math.floor((this.now() - this.#startMs) / SLOT_MS))
    for (const entry of due) {
      // A timer that fired just before may have cancelled this one.
      if (!entry.isWaiting) continue
      this.#size -= 1
      try {
        entry.fire()
      } catch (error) {
        this.#onError(error)
      }
    }
    if (this.#size === 0) return
    const next = this.#nextOccupied()
    if (next < this.#armedTick) this.#arm(next, this.now() - this.#startMs)
  }

  /** Empties the slots up to `tick` of what is due, in order of time. */
  #takeDue(tick: number): Entry[] {
    const due: Entry[] = []
    // After a long sleep one turn visits every slot.
    const first = Math.max(this.#tick + 1, tick - SLOTS + 1)
    for (let visited = first; visited <= tick; visited += 1) {
      let entry = this.#slots[visited & MASK]
      while (entry) {
        const next = entry.next
        if (entry.tick <= tick) {
          this.#unlink(entry)
          due.push(entry)
        }
        entry = next
      }
    }
    if (tick > this.#tick) this.#tick = tick
    // Slots are last-in first-out.
    return due.reverse().sort((a, b) => a.tick - b.tick)
  }

  /** The tick of the next slot that is not empty; what it holds may be due some turns later. */
  #nextOccupied(): number {
    for (let tick = this.#tick + 1; tick <= this.#tick + SLOTS; tick += 1) if (this.#slots[tick & MASK]) return tick
    return Infinity
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}

class Entry implements Timer {
  readonly tick: number
  linked = false
  previous: Entry | undefined = undefined
  next: Entry | undefined = undefined
  readonly #wheel: TimerWheel
  /** Undefined once the timer has fired or is cancelled. */
  #fn: ((of: unknown) => void) | undefined
  #of: unknown

  constructor(wheel: TimerWheel, tick: number, fn: (of: unknown) => void, of: unknown) {
    this.#wheel = wheel
    this.tick = tick
    this.#fn = fn
    this.#of = of
  }

  get isWaiting(): boolean {
    return this.#fn !== undefined
  }

  fire(): void {
    const fn = this.#fn
    const of = this.#of
    this.forget()
    fn?.(of)
  }

  forget(): void {
    this.#fn = this.#of = undefined
  }

  cancel(): void {
    if (!this.isWaiting) return
    this.forget()
    this.#wheel.remove(this)
  }
}
