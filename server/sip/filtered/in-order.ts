/** Runs work one after the other: at once, unless work before it still waits for something. */
export class InOrder {
  #last: Promise<void> | undefined

  /** An exception of the work is thrown on as one of the process: the work of a call runs through its guard. */
  run(work: () => void | Promise<void>): void {
    const done = this.#last ? this.#last.then(work) : work()
    if (!(done instanceof Promise)) return
    const last = done.catch(throwOn).then(() => {
      if (this.#last === last) this.#last = undefined
    })
    this.#last = last
  }
}

function throwOn(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
