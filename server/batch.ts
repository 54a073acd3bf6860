/** How long a thing may wait for others, in milliseconds. */
const patience = 50
/** How many are handed on at once, however short they have waited. */
const enough = 200

/**
 * Collects what can wait a moment and hands on many at a time: a system call for each would cost more than the call that it
 * tells of, and what is done often in a row is done in half the time.
 */
export class Batch<T> {
  readonly #write: (things: readonly T[]) => void
  #things: T[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(write: (things: readonly T[]) => void) {
    this.#write = write
  }

  add(thing: T): void {
    this.#things.push(thing)
    if (this.#things.length >= enough) this.flush()
    else
      this.#timer ??= setTimeout(() => {
        this.flush()
      }, patience)
  }

  /** Hands on what has been collected, now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const things = this.#things
    this.#things = []
    if (things.length > 0) this.#write(things)
  }
}
