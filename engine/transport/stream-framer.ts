import { type BadMessage, framedLength, type MessageLimits, parseBad, type ParseProblem } from '../message/index.ts'

/** The contents of a stream, in order. */
export interface FramerEvents {
  /** One whole message. */
  message(data: Buffer): void
  /** A double CRLF between messages (RFC 5626 3.5.1); it is answered with a single one. */
  ping(): void
  /** The stream cannot be framed any more and must be closed. */
  broken(bad: BadMessage): void
}

const endOfHead = Buffer.from('\r\n\r\n')
const initialBufferBytes = 1024

/**
 * Cuts a byte stream into messages (RFC 3261 18.3), however it is segmented. No memory is allocated because of a
 * Content-Length: one above the limit breaks the stream, as a missing one does.
 */
export class StreamFramer {
  readonly #limits: MessageLimits
  readonly #events: FramerEvents
  // Bytes of an incomplete message; the first `#filled` are used. Grows by doubling.
  #buffer: Buffer = Buffer.alloc(0)
  #filled = 0
  // How far the end of the head has been searched, and the message's length after it was found.
  #searched = 0
  #needed = 0
  #newLines = 0
  #broken = false

  constructor(limits: MessageLimits, events: FramerEvents) {
    this.#limits = limits
    this.#events = events
  }

  /** Whether a message has begun and is incomplete. */
  get partial(): boolean {
    return this.#filled > 0
  }

  push(chunk: Buffer): void {
    let rest = chunk
    // An event's handler may close the stream.
    while (rest.length > 0 && !this.#broken) rest = this.#filled > 0 ? this.#continue(rest) : this.#begin(rest)
  }

  /** Ignores all further data. */
  stop(): void {
    this.#broken = true
    this.#reset()
  }

  /** At the start of a message, which is not copied when the chunk holds all of it. Returns the rest of the chunk. */
  #begin(chunk: Buffer): Buffer {
    const start = this.#skipNewLines(chunk)
    if (start === chunk.length) return chunk.subarray(start)
    this.#newLines = 0
    const data = start === 0 ? chunk : chunk.subarray(start)
    const headEnd = data.indexOf(endOfHead)
    if (headEnd >= 0) {
      const length = this.#lengthOf(data, headEnd + 4)
      if (length === undefined) return data
      if (length <= data.length) return this.#whole(data, length)
      this.#needed = length
    }
    this.#append(data)
    this.#searched = data.length
    if (headEnd < 0) this.#checkSize()

    return data.subarray(data.length)
  }

  /** In the middle of a message. */
  #continue(chunk: Buffer): Buffer {
    if (this.#needed === 0) {
      const before = this.#filled
      this.#append(chunk)
      const headEnd = this.#buffer.subarray(0, this.#filled).indexOf(endOfHead, Math.max(0, this.#searched - 3))
      this.#searched = this.#filled
      if (headEnd < 0) {
        this.#checkSize()

        return chunk.subarray(chunk.length)
      }
      const length = this.#lengthOf(this.#buffer.subarray(0, this.#filled), headEnd + 4)
      if (length === undefined) return chunk
      this.#needed = length
      if (length > this.#filled) return chunk.subarray(chunk.length)
      const data = this.#buffer.subarray(0, length)
      this.#reset()
      this.#events.message(data)

      return chunk.subarray(length - before)
    }
    const missing = this.#needed - this.#filled
    this.#append(chunk.length > missing ? chunk.subarray(0, missing) : chunk)
    if (this.#filled === this.#needed) {
      const data = this.#buffer.subarray(0, this.#needed)
      this.#reset()
      this.#events.message(data)
    }

    return chunk.subarray(Math.min(missing, chunk.length))
  }

  #whole(data: Buffer, length: number): Buffer {
    this.#events.message(data.subarray(0, length))

    return data.subarray(length)
  }

  // RFC 3261 7.5: CRLFs before a start line are ignored; RFC 5626 3.5.1: two of them are a ping.
  #skipNewLines(chunk: Buffer): number {
    let at = 0
    while (at < chunk.length && (chunk[at] === 13 || chunk[at] === 10)) at++
    this.#newLines += at
    // One answer for each chunk, so that a flood of pings gets few.
    if (this.#newLines >= 4) this.#events.ping()
    this.#newLines %= 4

    return at
  }

  /** The length of the message whose head ends at `headEnd`; undefined when the stream is broken. */
  #lengthOf(data: Buffer, headEnd: number): number | undefined {
    const head = data.toString('latin1', 0, headEnd)
    const { messageSize } = this.#limits
    const body = framedLength(head, this.#limits)
    if (typeof body !== 'number') this.#break(head, body)
    else if (headEnd + body > messageSize) {
      // RFC 3261 21.4.11: the head is valid; the connection is closed so that the body is not received.
      this.#break(head, { reason: `larger than ${messageSize} bytes`, status: headEnd > messageSize ? 513 : 413 })
    } else return headEnd + body

    return undefined
  }

  #checkSize(): void {
    const { messageSize } = this.#limits
    if (this.#filled <= messageSize) return
    const head = this.#buffer.toString('latin1', 0, this.#filled)
    this.#break(head, { reason: `larger than ${messageSize} bytes`, status: 513 })
  }

  #break(head: string, problem: ParseProblem): void {
    this.stop()
    this.#events.broken(parseBad(head, problem, this.#limits))
  }

  #append(data: Buffer): void {
    const length = this.#filled + data.length
    if (length > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(initialBufferBytes, length, this.#buffer.length * 2))
      this.#buffer.copy(grown, 0, 0, this.#filled)
      this.#buffer = grown
    }
    data.copy(this.#buffer, this.#filled)
    this.#filled = length
  }

  // The buffer was handed out; the next message gets another.
  #reset(): void {
    this.#buffer = Buffer.alloc(0)
    this.#filled = this.#searched = this.#needed = 0
  }
}
