import type { Writable } from 'node:stream'

/** Payloads of applications. (drachtio-server stalls at 12 KB.) */
export const maxPayloadBytes = 1024 * 1024
/** Payloads before authentication. */
export const maxUnauthenticatedPayloadBytes = 1024

const hash = 0x23
const zero = 0x30
const nine = 0x39
const maxDigits = String(maxPayloadBytes).length
const minBufferBytes = 16 * 1024

/**
 * A frame: the payload's length in bytes, `#`, the payload. Payloads are binary strings, one character for each byte, so that
 * UTF-8 is passed on unchanged and the length is that of the string.
 */
export function frame(payload: string): string {
  return `${payload.length}#${payload}`
}

/** Reads the payloads of a stream in any segmentation. */
export class FrameReader {
  /** Size of the largest payload that is accepted. */
  limit: number
  readonly #onPayload: (payload: string) => void
  /** Digits of an incomplete length. */
  #digits = ''
  /** Length of the payload that is being read; -1 while its length is being read. */
  #needed = -1
  #buffer = Buffer.alloc(0)
  #filled = 0

  constructor(limit: number, onPayload: (payload: string) => void) {
    this.limit = limit
    this.#onPayload = onPayload
  }

  /** Reads a chunk. Returns the problem after which the stream cannot be read on; undefined when there is none. */
  push(chunk: Buffer): string | undefined {
    let at = 0
    while (at < chunk.length) {
      if (this.#needed < 0) {
        const byte = chunk[at++] ?? 0
        if (byte === hash) {
          const problem = this.#begin()
          if (problem !== undefined) return problem
        } else if (byte >= zero && byte <= nine && this.#digits.length < maxDigits) {
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
    if (length === 0) this.#complete('')

    return undefined
  }

  /** Reads payload from `at` on; returns the number of bytes. */
  #take(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#needed - this.#filled, chunk.length - at)
    if (taken === this.#needed) {
      this.#complete(chunk.toString('latin1', at, at + taken))
      return taken
    }
    this.#append(chunk, at, taken)
    if (this.#filled === this.#needed) this.#complete(this.#buffer.toString('latin1', 0, this.#filled))

    return taken
  }

  /** Grows the buffer by doubling, so that a length without its payload allocates little. */
  #append(chunk: Buffer, at: number, length: number): void {
    const filled = this.#filled + length
    if (filled > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(
        Math.max(minBufferBytes, filled, Math.min(2 * this.#buffer.length, this.#needed)),
      )
      this.#buffer.copy(grown, 0, 0, this.#filled)
      this.#buffer = grown
    }
    chunk.copy(this.#buffer, this.#filled, at, at + length)
    this.#filled = filled
  }

  #complete(payload: string): void {
    this.#needed = -1
    this.#filled = 0
    if (this.#buffer.length > minBufferBytes) this.#buffer = Buffer.alloc(0)
    this.#onPayload(payload)
  }
}

/** Unread bytes of one application; beyond them it is disconnected. */
const maxUnreadBytes = 32 * 1024 * 1024
/** Unread bytes of all applications; beyond them those with the most are disconnected. */
const maxUnreadBytesOfAll = 128 * 1024 * 1024
/** Smaller backlogs are not summed: with the largest number of connections they are below `maxUnreadBytesOfAll`. */
const smallBacklogBytes = 128 * 1024

/** The outboxes of all applications, whose unread bytes are bounded together. */
export class Outboxes {
  readonly #all = new Set<Outbox>()

  add(outbox: Outbox): void {
    this.#all.add(outbox)
  }

  delete(outbox: Outbox): void {
    this.#all.delete(outbox)
  }

  /** Disconnects applications, those with the most unread bytes first, until the rest is within `maxUnreadBytesOfAll`. */
  enforceLimit(): void {
    let sum = 0
    for (const { unread } of this.#all) sum += unread
    while (sum > maxUnreadBytesOfAll) {
      let fullest: Outbox | undefined
      for (const outbox of this.#all) if (!fullest || outbox.unread > fullest.unread) fullest = outbox
      if (!fullest) return
      sum -= fullest.unread
      this.#all.delete(fullest)
      fullest.overflow()
    }
  }
}

/** Sends frames to one application: those of one turn of the event loop in one write. */
export class Outbox {
  readonly #stream: Writable
  readonly #others: Outboxes
  readonly #onFull: () => void
  #waiting = ''
  #scheduled: NodeJS.Immediate | undefined

  constructor(stream: Writable, others: Outboxes, onFull: () => void) {
    this.#stream = stream
    this.#others = others
    this.#onFull = onFull
    others.add(this)
  }

  get unread(): number {
    return this.#stream.writableLength
  }

  send(payload: string): void {
    this.#waiting += frame(payload)
    this.#scheduled ??= setImmediate(() => this.flush())
  }

  flush(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    const waiting = this.#waiting
    this.#waiting = ''
    if (waiting === '' || !this.#stream.writable) return
    this.#stream.write(waiting, 'latin1')
    const { unread } = this
    if (unread > maxUnreadBytes) this.overflow()
    else if (unread > smallBacklogBytes) this.#others.enforceLimit()
  }

  overflow(): void {
    this.#onFull()
  }

  /** Writes the queued frames and ends the stream. */
  end(): void {
    this.flush()
    this.#stream.end()
  }

  /** The connection is closed. */
  release(): void {
    this.#others.delete(this)
  }
}
