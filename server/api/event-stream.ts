import type { ServerResponse } from 'node:http'
import type { BatonEvent, Events } from '../calls/events.ts'

export interface EventFilter {
  types: ReadonlySet<string>
  project?: string | undefined
  callId?: string | undefined
}

export interface StreamLimits {
  /** Bytes that may wait for a slow reader; beyond that the stream is ended, and the reader comes back for the rest. */
  backlog: number
  /** Milliseconds between comments that keep the connection open. */
  keepAlive: number
}

/** One reader of `/v1/events`: server-sent events, as the HTML standard (9.2) has them. */
export class EventStream {
  readonly #response: ServerResponse
  readonly #limits: StreamLimits
  readonly #filter: EventFilter
  #stop: () => void = () => undefined

  constructor(response: ServerResponse, filter: EventFilter, limits: StreamLimits) {
    this.#response = response
    this.#filter = filter
    this.#limits = limits
  }

  /** Replays what came after `lastId`, then follows. `ended` is called once, whoever ends it. */
  follow(events: Events, lastId: number | undefined, ended: () => void): void {
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    this.#response.write('retry: 2000\n\n')

    const unsubscribe = events.subscribe((event) => this.#send(event))
    const keepAlive = setInterval(() => this.#response.write(':\n\n'), this.#limits.keepAlive)
    this.#stop = () => {
      this.#stop = () => undefined
      unsubscribe()
      clearInterval(keepAlive)
      ended()
    }
    this.#response.on('close', () => this.#stop())
    if (lastId !== undefined) this.#replay(events, lastId)
  }

  /** Idempotent. */
  end(): void {
    this.#stop()
    this.#response.end()
  }

  #replay(events: Events, lastId: number): void {
    const kept = events.since(0)
    const newest = kept.at(-1)?.id ?? 0
    // Numbers begin again with each process: whoever saw a higher one saw another process, and gets all there is.
    const missed = lastId > newest ? kept : kept.filter((event) => event.id > lastId)
    const oldest = missed[0]?.id
    if (lastId <= newest && oldest !== undefined && oldest > lastId + 1) {
      this.#response.write(`: events ${lastId + 1} to ${oldest - 1} are no longer kept\n\n`)
    }
    for (const event of missed) this.#send(event)
  }

  #send(event: BatonEvent): void {
    const { types, project, callId } = this.#filter
    if (types.size > 0 && !types.has(event.type)) return
    if (project !== undefined && event.project !== project) return
    if (callId !== undefined && event.callId !== callId) return

    this.#response.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    if (this.#response.writableLength > this.#limits.backlog) this.#cutOff()
  }

  // A reader that does not read: what waits for it is dropped with its connection, and Last-Event-ID brings it back.
  #cutOff(): void {
    this.#stop()
    this.#response.destroy()
  }
}
