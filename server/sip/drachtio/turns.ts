import type { Guard } from '../../guard.ts'

/**
 * Hands over what has come, in its order. The library handles all frames of a chunk in one go: whoever waits for the
 * response in the first would hear of the request in the second before the promise goes on. So what follows a settled
 * promise waits until all that depends on it has run.
 */
export class Turns {
  readonly #waiting: (() => void)[] = []
  readonly #guard: Guard
  #isSettling = false

  constructor(guard: Guard) {
    this.#guard = guard
  }

  /** At once, unless somebody has yet to hear of something earlier. */
  take(deliver: () => void): void {
    if (this.#isSettling) this.#waiting.push(deliver)
    else this.#guard.run(deliver)
  }

  /** A promise has been resolved: its continuations come first. */
  settled(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    setImmediate(() => {
      this.#isSettling = false
      this.#deliver()
    })
  }

  #deliver(): void {
    // One of them may settle something again, which calls this later.
    for (let next = this.#waiting.shift(); next; next = this.#isSettling ? undefined : this.#waiting.shift()) {
      this.#guard.run(next)
    }
  }
}
