import { copyText } from './copy-text.ts'

/**
 * A map whose keys come from outside, so that it has a bound: at the bound, a new key takes the place of the oldest. A key
 * that is set again becomes the newest. Keys are copied, since one that is a slice would hold the message it was cut from.
 */
export class BoundedMap<Value> extends Map<string, Value> {
  readonly #maxSize: number

  constructor(maxSize: number) {
    super()
    this.#maxSize = maxSize
  }

  override set(key: string, value: Value): this {
    this.delete(key)
    if (this.size >= this.#maxSize) this.#deleteOldest()

    return super.set(copyText(key), value)
  }

  #deleteOldest(): void {
    const oldest = this.keys().next()
    if (!oldest.done) this.delete(oldest.value)
  }
}
