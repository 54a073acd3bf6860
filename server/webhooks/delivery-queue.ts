import type { BatonEvent } from '../calls/events.ts'

const maxInFlight = 16
/** Repeated attempts among those in flight, so that events which are always refused leave room for the others. */
const maxRetriesInFlight = 4
/** An event holds back the later events of its call for so many attempts; then it is delivered out of order. */
const orderedAttempts = 3

/** One event on its way to the receiver. */
export interface Delivery {
  /** `webhook-id`: the same for each attempt and each replay. */
  readonly id: string
  readonly event: BatonEvent
  /** Attempts that have failed. */
  attempts: number
  /** Why the last attempt failed. */
  problem?: string
  /** An operator has asked for it. */
  readonly replay: boolean
}

interface QueueEntry {
  readonly lane: string
  state: 'queued' | 'in_flight' | 'pausing'
  /** Later events of the same lane wait for this event. */
  holdsLane: boolean
}

/**
 * Chooses the delivery to attempt next. The events of one call (without a call: of one environment) share a lane and go one
 * after another; lanes go side by side.
 */
export class DeliveryQueue {
  /** Every delivery that is not over, oldest first. */
  readonly #entries = new Map<Delivery, QueueEntry>()
  /** Deliveries that wait for the one that holds their lane. */
  readonly #lanes = new Map<string, Delivery[]>()
  readonly #fresh = new Set<Delivery>()
  readonly #retries = new Set<Delivery>()
  #inFlight = 0
  #retriesInFlight = 0

  get size(): number {
    return this.#entries.size
  }

  /** Oldest first. */
  get all(): Iterable<Delivery> {
    return this.#entries.keys()
  }

  get idle(): boolean {
    return this.#inFlight === 0
  }

  has(delivery: Delivery): boolean {
    return this.#entries.has(delivery)
  }

  add(delivery: Delivery): void {
    const { callId, project, environment } = delivery.event
    const lane = callId ?? `${project} ${environment}`
    const waiting = this.#lanes.get(lane)
    this.#entries.set(delivery, { lane, state: 'queued', holdsLane: !waiting })
    if (waiting) {
      waiting.push(delivery)
      return
    }
    this.#lanes.set(lane, [])
    this.#fresh.add(delivery)
  }

  /** The next delivery to attempt; undefined while no delivery is due, or too many are in flight. */
  next(): Delivery | undefined {
    if (this.#inFlight >= maxInFlight) return undefined
    const [fresh] = this.#fresh
    const [retry] = this.#retriesInFlight < maxRetriesInFlight ? this.#retries : []
    const delivery = fresh ?? retry
    const entry = delivery && this.#entries.get(delivery)
    if (!delivery || !entry) return undefined
    this.#fresh.delete(delivery)
    this.#retries.delete(delivery)
    entry.state = 'in_flight'
    this.#inFlight += 1
    if (delivery.attempts > 0) this.#retriesInFlight += 1

    return delivery
  }

  /**
   * An attempt of `next()` has failed, and another one comes after a pause: `resume()` it then.
   * @param yields later events of its lane go first from now on
   */
  pause(delivery: Delivery, yields: boolean): void {
    const entry = this.#landed(delivery)
    delivery.attempts += 1
    if (!entry) return
    entry.state = 'pausing'
    if (yields || delivery.attempts >= orderedAttempts) this.#release(entry)
  }

  resume(delivery: Delivery): void {
    const entry = this.#entries.get(delivery)
    if (entry?.state !== 'pausing') return
    entry.state = 'queued'
    this.#retries.add(delivery)
  }

  /** The delivery is over: done or given up. */
  remove(delivery: Delivery): void {
    const entry = this.#landed(delivery)
    if (!entry) return
    this.#entries.delete(delivery)
    this.#fresh.delete(delivery)
    this.#retries.delete(delivery)
    const waiting = this.#lanes.get(entry.lane)
    if (waiting?.includes(delivery)) waiting.splice(waiting.indexOf(delivery), 1)
    this.#release(entry)
  }

  /** The oldest delivery that is not in flight. */
  oldestIdle(): Delivery | undefined {
    for (const [delivery, { state }] of this.#entries) if (state !== 'in_flight') return delivery

    return undefined
  }

  #landed(delivery: Delivery): QueueEntry | undefined {
    const entry = this.#entries.get(delivery)
    if (entry?.state === 'in_flight') {
      this.#inFlight -= 1
      if (delivery.attempts > 0) this.#retriesInFlight -= 1
      entry.state = 'queued'
    }

    return entry
  }

  #release(entry: QueueEntry): void {
    if (!entry.holdsLane) return
    entry.holdsLane = false
    const next = this.#lanes.get(entry.lane)?.shift()
    const nextEntry = next && this.#entries.get(next)
    if (!nextEntry) {
      this.#lanes.delete(entry.lane)
      return
    }
    nextEntry.holdsLane = true
    this.#fresh.add(next)
  }
}
