import { randomUUID } from 'node:crypto'
import { isoTime, wallTime, type Clock, type Timer } from '../../engine/index.ts'
import type { Events } from '../calls/events.ts'
import type { DeadLetter } from './dead-letter-store.ts'
import type { DeadLetters } from './dead-letters.ts'
import { DeliveryQueue, type Delivery } from './delivery-queue.ts'
import { postEvent, type AttemptFailure } from './post-event.ts'

/** How often an event is tried while the receiver cannot be reached, or fails. */
const maxAttempts = 10
/** How often an event is tried that the receiver refuses (4XX): the next attempt would hardly be another. */
const maxRefusals = 4
/** Pauses between attempts double from the first to the longest. */
const firstPauseMs = 1000
const longestPauseMs = 300_000
/** How long the last events may take when Baton stops. */
const stopTimeoutMs = 2000
/** How many events wait at most. */
const maxWaiting = 1000

export interface WebhooksOptions {
  url: string
  secret: string
  events: Pick<Events, 'subscribe'>
  deadLetters: Pick<DeadLetters, 'put' | 'delete' | 'get' | 'all'>
  clock: Clock
  log: { warn(message: string, fields?: object): unknown; error(message: string, fields?: object): unknown }
}

/**
 * POSTs every event, signed, to one receiver (Standard Webhooks). Events of one call go in order; one that is refused steps
 * aside, and is a dead letter in the end. No call waits for any of it.
 */
export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #unsubscribe: () => void
  /** Event ids begin again with each process; these do not. */
  readonly #prefix = randomUUID().slice(0, 8)
  readonly #queue = new DeliveryQueue()
  readonly #pauses = new Map<Delivery, Timer>()
  readonly #replays = new Map<string, Delivery>()
  readonly #abort = new AbortController()
  /** Events since the start, by what became of them. */
  readonly counts = { delivered: 0, failed: 0 }
  #closing = false
  #landed: (() => void) | undefined

  constructor(options: WebhooksOptions) {
    this.#options = options
    for (const letter of options.deadLetters.all) if (letter.interrupted) this.replay(letter)
    this.#unsubscribe = options.events.subscribe((event) => {
      this.#take({ id: `${this.#prefix}-${event.id}`, event, attempts: 0, replay: false })
    })
  }

  /** How many events wait, those on their way included. */
  get waiting(): number {
    return this.#queue.size
  }

  /** Tries a dead letter again, from the first attempt. It stays one until the receiver has it. */
  replay({ id, event }: DeadLetter): void {
    if (this.#replays.has(id) || this.#closing) return
    const delivery = { id, event, attempts: 0, replay: true }
    this.#replays.set(id, delivery)
    this.#take(delivery)
  }

  isReplaying(id: string): boolean {
    return this.#replays.has(id)
  }

  /** Idempotent. Delivers what waits as long as that goes well, for two seconds at most; the rest become dead letters. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#unsubscribe()
    for (const delivery of [...this.#pauses.keys()]) this.#resume(delivery)
    const timer = this.#options.clock.after(stopTimeoutMs, () => {
      this.#abort.abort()
    })
    while (!this.#queue.idle) await new Promise<void>((resolve) => (this.#landed = resolve))
    timer.cancel()
    for (const delivery of [...this.#queue.all]) this.#giveUp(delivery, { interrupted: true })
  }

  #take(delivery: Delivery): void {
    const oldest = this.#queue.size >= maxWaiting ? this.#queue.oldestIdle() : undefined
    if (oldest) {
      oldest.problem ??= `more than ${maxWaiting} events were waiting`
      this.#giveUp(oldest)
    }
    this.#queue.add(delivery)
    this.#pump()
  }

  #pump(): void {
    for (let next = this.#queue.next(); next; next = this.#queue.next()) void this.#attempt(next)
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { url, secret, clock } = this.#options
    const { id, event } = delivery
    const body = JSON.stringify(event)
    const failure = await postEvent({ url, secret, id, body, now: wallTime(clock.now()), signal: this.#abort.signal })
    if (failure) this.#failed(delivery, failure)
    else this.#delivered(delivery)
    // Once Baton stops, the first failure ends it: what the receiver does not take now it would not take in time.
    if (!this.#closing || !failure) this.#pump()
    this.#landed?.()
  }

  #delivered(delivery: Delivery): void {
    this.counts.delivered += 1
    this.#remove(delivery)
    if (delivery.replay) this.#options.deadLetters.delete(delivery.id)
  }

  #failed(delivery: Delivery, { problem, refused, retryAfterMs = 0 }: AttemptFailure): void {
    const { url, log, clock } = this.#options
    const attempt = delivery.attempts + 1
    delivery.problem = problem
    this.#queue.pause(delivery, refused)
    if (this.#closing) return
    if (attempt >= (refused ? maxRefusals : maxAttempts)) {
      this.#giveUp(delivery)
      return
    }
    const pauseMs = Math.min(Math.max(firstPauseMs * 2 ** (attempt - 1), retryAfterMs), longestPauseMs)
    const { id, event } = delivery
    log.warn('a webhook will be tried again', { url: shownUrl(url), id, type: event.type, attempt, problem })
    this.#pauses.set(
      delivery,
      clock.after(pauseMs, () => {
        this.#resume(delivery)
      }),
    )
  }

  #resume(delivery: Delivery): void {
    this.#pauses.get(delivery)?.cancel()
    this.#pauses.delete(delivery)
    this.#queue.resume(delivery)
    this.#pump()
  }

  #giveUp(delivery: Delivery, interrupted: { interrupted?: true } = {}): void {
    const { url, log, clock, deadLetters } = this.#options
    const { id, event, attempts, replay, problem = 'Baton stopped before the first attempt' } = delivery
    this.#remove(delivery)
    // A letter that was deleted while it was replayed stays deleted.
    if (replay && !deadLetters.get(id)) return
    this.counts.failed += 1
    deadLetters.put({
      ...{ id, event, attempts, problem, failedAt: isoTime(clock.now()) },
      ...interrupted,
    })
    log.error('a webhook was not delivered; its event is a dead letter', {
      ...{ url: shownUrl(url), id, type: event.type, attempts, problem },
    })
  }

  #remove(delivery: Delivery): void {
    this.#pauses.get(delivery)?.cancel()
    this.#pauses.delete(delivery)
    this.#replays.delete(delivery.id)
    this.#queue.remove(delivery)
  }
}

/** Where events go, without the path and the query, in which many receivers have a token. */
function shownUrl(url: string): string {
  return new URL(url).origin
}
