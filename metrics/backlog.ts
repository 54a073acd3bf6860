/** How many wait at most. */
const limit = 1000

/**
 * What has happened and is not counted yet. prom-client looks each series up by the text of its labels: a call does not wait
 * for that; it is done for many in a row, at the latest when somebody scrapes.
 */
export class Backlog<L> {
  readonly #count: (labels: L, value: number) => void
  #waiting: { labels: L; value: number }[] = []

  constructor(count: (labels: L, value: number) => void) {
    this.#count = count
  }

  readonly add = (labels: L, value = 1): void => {
    this.#waiting.push({ labels, value })
    if (this.#waiting.length >= limit) this.work()
  }

  readonly work = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { labels, value } of waiting) this.#count(labels, value)
  }
}
