import type { ServerResponse } from 'node:http'
import { maskedEvent, type Principal } from '../access/index.ts'
import type { BatonEvent, Events } from '../calls/events.ts'
import { targetOfProjects, type TargetView } from '../targets/index.ts'
import { turn } from './streamed-answers.ts'

export interface EventFilter {
  types: ReadonlySet<string>
  project?: string | undefined
  callId?: string | undefined
  /** Events of other projects are left out, and the numbers of callers masked, as this principal's role requires. */
  reader: Pick<Principal, 'sees' | 'seesNumbersOf' | 'mayEverywhere'>
  /** The stream ends when this has become false. */
  isStillAdmitted: () => boolean
}

export interface StreamLimits {
  /** Milliseconds between comments that keep the connection open. */
  keepAliveMs: number
  /** Milliseconds in which one look at whether the reader is still admitted is enough. */
  admissionMs: number
  /** Milliseconds between two writes: the events between them are written together. */
  gatherMs: number
  /** A reader whose connection takes nothing for so long, while it misses `lagBytes` of events, is disconnected. */
  stalledMs: number
  lagBytes: number
  /** A reader that misses so many bytes of events is disconnected at once. */
  maxLagBytes: number
}

/** Events that one reader is sent, or that are counted for it, in its turn of the event loop; SIP is served between turns. */
const maxEventsInOneTurn = 100
/** Bytes of one write. */
const maxWriteBytes = 64 * 1024

/** A connection that takes no more bytes, and what its reader misses. */
interface BlockedReader {
  since: number
  lagBytes: number
  /** The id of the last event that is counted in `lagBytes`. */
  countedId: number
}

/**
 * One reader of `/v1/events`: server-sent events (HTML standard, 9.2). A call that emits an event pays for no reader: events are
 * serialised and written in a turn of their own, those of a few milliseconds together. Events that the connection does not take
 * yet are read later from those that are kept: there is no queue per reader.
 */
export class EventStream {
  readonly #response: ServerResponse
  readonly #limits: StreamLimits
  readonly #filter: EventFilter
  readonly #events: Events
  /** The id of the last event that was sent to this reader, or filtered out. */
  #lastId: number
  #blocked: BlockedReader | undefined
  #turn: NodeJS.Timeout | undefined
  #lastTurnAt = 0
  #isWaitingForTurn = false
  #isOver = false
  #lastAdmittedAt = performance.now()
  #stop: () => void = () => undefined

  constructor(response: ServerResponse, events: Events, filter: EventFilter, limits: StreamLimits) {
    this.#response = response
    this.#events = events
    this.#filter = filter
    this.#limits = limits
    this.#lastId = events.newestId
  }

