import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BatonEvent, BatonEventType } from '../../../server/calls/events.ts'
import { startApi, type TestApi } from './baton.ts'

/** A reader of the stream, like a browser's EventSource. */
class Reader {
  readonly response: IncomingMessage
  #text = ''

  private constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8')
    response.on('data', (text: string) => (this.#text += text))
    // A disconnected stream ends with an error.
    response.on('error', () => undefined)
  }

  static async open(baton: TestApi, path = '/v1/events', headers: Record<string, string> = {}): Promise<Reader> {
    const { port } = baton.api.server.address() as AddressInfo
    const request = get({ host: '127.0.0.1', port, path, headers })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const reader = new Reader(response)
    await reader.until((text) => text.includes('retry:'))

    return reader
  }

  /** The stream's text, once the condition holds. */
  async until(wanted: (text: string) => boolean): Promise<string> {
    while (!wanted(this.#text)) await once(this.response, 'data')

    return this.#text
  }

  /** The next events, once so many have come. */
  async events(count: number): Promise<BatonEvent[]> {
    const read = () => [...this.#text.matchAll(/^data: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data!) as BatonEvent)
    await this.until(() => read().length >= count)

    return read()
  }

  close(): void {
    this.response.destroy()
  }
}

describe('the stream of events', () => {
  let baton: TestApi
  beforeEach(async () => {
    baton = await startApi()
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
  })
  afterEach(() => baton.close())

  const emit = (type: BatonEventType, fields: Partial<BatonEvent> = {}) =>
    baton.events.emit(type, () => ({ project: 'demo', environment: 'live', data: {}, ...fields }))

  it('tells each event with its id, its type and its data', async () => {
    const reader = await Reader.open(baton)
    emit('call.started', { callId: 'call-1' })
    const text = await reader.until((all) => all.includes('data:'))
    const [event] = await reader.events(1)
    reader.close()

    assert.equal(reader.response.headers['content-type'], 'text/event-stream')
    assert.match(text, /^id: 1\nevent: call\.started\ndata: \{.*\}\n\n/m)
    assert.deepEqual([event?.id, event?.type, event?.callId, event?.project], [1, 'call.started', 'call-1', 'demo'])
  })

  it('makes and writes events outside the turn that emits them, those of a moment in one write', async () => {
    const reader = await Reader.open(baton)
    let [made, writes] = [0, 0]
    reader.response.on('data', () => writes++)
    for (let n = 0; n < 50; n++) {
      baton.events.emit('call.started', () => {
        made++

        return { project: 'demo', environment: 'live', data: {} }
      })
    }
    assert.equal(made, 0)
    const events = await reader.events(50)
    reader.close()

    assert.deepEqual([made, writes], [50, 1])
    assert.deepEqual(
      events.map(({ id }) => id),
      Array.from({ length: 50 }, (_, at) => at + 1),
    )
  })

  it('replays what a reader missed, from the id that it saw last', async () => {
    for (const type of ['call.started', 'call.answered', 'call.ended'] as const) emit(type)
    const byHeader = await Reader.open(baton, '/v1/events', { 'last-event-id': '1' })
    const byQuery = await Reader.open(baton, '/v1/events?lastEventId=2')
    const seen = [await byHeader.events(2), await byQuery.events(1)]
    byHeader.close()
    byQuery.close()

    assert.deepEqual(
      seen.map((events) => events.map(({ id }) => id)),
      [[2, 3], [3]],
    )
  })

  it('replays everything to a reader that saw a higher id: Baton has restarted since', async () => {
    emit('call.started')
    const reader = await Reader.open(baton, '/v1/events', { 'last-event-id': '500' })
    const events = await reader.events(1)
    reader.close()

    assert.deepEqual(
      events.map(({ id }) => id),
      [1],
    )
  })

  it('says which events are no longer kept', async () => {
    for (let n = 0; n < 2500; n++) emit('call.started')
    const oldest = baton.events.since(0)[0]!.id
    const reader = await Reader.open(baton, '/v1/events', { 'last-event-id': '1' })
    const text = await reader.until((all) => all.includes('id: 2500\n'))
    reader.close()

    assert.match(text, new RegExp(`^: events 2 to ${oldest - 1} are no longer kept$`, 'm'))
  })

  it('sends only the events that the filter names', async () => {
    const reader = await Reader.open(baton, '/v1/events?type=call.ended,transfer.ended&project=demo&callId=call-1')
    emit('call.started', { callId: 'call-1' })
    emit('call.ended', { callId: 'call-2' })
    emit('call.ended', { callId: 'call-1', project: 'other' })
    emit('transfer.ended', { callId: 'call-1' })
    emit('call.ended', { callId: 'call-1' })
    const events = await reader.events(2)
    reader.close()

    assert.deepEqual(
      events.map(({ id }) => id),
      [4, 5],
    )
  })

  it('ends for a reader that does not read, and goes on for the others', async () => {
    const slow = await Reader.open(baton)
    const other = await Reader.open(baton, '/v1/events?type=call.ended')
    slow.response.pause()
    const ended = new Promise((resolve) => slow.response.on('close', resolve))
    const large = 'x'.repeat(1_000_000)
    for (let n = 0; n < 20; n++) emit('call.started', { data: { large } })
    emit('call.ended')
    const events = await other.events(1)
    slow.response.resume()
    await ended
    other.close()

    assert.deepEqual(
      events.map(({ type }) => type),
      ['call.ended'],
    )
    assert.equal(slow.response.complete, false)
  })

  it('takes 100 readers at once and refuses more, until one leaves', async () => {
    const readers = await Promise.all(Array.from({ length: 100 }, () => Reader.open(baton)))
    const refused = await baton.api.inject('/v1/events')
    assert.equal(refused.statusCode, 503)

    readers.pop()!.close()
    for (;;) {
      const again = await fetch(`http://127.0.0.1:${(baton.api.server.address() as AddressInfo).port}/v1/events`)
      await again.body?.cancel()
      if (again.status === 200) break
    }
    for (const reader of readers) reader.close()
  })

  it('refuses filters that it does not have', async () => {
    assert.equal((await baton.api.inject('/v1/events?colour=red')).statusCode, 400)
    assert.equal((await baton.api.inject({ url: '/v1/events', headers: { 'last-event-id': 'x' } })).statusCode, 400)
  })

  it('ends with the API', async () => {
    const reader = await Reader.open(baton)
    const ended = once(reader.response, 'end')
    reader.response.resume()
    await baton.api.close()
    await ended
  })
})
