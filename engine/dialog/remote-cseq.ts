// A stranger's numbers are taken back one by one; so many at once are more than any peer has waiting.
const remembered = 8

/** The CSeq numbers of a peer's requests in one dialog (RFC 3261 12.2.2). */
export class RemoteCSeq {
  readonly #numbers: number[]

  /** `first`: of the request that made the dialog; undefined when that was ours. */
  constructor(first: number | undefined) {
    this.#numbers = first === undefined ? [] : [first]
  }

  /** False when a request with a higher number has come before. */
  take(number: number): boolean {
    const last = this.#numbers.at(-1)
    if (last !== undefined && number < last) return false
    this.#numbers.push(number)
    if (this.#numbers.length > remembered) this.#numbers.shift()

    return true
  }

  /** Whether a number is above all that have come: RFC 2543 peers go on with a dialog so. */
  isNext(number: number): boolean {
    return number > (this.#numbers.at(-1) ?? -1)
  }

  /** Its sender had no right to it: it says nothing of what the true peer sends next. */
  takeBack(number: number): void {
    const at = this.#numbers.lastIndexOf(number)
    if (at >= 0) this.#numbers.splice(at, 1)
  }
}
