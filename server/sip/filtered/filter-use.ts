import type { SessionFilter } from '../stack.ts'

/** The use of a filter by one INVITE and its dialog: begins once, and ends once. */
export class FilterUse {
  readonly filter: SessionFilter
  #isOver = false

  constructor(filter: SessionFilter) {
    this.filter = filter
    filter.begun()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  end(): void {
    if (!this.#isOver) this.filter.ended()
    this.#isOver = true
  }
}

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
