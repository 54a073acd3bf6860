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
