import { randomUUID } from 'node:crypto'
import { isoTime, wallTime, type Clock, type Timer } from '../../engine/index.ts'
import { defined } from '../../base/defined.ts'
import type { Events } from '../calls/events.ts'
import type { Guard } from '../guard.ts'
import { signedHeaders } from '../http-endpoint.ts'
import type { DeadLetter } from './dead-letter-store.ts'
import type { DeadLetters } from './dead-letters.ts'
import { DeliveryQueue, type Delivery } from './delivery-queue.ts'

/** Attempts at an event while the receiver cannot be reached, or fails. */
const maxAttempts = 10
/** Attempts at an event that the receiver refuses (4XX): the next answer would hardly be another. */
const maxRefusals = 4
/** Pauses between attempts double from the first to the longest. */
const firstPauseMs = 1000
const longestPauseMs = 300_000
/** The last events may take so long when Baton stops. */
const stopTimeoutMs = 2000
const maxWaiting = 1000

export interface WebhooksOptions {
  url: string
  secret: string
  events: Pick<Events, 'subscribe'>
  deadLetters: Pick<DeadLetters, 'put' | 'delete' | 'get' | 'all'>
  clock: Clock
  /** Is told of exceptions; the delivery that one ends becomes a dead letter. */
  guard: Guard
  log: { warn(message: string, fields?: object): unknown; error(message: string, fields?: object): unknown }
}

/**
 * POSTs every event, signed, to one receiver (Standard Webhooks). Events of one call go in order; one that is refused steps
 * aside, and is a dead letter in the end. Calls wait for none of it.
 */
export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #clock: Clock
  readonly #unsubscribe: () => void
  /** Event ids begin again with each process; webhook ids do not. */
  readonly #prefix = randomUUID().slice(0, 8)
  readonly #queue = new DeliveryQueue()
  readonly #pauses = new Map<Delivery, Timer>()
  readonly #replays = new Map<string, Delivery>()
  readonly #abort = new AbortController()
  /** Events since the start, by outcome. */
  readonly counts = { delivered: 0, failed: 0 }
  #closing = false
  #landed: (() => void) | undefined

  constructor(options: WebhooksOptions) {
    this.#options = options
    this.#clock = options.guard.clock(options.clock)
    for (const letter of options.deadLetters.all) if (letter.interrupted) this.replay(letter)
    this.#unsubscribe = options.events.subscribe((event) => {
      this.#take({ id: `${this.#prefix}-${event.id}`, event, attempts: 0, replay: false })
    })
  }

  /** Events that wait or are on their way. */
  get waiting(): number {
    return this.#queue.size
  }

  /** Tries a dead letter again, from the first attempt. The letter is kept until the receiver has the event. */
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
    const timer = this.#clock.after(stopTimeoutMs, () => {
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
    for (let delivery = this.#queue.next(); delivery; delivery = this.#queue.next()) this.#start(delivery)
  }

  #start(delivery: Delivery): void {
    this.#options.guard.run(
      () => this.#attempt(delivery),
      () => {
        try {
          delivery.problem ??= 'an exception in Baton'
          if (this.#queue.has(delivery)) this.#giveUp(delivery)
        } finally {
          this.#attemptOver()
        }
      },
    )
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { url, secret } = this.#options
    const { id, event } = delivery
    const body = JSON.stringify(event)
    const failure = await postEvent({
      url,
      secret,
      id,
      body,
      now: wallTime(this.#clock.now()),
      signal: this.#abort.signal,
    })
    if (failure) this.#failed(delivery, failure)
    else this.#delivered(delivery)
    this.#attemptOver(failure)
  }

  #attemptOver(failure?: AttemptFailure): void {
    // When Baton stops, the first failure ends the deliveries: the receiver would not take the next event in time.
    if (!this.#closing || !failure) this.#pump()
    this.#landed?.()
  }

  #delivered(delivery: Delivery): void {
    this.counts.delivered += 1
    this.#remove(delivery)
    if (delivery.replay) this.#options.deadLetters.delete(delivery.id)
  }

  #failed(delivery: Delivery, { problem, refused, retryAfterMs = 0 }: AttemptFailure): void {
    const { url, log } = this.#options
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
      this.#clock.after(pauseMs, () => {
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

  #giveUp(delivery: Delivery, interrupted: Pick<DeadLetter, 'interrupted'> = {}): void {
    const { url, log, deadLetters } = this.#options
    const { id, event, attempts, replay, problem = 'Baton stopped before the first attempt' } = delivery
    this.#remove(delivery)
    // A letter that was deleted while it was replayed stays deleted.
    if (replay && !deadLetters.get(id)) return
    this.counts.failed += 1
    deadLetters.put({
      ...{ id, event, attempts, problem, failedAt: isoTime(this.#clock.now()) },
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

/** The receiver's URL without path and query, in which many receivers have a token. */
function shownUrl(url: string): string {
  return new URL(url).origin
}

/** A receiver may take so long for its answer. */
const attemptTimeoutMs = 10_000
/** Statuses below 500 that ask to try again later. */
const temporary = new Set([408, 425, 429])

/** Why an attempt failed. */
export interface AttemptFailure {
  problem: string
  /** The receiver refuses this event; it may take another. */
  refused: boolean
  /** From the receiver's `Retry-After`. */
  retryAfterMs?: number
}

export interface SignedPost {
  url: string
  secret: string
  id: string
  body: string
  /** Milliseconds since 1970. */
  now: number
  signal: AbortSignal
}

/** One attempt at an event (Standard Webhooks). Resolves with the failure; undefined when the receiver has the event. */
export async function postEvent({
  url,
  secret,
  id,
  body,
  now,
  signal,
}: SignedPost): Promise<AttemptFailure | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      // A signed event is sent to no other URL: the setting of a receiver that has moved must be changed.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]),
      headers: signedHeaders(secret, id, now, body),
      body,
    })
    await response.body?.cancel()
    const { ok, status, headers } = response
    if (ok) return undefined
    const seconds = Number(headers.get('retry-after') ?? Number.NaN)

    return {
      problem: `it answered ${status}`,
      refused: status >= 400 && status < 500 && !temporary.has(status),
      ...defined({ retryAfterMs: seconds > 0 ? seconds * 1000 : undefined }),
    }
  } catch (error) {
    const { message, cause } = error as Error

    const problem = cause instanceof Error ? `${message}: ${cause.message}` : message

    // The URL may hold a token.
    return { problem: problem.replaceAll(url, new URL(url).origin), refused: false }
  }
}
