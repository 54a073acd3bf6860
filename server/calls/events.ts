import type { CallView, TransferView } from '../legs/views.ts'

export type BatonEventType =
  | 'call.started'
  | 'call.answered'
  | 'call.state'
  | 'call.recording'
  | 'call.ended'
  | 'transfer.requested'
  | 'transfer.progress'
  | 'transfer.ended'
  | 'transfer.amended'
  | 'process.restarted'
  | 'routes.changed'
  | 'routes.promoted'
  | 'routes.rolled_back'
  | 'target.down'
  | 'target.up'
  | 'target.taken_out'
  | 'target.enabled'
  | 'switch.set'
  | 'switch.removed'
  | 'switch.expired'

/** What `/v1/events` and webhooks carry. `data` has the call (and transfer) as it was at that moment. */
export interface BatonEvent {
  /** Increases by one with each event of this process. */
  id: number
  type: BatonEventType
  /** ISO 8601. */
  at: string
  project: string
  environment: string
  callId?: string
  transferId?: string
  data: { call?: CallView; transfer?: TransferView; [key: string]: unknown }
}

/** An event before the bus has given it its id and time. */
export type EventContent = Omit<BatonEvent, 'id' | 'type' | 'at'>

type BatonEventListener = (event: BatonEvent) => void
type NewEventListener = () => void

/** The bus of events; the last events are kept for listeners that reconnect. */
export class Events {
  readonly #listeners = new Set<BatonEventListener>()
  readonly #newEventListeners = new Set<NewEventListener>()
  readonly #recent: KeptEvent[] = []
  readonly #keep: number
  #lastId = 0

  /** @param keep how many recent events can be replayed to a listener that names the last one it saw */
  constructor(keep = 1000) {
    this.#keep = keep
  }

  /** @param build makes the content, as it is now; called when the event is first read */
  emit(type: BatonEventType, build: () => EventContent): void {
    const kept = new KeptEvent(++this.#lastId, type, build)
    this.#recent.push(kept)
    if (this.#recent.length >= 2 * this.#keep) this.#recent.splice(0, this.#recent.length - this.#keep)

    for (const listener of this.#newEventListeners) listener()
    for (const listener of this.#listeners) {
      try {
        listener(kept.event)
      } catch {
        // An exception of a listener concerns no call.
      }
    }
  }

  /** The id of the last event; 0 before the first. */
  get newestId(): number {
    return this.#lastId
  }

  /** The id of the oldest event that is kept; that of the next one when none is. */
  get oldestId(): number {
    return this.#recent[0]?.id ?? this.#lastId + 1
  }

  /** The first event after `id` that is still kept. */
  after(id: number): BatonEvent | undefined {
    // Ids have no gaps.
    return this.#recent[Math.max(0, id + 1 - this.oldestId)]?.event
  }

  /** Events after `id` that are still kept, oldest first. */
  since(id: number): BatonEvent[] {
    return this.#recent.filter((kept) => kept.id > id).map(({ event }) => event)
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: BatonEventListener): () => void {
    this.#listeners.add(listener)

    return () => this.#listeners.delete(listener)
  }

  /**
   * Tells of each event without making its content, so that a reader can make the contents of many outside the turn of the call
   * that emits them.
   *
   * @param listener must not throw
   * @returns the function that ends the subscription
   */
  subscribeToNew(listener: NewEventListener): () => void {
    this.#newEventListeners.add(listener)

    return () => this.#newEventListeners.delete(listener)
  }
}

/** An event whose content is made when it is first read. */
class KeptEvent {
  readonly id: number
  readonly #type: BatonEventType
  readonly #at = Date.now()
  readonly #build: () => EventContent
  #event: BatonEvent | undefined

  constructor(id: number, type: BatonEventType, build: () => EventContent) {
    this.id = id
    this.#type = type
    this.#build = build
  }

  get event(): BatonEvent {
    return (this.#event ??= {
      ...this.#build(),
      id: this.id,
      type: this.#type,
      at: new Date(this.#at).toISOString(),
    })
  }
}
