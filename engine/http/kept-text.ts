/** How many times longer a text is kept than it took to make. */
const keptFor = 10
const maxKeptMs = 5_000

/**
 * A text that is asked for by many and takes long to make, such as all metrics: made once for all that ask meanwhile, and kept
 * for ten times as long as that took, so that making it never takes more than a tenth of the time.
 */
export class KeptText {
  readonly #make: () => Promise<string>
  #kept: Promise<Buffer> | undefined

  constructor(make: () => Promise<string>) {
    this.#make = make
  }

  read(): Promise<Buffer> {
    return (this.#kept ??= this.#makeOnce())
  }

  async #makeOnce(): Promise<Buffer> {
    const began = performance.now()
    try {
      return Buffer.from(await this.#make())
    } finally {
      const forget = setTimeout(
        () => (this.#kept = undefined),
        Math.min(maxKeptMs, keptFor * (performance.now() - began)),
      )
      forget.unref()
    }
  }
}
