/** How long a line may wait for others to be written with it, in milliseconds. */
const patience = 50
/** Characters that are written at once, however short they have waited. */
const enough = 64 * 1024

/** Collects lines and writes many at a time: a system call for each would cost more than the call that it tells of. */
export class Batch {
  readonly #write: (text: string) => void
  #lines = ''
  #timer: NodeJS.Timeout | undefined

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  /** @param line without its line feed */
  add(line: string): void {
    this.#lines += `${line}\n`
    if (this.#lines.length >= enough) this.flush()
    else
      this.#timer ??= setTimeout(() => {
        this.flush()
      }, patience)
  }

  /** Writes what has been collected, now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '') this.#write(lines)
  }
}
