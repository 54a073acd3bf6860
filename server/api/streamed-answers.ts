import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

import type { BatonEvent, Events } from '../calls/events.ts'

export interface EventFilter {
  types: ReadonlySet<string>
  project?: string | undefined
  callId?: string | undefined
}

export interface StreamLimits {
  /** Milliseconds between comments that keep the connection open. */
  keepAliveMs: number
  /** A reader that takes nothing for so long, while `lagBytes` of events pass it by, is cut off. */
  stalledMs: number
  lagBytes: number
  /** A reader that takes nothing while so much passes it by is cut off at once. */
  maxLagBytes: number
}

/** Events looked at in one turn of the event loop; SIP has its turn after them. */
const maxEventsInOneTurn = 100

/**
 * One reader of `/v1/events`: server-sent events, as the HTML standard (9.2) has them. A reader is given what its connection
 * takes and the rest from the events that are kept, so that nothing is queued for a slow one.
 */
export class EventStream {
  readonly #response: ServerResponse
  readonly #limits: StreamLimits
  readonly #filter: EventFilter
  readonly #events: Events
  /** The id of the last event that was looked at for this reader. */
  #lastId: number
  /** Set while the connection takes no more. */
  #waiting: { since: number; lag: number } | undefined
  #turn: NodeJS.Immediate | undefined
  #stop: () => void = () => undefined

  constructor(response: ServerResponse, events: Events, filter: EventFilter, limits: StreamLimits) {
    this.#response = response
    this.#events = events
    this.#filter = filter
    this.#limits = limits
    this.#lastId = events.newestId
  }

  /** Replays what came after `lastId`, then follows. `ended` is called once, whoever ends it. */
  follow(lastId: number | undefined, ended: () => void): void {
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    this.#response.write('retry: 2000\n\n')

    const unsubscribe = this.#events.subscribe((event) => {
      if (this.#waiting) this.#passBy(event, this.#waiting)
      else this.#pump()
    })
    const keepAlive = setInterval(() => {
      if (!this.#waiting) this.#response.write(':\n\n')
    }, this.#limits.keepAliveMs)
    this.#stop = () => {
      this.#stop = () => undefined
      unsubscribe()
      clearInterval(keepAlive)
      clearImmediate(this.#turn)
      this.#waiting = undefined
      ended()
    }
    this.#response.on('close', () => this.#stop())
    this.#response.on('drain', () => {
      this.#waiting = undefined
      this.#pump()
    })
    if (lastId === undefined) return
    // Numbers begin again with each process: a reader that saw a higher one saw another process, and gets all there is.
    const isOfAnother = lastId > this.#events.newestId
    this.#lastId = isOfAnother ? this.#events.oldestId - 1 : lastId
    this.#pump()
  }

  /** Idempotent. */
  end(): void {
    this.#stop()
    this.#response.end()
  }

  /** Gives the reader what it has not had, as far as the connection takes it. */
  #pump(): void {
    clearImmediate(this.#turn)
    for (let looked = 0; !this.#waiting && !this.#response.destroyed; looked++) {
      const event = this.#events.after(this.#lastId)
      if (!event) return
      if (looked === maxEventsInOneTurn) {
        this.#turn = setImmediate(() => this.#pump())

        return
      }
      if (event.id > this.#lastId + 1) {
        this.#write(`: events ${this.#lastId + 1} to ${event.id - 1} are no longer kept\n\n`)
      }
      this.#lastId = event.id
      if (this.#wants(event)) this.#write(frameOf(event))
    }
  }

  #write(text: string | Buffer): void {
    if (!this.#response.write(text)) this.#waiting ??= { since: performance.now(), lag: 0 }
  }

  #wants({ type, project, callId }: BatonEvent): boolean {
    const { types, project: wantedProject, callId: wantedCall } = this.#filter

    return (
      (types.size === 0 || types.has(type)) &&
      (wantedProject === undefined || project === wantedProject) &&
      (wantedCall === undefined || callId === wantedCall)
    )
  }

  /** The reader does not take what it has: once that has gone on for too long, Last-Event-ID may bring it back. */
  #passBy(event: BatonEvent, waiting: { since: number; lag: number }): void {
    if (!this.#wants(event)) return
    const { stalledMs, lagBytes, maxLagBytes } = this.#limits
    waiting.lag += frameOf(event).length
    const isStalled = waiting.lag > lagBytes && performance.now() - waiting.since > stalledMs
    if (!isStalled && waiting.lag <= maxLagBytes) return
    this.#stop()
    this.#response.destroy()
  }
}

const frames = new WeakMap<BatonEvent, Buffer>()

/** An event as it is on the wire, written once for all readers. */
function frameOf(event: BatonEvent): Buffer {
  const known = frames.get(event)
  if (known) return known
  const frame = Buffer.from(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  frames.set(event, frame)

  return frame
}

/** What is made of a list before its reader has taken what there is, in characters. */
const chunkLength = 32 * 1024

/**
 * `{"<field>":[…],<others>}` as a stream: an element is made when the reader has taken those before it, and between two chunks, of
 * whichever list, SIP has its turn.
 */
export function jsonList(field: string, elements: () => Iterable<unknown>, others: object = {}): Readable {
  return Readable.from(chunks(field, elements, others), { objectMode: false, highWaterMark: chunkLength })
}

async function* chunks(field: string, elements: () => Iterable<unknown>, others: object): AsyncGenerator<Buffer> {
  let text = `{${JSON.stringify(field)}:[`
  let isFirst = true
  await turn()
  for (const element of elements()) {
    text += `${isFirst ? '' : ','}${JSON.stringify(element)}`
    isFirst = false
    if (text.length < chunkLength) continue
    yield Buffer.from(text)
    text = ''
    await turn()
  }
  const rest = JSON.stringify(others).slice(1)
  yield Buffer.from(`${text}]${rest === '}' ? '' : ','}${rest}`)
}

/** The turn of the list that asked last. */
let last: Promise<void> = Promise.resolve()

/** Resolves when every list that asked before has had its turn, one in each turn of the event loop. */
function turn(): Promise<void> {
  return (last = last.then(() => new Promise((resolve) => setImmediate(resolve))))
}
