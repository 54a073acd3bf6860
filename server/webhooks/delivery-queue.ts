import type { BatonEvent } from '../calls/events.ts'

/** How many events are on their way to the receiver at once. */
const maxInFlight = 16
/** How many of these may be repeated attempts, so that events which are always refused leave room for the others. */
const maxRetriesInFlight = 4
/** An event holds back the later ones of its call for that many attempts; then it is delivered out of order. */
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
  /** It was asked for by an operator. */
  readonly replay: boolean
}

interface QueueEntry {
  readonly lane: string
  state: 'queued' | 'in_flight' | 'pausing'
  /** Later events of the same lane wait for this one. */
  holdsLane: boolean
}

/**
 * Which event is attempted next. Events of one call (those without a call: of one environment) are in one lane and go one
 * after another; lanes go side by side.
 */
export class DeliveryQueue {
  /** Every delivery that is not over, oldest first. */
  readonly #places = new Map<Delivery, QueueEntry>()
  /** What waits for the delivery that holds its lane. */
  readonly #lanes = new Map<string, Delivery[]>()
  readonly #fresh = new Set<Delivery>()
  readonly #retries = new Set<Delivery>()
  #inFlight = 0
  #retriesInFlight = 0

  get size(): number {
    return this.#places.size
  }

  /** Every delivery that is not over, oldest first. */
  get all(): Iterable<Delivery> {
    return this.#places.keys()
  }

  get idle(): boolean {
    return this.#inFlight === 0
  }

  add(delivery: Delivery): void {
    const { callId, project, environment } = delivery.event
    const lane = callId ?? `${project} ${environment}`
    const waiting = this.#lanes.get(lane)
    this.#places.set(delivery, { lane, state: 'queued', holdsLane: !waiting })
    if (waiting) {
      waiting.push(delivery)
      return
    }
    this.#lanes.set(lane, [])
    this.#fresh.add(delivery)
  }

  /** The next delivery to attempt; undefined while there is none, or no room for it. */
  next(): Delivery | undefined {
    if (this.#inFlight >= maxInFlight) return undefined
    const [fresh] = this.#fresh
    const [retry] = this.#retriesInFlight < maxRetriesInFlight ? this.#retries : []
    const delivery = fresh ?? retry
    const place = delivery && this.#places.get(delivery)
    if (!delivery || !place) return undefined
    this.#fresh.delete(delivery)
    this.#retries.delete(delivery)
    place.state = 'in_flight'
    this.#inFlight += 1
    if (delivery.attempts > 0) this.#retriesInFlight += 1

    return delivery
  }

  /**
   * An attempt of `next()` has failed, and another one comes after a pause: `resume()` it then.
   * @param yields later events of its lane go first from now on
   */
  pause(delivery: Delivery, yields: boolean): void {
    const place = this.#landed(delivery)
    delivery.attempts += 1
    if (!place) return
    place.state = 'pausing'
    if (yields || delivery.attempts >= orderedAttempts) this.#release(place)
  }

  resume(delivery: Delivery): void {
    const place = this.#places.get(delivery)
    if (place?.state !== 'pausing') return
    place.state = 'queued'
    this.#retries.add(delivery)
  }

  /** The delivery is over: done, given up, or taken out. */
  remove(delivery: Delivery): void {
    const place = this.#landed(delivery)
    if (!place) return
    this.#places.delete(delivery)
    this.#fresh.delete(delivery)
    this.#retries.delete(delivery)
    const waiting = this.#lanes.get(place.lane)
    if (waiting?.includes(delivery)) waiting.splice(waiting.indexOf(delivery), 1)
    this.#release(place)
  }

  /** The oldest that is not on its way just now. */
  oldestIdle(): Delivery | undefined {
    for (const [delivery, { state }] of this.#places) if (state !== 'in_flight') return delivery

    return undefined
  }

  #landed(delivery: Delivery): QueueEntry | undefined {
    const place = this.#places.get(delivery)
    if (place?.state === 'in_flight') {
      this.#inFlight -= 1
      if (delivery.attempts > 0) this.#retriesInFlight -= 1
      place.state = 'queued'
    }

    return place
  }

  #release(place: QueueEntry): void {
    if (!place.holdsLane) return
    place.holdsLane = false
    const next = this.#lanes.get(place.lane)?.shift()
    const itsPlace = next && this.#places.get(next)
    if (!itsPlace) {
      this.#lanes.delete(place.lane)
      return
    }
    itsPlace.holdsLane = true
    this.#fresh.add(next)
  }
}
