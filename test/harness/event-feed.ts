import type { BatonEvent } from '../../server/calls/events.ts'

interface Waiter {
  matches(event: BatonEvent): boolean
  resolve(event: BatonEvent): void
}

/** Follows `GET /v1/events` and remembers all of it, so that nothing that was waited for too late is missed. */
export class EventFeed {
  readonly seen: BatonEvent[] = []
  readonly #stop = new AbortController()
  readonly #waiters = new Set<Waiter>()

  /** Resolves once the stream is open. */
  static async open(http: string, token?: string): Promise<EventFeed> {
    const feed = new EventFeed()
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`${http}/v1/events`, { signal: feed.#stop.signal, headers })
    if (!response.ok || !response.body) throw new Error(`GET /v1/events → ${response.status}`)
    void feed.#read(response.body.pipeThrough(new TextDecoderStream())).catch(() => undefined)

    return feed
  }

  /** The first event that matches, past or to come. */
  async when(what: string, matches: (event: BatonEvent) => boolean, seconds = 15): Promise<BatonEvent> {
    const past = this.seen.find(matches)
    if (past) return past

    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        const types = this.seen.slice(-20).map(({ type }) => type)
        reject(new Error(`no ${what} in ${seconds} s; the last events: ${types.join(', ')}`))
      }, seconds * 1000)
      const waiter: Waiter = {
        matches,
        resolve: (event) => {
          clearTimeout(timer)
          resolve(event)
        },
      }
      this.#waiters.add(waiter)
    })
  }

  /** The event of that type of one call, which Baton's id or the Call-ID of its caller names. */
  of(type: BatonEvent['type'], callId: string | undefined, seconds?: number): Promise<BatonEvent> {
    const isIt = (event: BatonEvent): boolean =>
      event.type === type && (event.callId === callId || event.data.call?.caller.callId === callId)

    return this.when(type, isIt, seconds)
  }

  close(): void {
    this.#stop.abort()
  }

  async #read(chunks: AsyncIterable<string>): Promise<void> {
    let rest = ''
    for await (const chunk of chunks) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data !== undefined) this.#take(JSON.parse(data) as BatonEvent)
      }
    }
  }

  #take(event: BatonEvent): void {
    this.seen.push(event)
    for (const waiter of this.#waiters) {
      if (!waiter.matches(event)) continue
      this.#waiters.delete(waiter)
      waiter.resolve(event)
    }
  }
}
