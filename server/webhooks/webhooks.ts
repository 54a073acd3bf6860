import { randomUUID } from 'node:crypto'
import type { Clock } from '../../engine/index.ts'
import type { BatonEvent, Events } from '../calls/events.ts'
import { signature } from './signature.ts'

/** An event is tried that often … */
const attempts = 10
/** … after pauses that double from the first, up to the last, in milliseconds. */
const firstPause = 1000
const longestPause = 300_000
/** How long a receiver may take, and how long the last events may when Baton stops, in milliseconds. */
const patience = 10_000
const lastPatience = 2000
/** How many events wait at most. */
const queueLimit = 1000

export interface WebhooksOptions {
  url: string
  secret: string
  events: Pick<Events, 'subscribe'>
  clock: Clock
  log: { warn(message: string, fields?: object): unknown; error(message: string, fields?: object): unknown }
}

/** POSTs every event, signed and in order, to one receiver (Standard Webhooks). Events wait for one another, calls never. */
export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #unsubscribe: () => void
  /** Event ids begin again with each process; these do not. */
  readonly #prefix = randomUUID().slice(0, 8)
  readonly #queue: BatonEvent[] = []
  readonly #abort = new AbortController()
  /** Events since the start, by what became of them. */
  readonly counts = { delivered: 0, failed: 0, dropped: 0 }
  #delivery: Promise<void> | undefined
  #endPause: (() => void) | undefined
  #closing = false

  constructor(options: WebhooksOptions) {
    this.#options = options
    this.#unsubscribe = options.events.subscribe((event) => {
      this.#take(event)
    })
  }

  /** How many events wait, the one on its way included. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Idempotent. Delivers what waits as long as that goes well, for two seconds at most. */
  async close(): Promise<void> {
    this.#closing = true
    this.#unsubscribe()
    this.#endPause?.()
    const timer = this.#options.clock.after(lastPatience, () => {
      this.#abort.abort()
    })
    await this.#delivery
    timer.cancel()
  }

  #take(event: BatonEvent): void {
    if (this.#queue.length === queueLimit) {
      const dropped = this.#queue.shift()
      this.counts.dropped += 1
      this.#options.log.error('too many events wait for the webhook; the oldest is dropped', {
        url: shownUrl(this.#options.url),
        ...{ eventId: dropped?.id, type: dropped?.type },
      })
    }
    this.#queue.push(event)
    this.#delivery ??= this.#deliverAll()
  }

  async #deliverAll(): Promise<void> {
    for (let event = this.#queue[0]; event; event = this.#queue[0]) {
      const delivered = await this.#deliver(event)
      if (delivered) this.counts.delivered += 1
      else this.counts.failed += 1
      // It may have been dropped meanwhile.
      if (this.#queue[0] === event) this.#queue.shift()
      if (!delivered && this.#closing) break
    }
    this.#delivery = undefined
  }

  async #deliver(event: BatonEvent): Promise<boolean> {
    const { url, log } = this.#options
    const id = `${this.#prefix}-${event.id}`
    const body = JSON.stringify(event)
    for (let attempt = 1; ; attempt++) {
      const problem = await this.#post(id, body)
      if (problem === undefined) return true
      const told = { url: shownUrl(url), eventId: event.id, type: event.type, attempt, problem }
      if (this.#closing || attempt === attempts) {
        log.error('a webhook was not delivered; its event is in GET /v1/events', told)

        return false
      }
      log.warn('a webhook will be tried again', told)
      await this.#pause(Math.min(firstPause * 2 ** (attempt - 1), longestPause))
    }
  }

  /** Resolves with what went wrong; undefined when the receiver has it. */
  async #post(id: string, body: string): Promise<string | undefined> {
    const { url, secret, clock } = this.#options
    const timestamp = Math.floor(clock.now() / 1000)
    try {
      const response = await fetch(url, {
        method: 'POST',
        // A receiver that has moved is a setting to change; what is signed goes nowhere else.
        redirect: 'manual',
        signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(patience)]),
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signature(secret, id, timestamp, body),
        },
        body,
      })
      await response.body?.cancel()

      return response.ok ? undefined : `it answered ${response.status}`
    } catch (error) {
      const { message, cause } = error as Error

      return cause instanceof Error ? `${message}: ${cause.message}` : message
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(ms, resolve)
      this.#endPause = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}

/** Where events go, without the path and the query, in which many receivers have a token. */
function shownUrl(url: string): string {
  return new URL(url).origin
}
