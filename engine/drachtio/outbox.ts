import type { Writable } from 'node:stream'
import { frame } from './frames.ts'

/** What may wait for one client that does not read, before it is given up. Bytes. */
const maxUnread = 32 * 1024 * 1024
/** What may wait for all clients together, before the one that most waits for is given up. Bytes. */
const maxUnreadOfAll = 128 * 1024 * 1024
/** Smaller backlogs are not added up: as many clients as may connect have no more than `maxUnreadOfAll` with these. Bytes. */
const smallBacklog = 128 * 1024

/** The outboxes of all clients, whose sum is bounded. */
export class Outboxes {
  readonly #all = new Set<Outbox>()

  add(outbox: Outbox): void {
    this.#all.add(outbox)
  }

  delete(outbox: Outbox): void {
    this.#all.delete(outbox)
  }

  /** Gives up clients, those with the most unread first, until the rest is within the bound. */
  bound(): void {
    let sum = 0
    for (const { unread } of this.#all) sum += unread
    while (sum > maxUnreadOfAll) {
      let fullest: Outbox | undefined
      for (const outbox of this.#all) if (!fullest || outbox.unread > fullest.unread) fullest = outbox
      if (!fullest) return
      sum -= fullest.unread
      this.#all.delete(fullest)
      fullest.giveUp()
    }
  }
}

/** What goes to one client, in order: everything of one turn of the event loop leaves in one write. */
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

  /** Bytes that the client has not taken yet. */
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
    if (unread > maxUnread) this.giveUp()
    else if (unread > smallBacklog) this.#others.bound()
  }

  giveUp(): void {
    this.#onFull()
  }

  /** Sends what waits and ends the stream. */
  end(): void {
    this.flush()
    this.#stream.end()
  }

  /** The client is gone. */
  forget(): void {
    this.#others.delete(this)
  }
}
