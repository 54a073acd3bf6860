/** The largest payload that a client may send; drachtio-server itself stalls at 12 KB. */
export const maxPayload = 1024 * 1024
/** Before a client has authenticated, it has little to say. */
export const maxPayloadBeforeAuthentication = 1024

const hash = 0x23
const zero = 0x30
const nine = 0x39
const mostDigits = String(maxPayload).length
const smallestBuffer = 16 * 1024

/**
 * A frame as it is on the wire: the payload's length in bytes, `#`, the payload. Payloads are binary strings, one
 * character a byte, so that UTF-8 passes through and lengths are right by themselves.
 */
export function frame(payload: string): string {
  return `${payload.length}#${payload}`
}

/** Cuts a stream into payloads, however it is segmented. Each byte is copied at most twice. */
export class FrameReader {
  /** The largest payload taken now. */
  limit: number
  readonly #onPayload: (payload: string) => void
  /** Digits of a length that is not whole yet. */
  #digits = ''
  /** Bytes of the payload that is being read; -1 while its length is. */
  #needed = -1
  #buffer = Buffer.alloc(0)
  #filled = 0

  constructor(limit: number, onPayload: (payload: string) => void) {
    this.limit = limit
    this.#onPayload = onPayload
  }

  /** Takes what has come. Returns what is wrong with it, after which the stream is lost; undefined when all is well. */
  push(chunk: Buffer): string | undefined {
    let at = 0
    while (at < chunk.length) {
      if (this.#needed < 0) {
        const byte = chunk[at++] ?? 0
        if (byte === hash) {
          const problem = this.#begin()
          if (problem !== undefined) return problem
        } else if (byte >= zero && byte <= nine && this.#digits.length < mostDigits) {
          this.#digits += String.fromCharCode(byte)
        } else {
          return 'a frame begins with its length in bytes and a #'
        }
      } else {
        at += this.#take(chunk, at)
      }
    }

    return undefined
  }

  #begin(): string | undefined {
    const length = Number(this.#digits)
    if (this.#digits === '') return 'a frame begins with its length in bytes and a #'
    if (length > this.limit) return `a frame of ${length} bytes, where ${this.limit} are taken at most`
    this.#digits = ''
    this.#needed = length
    if (length === 0) this.#whole('')

    return undefined
  }

  /** Reads payload from `at` on; returns how much of the chunk that was. */
  #take(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#needed - this.#filled, chunk.length - at)
    if (taken === this.#needed) {
      this.#whole(chunk.toString('latin1', at, at + taken))
      return taken
    }
    this.#append(chunk, at, taken)
    if (this.#filled === this.#needed) this.#whole(this.#buffer.toString('latin1', 0, this.#filled))

    return taken
  }

  /** Grows by doubling: nothing is allocated on a length's word alone. */
  #append(chunk: Buffer, at: number, length: number): void {
    const filled = this.#filled + length
    if (filled > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(
        Math.max(smallestBuffer, filled, Math.min(2 * this.#buffer.length, this.#needed)),
      )
      this.#buffer.copy(grown, 0, 0, this.#filled)
      this.#buffer = grown
    }
    chunk.copy(this.#buffer, this.#filled, at, at + length)
    this.#filled = filled
  }

  #whole(payload: string): void {
    this.#needed = -1
    this.#filled = 0
    if (this.#buffer.length > smallestBuffer) this.#buffer = Buffer.alloc(0)
    this.#onPayload(payload)
  }
}
