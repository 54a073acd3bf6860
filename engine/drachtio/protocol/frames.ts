import type { Writable } from 'node:stream'

/** The largest payload that an application may send; drachtio-server itself stalls at 12 KB. */
export const maxPayloadBytes = 1024 * 1024
/** Before an application has authenticated, it has little to say. */
export const maxUnauthenticatedPayloadBytes = 1024

const hash = 0x23
const zero = 0x30
const nine = 0x39
const maxDigits = String(maxPayloadBytes).length
const minBufferBytes = 16 * 1024

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
        Math.max(minBufferBytes, filled, Math.min(2 * this.#buffer.length, this.#needed)),
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
    if (this.#buffer.length > minBufferBytes) this.#buffer = Buffer.alloc(0)
    this.#onPayload(payload)
  }
}

/** What may wait for one application that does not read, before it is given up. Bytes. */
const maxUnreadBytes = 32 * 1024 * 1024
/** What may wait for all applications together, before the one that most waits for is given up. Bytes. */
const maxUnreadBytesOfAll = 128 * 1024 * 1024
/** Smaller backlogs are not added up: as many applications as may connect have no more than `maxUnreadOfAll` with these. Bytes. */
const smallBacklogBytes = 128 * 1024

/** The outboxes of all applications, whose sum is bounded. */
export class Outboxes {
  readonly #all = new Set<Outbox>()

  add(outbox: Outbox): void {
    this.#all.add(outbox)
  }

  delete(outbox: Outbox): void {
    this.#all.delete(outbox)
  }

  /** Gives up applications, those with the most unread first, until the rest is within the bound. */
  bound(): void {
    let sum = 0
    for (const { unread } of this.#all) sum += unread
    while (sum > maxUnreadBytesOfAll) {
      let fullest: Outbox | undefined
      for (const outbox of this.#all) if (!fullest || outbox.unread > fullest.unread) fullest = outbox
      if (!fullest) return
      sum -= fullest.unread
      this.#all.delete(fullest)
      fullest.giveUp()
    }
  }
}

/** What goes to one application, in order: everything of one turn of the event loop leaves in one write. */
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

  /** Bytes that the application has not taken yet. */
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
    if (unread > maxUnreadBytes) this.giveUp()
    else if (unread > smallBacklogBytes) this.#others.bound()
  }

  giveUp(): void {
    this.#onFull()
  }

  /** Sends what waits and ends the stream. */
  end(): void {
    this.flush()
    this.#stream.end()
  }

  /** The application is gone. */
  forget(): void {
    this.#others.delete(this)
  }
}
