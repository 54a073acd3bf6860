import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BatonEvent } from '../../../server/calls/events.ts'

export interface Received {
  headers: IncomingHttpHeaders
  body: string
}

/** A status, or a function of the event that returns one. */
export type Answer = number | ((event: BatonEvent) => number)

/** A receiver that gives these answers in turn, then 204; a function answers all later events. */
export class Receiver {
  readonly received: Received[] = []
  answers: Answer[]
  /** Headers of every answer. */
  headers: Record<string, string> = {}
  url = ''
  readonly #server: Server
  #heard: (() => void) | undefined

  constructor(...answers: Answer[]) {
    this.answers = answers
    this.#server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        this.received.push({ headers: request.headers, body })
        const answer = this.answers.shift() ?? 204
        if (typeof answer === 'function') this.answers.unshift(answer)
        response
          .writeHead(typeof answer === 'number' ? answer : answer(JSON.parse(body) as BatonEvent), this.headers)
          .end()
        this.#heard?.()
      })
    })
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')

    return (this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`)
  }

  async until(count: number): Promise<void> {
    while (this.received.length < count) await new Promise<void>((resolve) => (this.#heard = resolve))
  }

  /** Ids of the events in the order of arrival. */
  get ids(): number[] {
    return this.events.map(({ id }) => id)
  }

  get events(): BatonEvent[] {
    return this.received.map(({ body }) => JSON.parse(body) as BatonEvent)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
