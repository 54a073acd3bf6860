// Methods that peers make up must not fill the memory.
const maxMethods = 50

/** Responses counted by method and status; no text is made for each that is counted. */
export class ResponseCounts {
  readonly #byMethod = new Map<string, Map<number, number>>()

  count(method: string, status: number): void {
    let counts = this.#byMethod.get(method)
    if (!counts) {
      if (this.#byMethod.size >= maxMethods) return
      counts = new Map<number, number>()
      this.#byMethod.set(method, counts)
    }
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }

  /** By `METHOD code`. */
  toMap(): Map<string, number> {
    const all = new Map<string, number>()
    for (const [method, counts] of this.#byMethod)
      for (const [status, count] of counts) all.set(`${method} ${status}`, count)

    return all
  }
}
