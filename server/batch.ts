/** An item waits so long for others. */
const flushDelayMs = 50
/** A batch of so many items is written at once. */
const maxBatchSize = 200

/**
 * Collects lines that can wait and writes many at a time: a system call per line would cost more than the SIP call that the
 * line is about.
 */
export class Batch<T> {
  readonly #write: (items: readonly T[]) => void
  #items: T[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(write: (items: readonly T[]) => void) {
    this.#write = write
  }

  add(item: T): void {
    this.#items.push(item)
    if (this.#items.length >= maxBatchSize) this.flush()
    else {
      this.#timer ??= setTimeout(() => {
        this.flush()
      }, flushDelayMs)
    }
  }

  /** Writes the collected items now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const items = this.#items
    this.#items = []
    if (items.length > 0) this.#write(items)
  }
}
