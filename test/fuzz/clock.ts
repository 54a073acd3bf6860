import type { Clock, Timer } from '../../engine/index.ts'

interface Entry extends Timer {
  at: number
  /** Of two that are due at once, the one that was set first runs first. */
  order: number
  fn: (() => void) | undefined
}

/** A clock that is moved by hand, for very many timers: a heap. */
export class HeapClock implements Clock {
  readonly #heap: Entry[] = []
  #now = 1_700_000_000_000
  #order = 0

  now(): number {
    return this.#now
  }

  after<T>(ms: number, fn: (of: T) => void, of?: T): Timer {
    const entry: Entry = {
      at: this.#now + ms,
      order: this.#order++,
      fn: () => fn(of as T),
      // What is cancelled leaves the heap when its time has come.
      cancel: () => (entry.fn = undefined),
    }
    this.#push(entry)

    return entry
  }

  /** Moves on by `ms`, and fires what falls due in its order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let first = this.#heap[0]; first && first.at <= end; first = this.#heap[0]) {
      this.#pop()
      const { fn } = first
      first.fn = undefined
      if (!fn) continue
      this.#now = Math.max(this.#now, first.at)
      fn()
    }
    this.#now = end
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let i = heap.length
    for (let up = (i - 1) >> 1; i > 0 && isBefore(entry, heap[up]); up = (i - 1) >> 1) {
      heap[i] = heap[up]!
      i = up
    }
    heap[i] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let i = 0
    for (let down = 1; down < heap.length; down = 2 * i + 1) {
      if (isBefore(heap[down + 1], heap[down])) down++
      const child = heap[down]
      if (!child || !isBefore(child, last)) break
      heap[i] = child
      i = down
    }
    heap[i] = last
  }
}

function isBefore(one: Entry | undefined, other: Entry | undefined): boolean {
  if (!one || !other) return false

  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