  /** Sends the events after `lastId`, then new ones. `ended` is called once. */
  follow(lastId: number | undefined, ended: () => void): void {
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    this.#response.write('retry: 2000\n\n')

    const unsubscribe = this.#events.subscribeToNew(() => {
      this.#turn ??= setTimeout(
        () => {
          this.#takeTurn()
        },
        Math.max(0, this.#lastTurnAt + this.#limits.gatherMs - performance.now()),
      )
    })
    const keepAlive = setInterval(() => {
      if (this.endIfNotAdmitted()) return
      if (!this.#blocked) this.#response.write(':\n\n')
    }, this.#limits.keepAliveMs)
    this.#stop = () => {
      this.#stop = () => undefined
      this.#isOver = true
      unsubscribe()
      clearInterval(keepAlive)
      clearTimeout(this.#turn)
      this.#blocked = undefined
      ended()
    }
    this.#response.on('close', () => this.#stop())
    this.#response.on('drain', () => {
      this.#blocked = undefined
      this.#askForTurn()
    })
    if (lastId === undefined) return
    // Ids begin again with each process: a reader with a higher id comes from another process, and gets all events.
    const isOfAnother = lastId > this.#events.newestId
    this.#lastId = isOfAnother ? this.#events.oldestId - 1 : lastId
    this.#askForTurn()
  }

  /** Ends when the reader's session or token has ended, or its role has changed: a reader that comes back gets what it may see. */
  endIfNotAdmitted(): boolean {
    this.#lastAdmittedAt = performance.now()
    if (this.#filter.isStillAdmitted()) return false
    this.end()

    return true
  }

  /** Idempotent. */
  end(): void {
    this.#stop()
    this.#response.end()
  }

  /** Readers that miss much have their turns one after the other, with SIP served between them: a hundred of them delay no call. */
  #askForTurn(): void {
    if (this.#isWaitingForTurn) return
    this.#isWaitingForTurn = true
    void turn().then(() => {
      this.#isWaitingForTurn = false
      if (!this.#isOver) this.#takeTurn()
    })
  }

  /** Sends the reader's next events, as far as the connection takes them and one turn allows. */
  #takeTurn(): void {
    clearTimeout(this.#turn)
    this.#turn = undefined
    this.#lastTurnAt = performance.now()
    if (this.#lastTurnAt - this.#lastAdmittedAt >= this.#limits.admissionMs && this.endIfNotAdmitted()) return
    let left = maxEventsInOneTurn
    while (left > 0 && !this.#blocked && !this.#response.destroyed) {
      const taken = this.#writeNext(left)
      if (taken === 0) return
      left -= taken
    }
    if (this.#blocked) this.#countMissed(this.#blocked)
    else if (!this.#response.destroyed) this.#askForTurn()
  }

  /** Writes the next events, as many as one write takes. Returns how many that were, with those that were filtered out. */
  #writeNext(maxEvents: number): number {
    const frames: Buffer[] = []
    let [bytes, taken] = [0, 0]
    for (; taken < maxEvents && bytes < maxWriteBytes; taken++) {
      const event = this.#events.after(this.#lastId)
      if (!event) break
      if (event.id > this.#lastId + 1) {
        frames.push(Buffer.from(`: events ${this.#lastId + 1} to ${event.id - 1} are no longer kept\n\n`))
      }
      this.#lastId = event.id
      if (!this.#wants(event)) continue
      const frame = this.#frameOf(event)
      frames.push(frame)
      bytes += frame.length
    }
    if (frames.length > 0 && !this.#response.write(Buffer.concat(frames))) {
      this.#blocked ??= { since: performance.now(), lagBytes: 0, countedId: this.#lastId }
    }

    return taken
  }

  #frameOf(event: BatonEvent): Buffer {
    const target = this.#ownTargetOf(event)
    if (target) return frameOf({ ...event, data: { ...event.data, target } })

    return this.#filter.reader.seesNumbersOf(event.project) ? allFrames.of(event) : maskedFrames.of(event)
  }

  #wants(event: BatonEvent): boolean {
    const { type, project, callId } = event
    const { types, project: wantedProject, callId: wantedCall, reader } = this.#filter

    return (
      (types.size === 0 || types.has(type)) &&
      (wantedProject === undefined || project === wantedProject) &&
      (wantedCall === undefined || callId === wantedCall) &&
      (reader.sees(project) || this.#ownTargetOf(event) !== undefined)
    )
  }

  /** The target of an event, which is of no project, as a reader with some projects may see it. */
  #ownTargetOf({ data }: BatonEvent): TargetView | undefined {
    const { reader } = this.#filter
    if (data.target === undefined || reader.mayEverywhere('viewer')) return undefined

    return targetOfProjects(data.target as TargetView, (project) => reader.sees(project))
  }

  /**
   * Counts the events that the reader misses for now, as many as one turn allows. A reader that lags too far is disconnected; it
   * may come back with Last-Event-ID.
   */
  #countMissed(blocked: BlockedReader): void {
    for (let left = maxEventsInOneTurn; blocked.countedId < this.#events.newestId; left--) {
      if (left === 0) {
        this.#askForTurn()
        break
      }
      const event = this.#events.after(blocked.countedId)
      if (!event) break
      blocked.countedId = event.id
      if (this.#wants(event)) blocked.lagBytes += this.#frameOf(event).length
    }
    const { stalledMs, lagBytes, maxLagBytes } = this.#limits
    const isStalled = blocked.lagBytes > lagBytes && performance.now() - blocked.since > stalledMs
    if (!isStalled && blocked.lagBytes <= maxLagBytes) return
    this.#stop()
    this.#response.destroy()
  }
}

function frameOf(event: BatonEvent): Buffer {
  return Buffer.from(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

/** Events on the wire, each serialised once for all readers. */
class EventFrames {
  readonly #known = new WeakMap<BatonEvent, Buffer>()
  readonly #shown: (event: BatonEvent) => BatonEvent

  constructor(shown: (event: BatonEvent) => BatonEvent) {
    this.#shown = shown
  }

  of(event: BatonEvent): Buffer {
    const known = this.#known.get(event)
    if (known) return known
    const frame = frameOf(this.#shown(event))
    this.#known.set(event, frame)

    return frame
  }
}

const allFrames = new EventFrames((event) => event)
const maskedFrames = new EventFrames(maskedEvent)
