import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Events } from '../../../server/calls/events.ts'
import { signature } from '../../../server/webhooks/signature.ts'
import { Webhooks } from '../../../server/webhooks/index.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

interface Received {
  headers: IncomingHttpHeaders
  body: string
}

/** A receiver that gives these answers in turn, and 204 after them. */
class Receiver {
  readonly received: Received[] = []
  readonly answers: number[]
  readonly #server: Server
  #heard: (() => void) | undefined

  constructor(...answers: number[]) {
    this.answers = answers
    this.#server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        this.received.push({ headers: request.headers, body })
        response.writeHead(this.answers.shift() ?? 204).end()
        this.#heard?.()
      })
    })
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')

    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`
  }

  async until(count: number): Promise<void> {
    while (this.received.length < count) await new Promise<void>((resolve) => (this.#heard = resolve))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

const secret = `whsec_${Buffer.from('a long random text').toString('base64')}`

describe('Webhooks', () => {
  let receiver: Receiver
  let webhooks: Webhooks
  let clock: FakeClock
  let events: Events
  const problems: string[] = []

  const start = async (...answers: number[]) => {
    problems.length = 0
    clock = new FakeClock()
    events = new Events()
    receiver = new Receiver(...answers)
    const log = {
      warn: (_: string, fields?: object) => problems.push(`again: ${(fields as { problem: string }).problem}`),
      error: (message: string) => problems.push(message),
    }
    webhooks = new Webhooks({ url: await receiver.start(), secret, events, clock, log })
  }
  const emit = () => {
    events.emit('call.started', () => ({ project: 'demo', environment: 'live', data: { note: 'Zoë' } }))
  }
  /** The pause after a failed attempt has begun. */
  const paused = async () => {
    while (clock.size === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const ids = () => receiver.received.map(({ body }) => (JSON.parse(body) as { id: number }).id)

  afterEach(async () => {
    await webhooks.close()
    await receiver.close()
  })

  it('are signed over id, time and body, as Standard Webhooks has it', async () => {
    await start()
    emit()
    await receiver.until(1)
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
    const [id, timestamp] = [headers['webhook-id'] as string, headers['webhook-timestamp'] as string]
    const expected = createHmac('sha256', 'a long random text').update(`${id}.${timestamp}.${body}`).digest('base64')

    assert.equal(headers['webhook-signature'], `v1,${expected}`)
    assert.equal(timestamp, String(Math.floor(clock.now() / 1000)))
    assert.equal(headers['content-type'], 'application/json')
    assert.deepEqual((JSON.parse(body) as { data: object }).data, { note: 'Zoë' })
  })

  it('take a secret that is no base64 as it is', () => {
    const expected = createHmac('sha256', 'plain').update('a.1.{}').digest('base64')
    assert.equal(signature('plain', 'a', 1, '{}'), `v1,${expected}`)
  })

  it('are tried again with the same id and a later time, and keep their order', async () => {
    await start(500, 302)
    emit()
    emit()
    await receiver.until(1)
    await paused()
    clock.advance(1000)
    await receiver.until(2)
    await paused()
    clock.advance(1999)
    assert.equal(receiver.received.length, 2)
    clock.advance(1)
    await receiver.until(4)

    assert.deepEqual(ids(), [1, 1, 1, 2])
    const [first, second] = receiver.received
    assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id'])
    assert.notEqual(first?.headers['webhook-timestamp'], second?.headers['webhook-timestamp'])
    assert.deepEqual(problems, ['again: it answered 500', 'again: it answered 302'])
  })

  it('give an event up after ten attempts, and go on with the next', async () => {
    await start(...Array.from({ length: 10 }, () => 503))
    emit()
    emit()
    for (let attempt = 1; attempt < 10; attempt++) {
      await receiver.until(attempt)
      await paused()
      clock.advance(300_000)
    }
    await receiver.until(11)

    assert.deepEqual(ids().slice(-2), [1, 2])
    assert.equal(problems.at(-1), 'a webhook was not delivered; its event is in GET /v1/events')
  })

  it('drop the oldest when a thousand wait', async () => {
    await start(500)
    for (let i = 0; i < 1003; i++) emit()
    assert.equal(webhooks.waiting, 1000)
    assert.equal(problems.length, 3)
    assert.equal(webhooks.counts.dropped, 3)
  })

  it('deliver what waits when Baton stops, and then no more', async () => {
    await start()
    for (let i = 0; i < 3; i++) emit()
    await webhooks.close()
    emit()

    assert.deepEqual(ids(), [1, 2, 3])
    assert.deepEqual(webhooks.counts, { delivered: 3, failed: 0, dropped: 0 })
    assert.equal(clock.size, 0)
  })

  it('do not hold Baton up when nobody listens', async () => {
    await start()
    await receiver.close()
    emit()
    await paused()
    await webhooks.close()

    assert.equal(clock.size, 0)
    assert.match(problems[0] ?? '', /^again: fetch failed/)
  })
})
