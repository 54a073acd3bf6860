import type { Writable } from 'node:stream'
import { frame } from './frames.ts'

/** What may wait for a client that does not read, before it is given up. Bytes. */
const mostUnread = 64 * 1024 * 1024

/** What goes to one client, in order: everything of one turn of the event loop leaves in one write. */
export class Outbox {
  readonly #stream: Writable
  readonly #onFull: () => void
  #waiting = ''
  #scheduled: NodeJS.Immediate | undefined

  constructor(stream: Writable, onFull: () => void) {
    this.#stream = stream
    this.#onFull = onFull
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
    if (this.#stream.writableLength > mostUnread) this.#onFull()
  }

  /** Sends what waits and ends the stream. */
  end(): void {
    this.flush()
    this.#stream.end()
  }
}
