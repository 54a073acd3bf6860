/**
 * A bounded map for keys that peers choose: at the bound, a new key replaces the oldest. A key that is set again becomes the
 * newest. Keys are copied, since a slice as key would keep a whole message in memory.
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

/**
 * Copies a string, so that it shares no memory with the text that it is a slice of. V8 keeps a whole text in memory as long
 * as a slice of it lives: values that outlive a message are copied.
 */
export function copyText(text: string): string {
  // V8 copies a slice of a concatenated string.
  return ` ${text}`.slice(1)
}
