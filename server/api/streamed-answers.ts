import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

import { maskedEvent, type Principal } from '../access/index.ts'
import type { BatonEvent, Events } from '../calls/events.ts'

export interface EventFilter {
  types: ReadonlySet<string>
  project?: string | undefined
  callId?: string | undefined
  /** Events of other projects are left out, and the numbers of callers masked, as this principal's role requires. */
  reader: Pick<Principal, 'hasProject' | 'seesNumbers'>
  /** The stream ends soon after this has become false. */
  isStillAdmitted: () => boolean
}

export interface StreamLimits {
  /** Milliseconds between comments that keep the connection open. */
  keepAliveMs: number
  /** A reader whose connection takes nothing for so long, while it misses `lagBytes` of events, is disconnected. */
  stalledMs: number
  lagBytes: number
  /** A reader that misses so many bytes of events is disconnected at once. */
  maxLagBytes: number
}

/** Events per turn of the event loop; SIP is served between turns. */
const maxEventsInOneTurn = 100

/**
 * One reader of `/v1/events`: server-sent events (HTML standard, 9.2). Events that the connection does not take yet are read
 * later from those that are kept: there is no queue per reader.
 */
export class EventStream {
  readonly #response: ServerResponse
  readonly #limits: StreamLimits
  readonly #filter: EventFilter
  readonly #events: Events
  /** The id of the last event that was sent to this reader, or filtered out. */
  #lastId: number
  /** Set while the connection takes no more bytes. */
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

  /** Sends the events after `lastId`, then new ones. `ended` is called once. */
  follow(lastId: number | undefined, ended: () => void): void {
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    this.#response.write('retry: 2000\n\n')

    const unsubscribe = this.#events.subscribe((event) => {
      if (this.#waiting) this.#miss(event, this.#waiting)
      else this.#pump()
    })
    const keepAlive = setInterval(() => {
      if (!this.#filter.isStillAdmitted()) this.end()
      else if (!this.#waiting) this.#response.write(':\n\n')
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
    // Ids begin again with each process: a reader with a higher id comes from another process, and gets all events.
    const isOfAnother = lastId > this.#events.newestId
    this.#lastId = isOfAnother ? this.#events.oldestId - 1 : lastId
    this.#pump()
  }

  /** Idempotent. */
  end(): void {
    this.#stop()
    this.#response.end()
  }

  /** Sends the reader's next events, as far as the connection takes them. */
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
      if (this.#wants(event)) this.#write(this.#frameOf(event))
    }
  }

  #frameOf(event: BatonEvent): Buffer {
    return this.#filter.reader.seesNumbers ? frames.of(event) : maskedFrames.of(event)
  }

  #write(text: string | Buffer): void {
    if (!this.#response.write(text)) this.#waiting ??= { since: performance.now(), lag: 0 }
  }

  #wants({ type, project, callId }: BatonEvent): boolean {
    const { types, project: wantedProject, callId: wantedCall, reader } = this.#filter

    return (
      (types.size === 0 || types.has(type)) &&
      (wantedProject === undefined || project === wantedProject) &&
      (wantedCall === undefined || callId === wantedCall) &&
      reader.hasProject(project)
    )
  }

  /** An event that the reader misses for now. A reader that lags too far is disconnected; it may come back with Last-Event-ID. */
  #miss(event: BatonEvent, waiting: { since: number; lag: number }): void {
    if (!this.#wants(event)) return
    const { stalledMs, lagBytes, maxLagBytes } = this.#limits
    waiting.lag += this.#frameOf(event).length
    const isStalled = waiting.lag > lagBytes && performance.now() - waiting.since > stalledMs
    if (!isStalled && waiting.lag <= maxLagBytes) return
    this.#stop()
    this.#response.destroy()
  }
}

/** Events on the wire, each serialised once for all readers. */
class Frames {
  readonly #known = new WeakMap<BatonEvent, Buffer>()
  readonly #shown: (event: BatonEvent) => BatonEvent

  constructor(shown: (event: BatonEvent) => BatonEvent) {
    this.#shown = shown
  }

  of(event: BatonEvent): Buffer {
    const known = this.#known.get(event)
    if (known) return known
    const { id, type } = event
    const frame = Buffer.from(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(this.#shown(event))}\n\n`)
    this.#known.set(event, frame)

    return frame
  }
}

const frames = new Frames((event) => event)
const maskedFrames = new Frames(maskedEvent)

type Elements = Iterable<unknown> | AsyncIterable<unknown>

/** An answer that is written as its reader takes it. */
export function streamed(reply: FastifyReply, text: Readable, type = 'application/json; charset=utf-8'): never {
  return reply.type(type).send(text) as never
}

/** Characters of a list that are serialised ahead of its reader. */
const chunkLength = 32 * 1024

/**
 * `{"<field>":[…],<others>}` as a stream: an element is serialised when the reader has taken those before it, and SIP is
 * served between two chunks, of all lists together.
 */
export function jsonList(field: string, elements: () => Elements, others: object = {}): Readable {
  return Readable.from(chunks(field, elements, others), { objectMode: false, highWaterMark: chunkLength })
}

/** Texts as a stream: each is made when the reader has taken those before it, and SIP is served between them. */
export function textList(texts: AsyncIterable<string>): Readable {
  return byteList(bytesOf(texts))
}

/** Buffers as a stream, as `textList` makes one. */
export function byteList(buffers: Iterable<Buffer> | AsyncIterable<Buffer>): Readable {
  return Readable.from(inTurns(buffers), { objectMode: false, highWaterMark: chunkLength })
}

async function* bytesOf(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text)
}

async function* inTurns(buffers: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const buffer of buffers) {
    yield buffer
    await turn()
  }
}

async function* chunks(field: string, elements: () => Elements, others: object): AsyncGenerator<Buffer> {
  let text = `{${JSON.stringify(field)}:[`
  let isFirst = true
  await turn()
  for await (const element of elements()) {
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

/** Resolves when every list that asked before has had its turn: one list per turn of the event loop. */
export function turn(): Promise<void> {
  return (last = last.then(() => new Promise((resolve) => setImmediate(resolve))))
}
