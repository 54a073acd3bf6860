import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { Events } from '../../../server/calls/events.ts'
import { signature } from '../../../server/http-endpoint.ts'
import { Guard } from '../../../server/guard.ts'
import { DeadLetters, Webhooks } from '../../../server/webhooks/index.ts'
import { DeadLetterFile } from '../../../server/webhooks/dead-letter-store.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { folder } from '../../routes/fixtures.ts'
import { Receiver, type Answer } from './receiver.ts'
import { until } from '../../harness/until.ts'

const secret = `whsec_${Buffer.from('a long random text').toString('base64')}`

describe('Webhooks', () => {
  let receiver: Receiver
  let webhooks: Webhooks
  let letters: DeadLetters
  let clock: FakeClock
  let events: Events
  let dir: Awaited<ReturnType<typeof folder>>
  const problems: string[] = []
  const guard = new Guard((error) => problems.push(`exception: ${(error as Error).message}`))
  const log = {
    warn: (_: string, fields?: object) => problems.push(`again: ${(fields as { problem: string }).problem}`),
    error: (message: string) => problems.push(message),
  }

  const openLetters = () => DeadLetters.open({ store: new DeadLetterFile(`${dir.path}/dead.jsonl`), clock, guard, log })
  const start = async (...answers: Answer[]) => {
    problems.length = 0
    dir = await folder()
    clock = new FakeClock()
    events = new Events()
    receiver = new Receiver(...answers)
    letters = await openLetters()
    webhooks = new Webhooks({ url: await receiver.start(), secret, events, deadLetters: letters, clock, guard, log })
  }
  /** Stops Baton and starts another with the same dead letters. */
  const restart = async () => {
    await webhooks.close()
    await letters.close()
    letters = await openLetters()
    webhooks = new Webhooks({ url: receiver.url, secret, events, deadLetters: letters, clock, guard, log })
  }
  const emit = (callId = 'call-1') => {
    events.emit('call.started', () => ({ project: 'demo', environment: 'live', callId, data: { note: 'Zoë' } }))
  }
  /** The pause after a failed attempt has begun. */
  const paused = async () => {
    await until('a pause', () => clock.size > 0)
  }
  const ids = () => receiver.ids

  afterEach(async () => {
    await webhooks.close()
    await letters.close()
    await receiver.close()
    await dir.clean()
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

  it('hold the later events of a call back for three attempts, and other calls not at all', async () => {
    await start(({ id }) => (id === 1 ? 503 : 204))
    emit()
    emit()
    emit('call-2')
    await receiver.until(2)
    assert.deepEqual(ids(), [1, 3])
    await paused()
    clock.advance(1000)
    await receiver.until(3)
    await paused()
    assert.deepEqual(ids(), [1, 3, 1])
    clock.advance(2000)
    await receiver.until(5)

    assert.deepEqual(ids(), [1, 3, 1, 1, 2])
  })

  it('let an event that the receiver refuses step aside at once, and give it up after four attempts', async () => {
    await start(({ id }) => (id === 1 ? 400 : 204))
    emit()
    emit()
    await receiver.until(2)
    assert.deepEqual(ids(), [1, 2])
    for (let attempt = 2; attempt <= 4; attempt++) {
      await paused()
      clock.advance(1000 * 2 ** (attempt - 2))
      await receiver.until(attempt + 1)
    }
    await until('there is a dead letter', () => letters.size === 1)

    assert.deepEqual(ids(), [1, 2, 1, 1, 1])
    const [letter] = letters.all
    const { id, attempts, problem, event } = letter ?? {}
    assert.deepEqual({ attempts, problem, event: event?.id }, { attempts: 4, problem: 'it answered 400', event: 1 })
    assert.equal(id, receiver.received[0]?.headers['webhook-id'])
    assert.deepEqual(webhooks.counts, { delivered: 1, failed: 1 })
    assert.equal(webhooks.waiting, 0)
  })

  it('give an event up after ten attempts while the receiver fails', async () => {
    await start(() => 503)
    emit()
    for (let attempt = 1; attempt < 10; attempt++) {
      await receiver.until(attempt)
      await paused()
      clock.advance(300_000)
    }
    await receiver.until(10)
    await until('there is a dead letter', () => letters.size === 1)

    assert.equal(problems.at(-1), 'a webhook was not delivered; its event is a dead letter')
  })

  it('leave room for other events while many are refused', async () => {
    await start(({ callId }) => (callId === 'good' ? 204 : 429))
    for (let call = 0; call < 100; call++) emit(`bad-${call}`)
    emit('good')
    await until('event 101 is delivered', () => ids().includes(101))
  })

  it('wait as long as the receiver asks them to', async () => {
    await start(429)
    receiver.headers = { 'retry-after': '20' }
    emit()
    await receiver.until(1)
    await paused()
    clock.advance(19_000)
    assert.equal(receiver.received.length, 1)
    clock.advance(1000)
    await receiver.until(2)
  })

  it('are dead letters when more than a thousand wait, the oldest first', async () => {
    await start(() => 500)
    for (let i = 0; i < 1003; i++) emit(`call-${i}`)
    assert.equal(webhooks.waiting, 1000)
    assert.equal(letters.size, 3)
    assert.match([...letters.all][0]!.problem, /more than 1000 events were waiting/)
  })

  it('keep a dead letter over a restart, and deliver it under the same id when it is replayed', async () => {
    await start(400, 400, 400, 400)
    emit()
    for (let attempt = 1; attempt < 4; attempt++) {
      await receiver.until(attempt)
      await paused()
      clock.advance(10_000)
    }
    await until('there is a dead letter', () => letters.size === 1)
    await restart()
    const [letter] = letters.all
    assert.ok(letter)
    assert.equal(receiver.received.length, 4)
    assert.ok(letters.oldestSeconds >= 0)

    webhooks.replay(letter)
    webhooks.replay(letter)
    assert.ok(webhooks.isReplaying(letter.id))
    await until('no dead letter is left', () => letters.size === 0)
    assert.equal(receiver.received.length, 5)
    assert.equal(receiver.received.at(-1)?.headers['webhook-id'], letter.id)
    assert.equal(receiver.received.at(-1)?.body, receiver.received[0]?.body)
    await restart()
    assert.equal(letters.size, 0)
  })

  it('leave a letter deleted that is deleted while it is replayed', async () => {
    await start(() => 400)
    emit()
    for (let attempt = 1; attempt <= 3; attempt++) {
      await receiver.until(attempt)
      await paused()
      clock.advance(10_000)
    }
    await until('there is a dead letter', () => letters.size === 1)
    const [letter] = letters.all
    assert.ok(letter)
    webhooks.replay(letter)
    assert.ok(letters.delete(letter.id))
    for (let pauses = 4; pauses <= 6; pauses++) {
      await until(
        'the pause is logged',
        () => problems.filter((problem) => problem.startsWith('again')).length === pauses,
      )
      clock.advance(10_000)
    }
    await until('no event is waiting', () => webhooks.waiting === 0)
    assert.equal(letters.size, 0)
  })

  it('that Baton could not deliver before it stopped go on at the next start', async () => {
    await start(503, 503)
    emit()
    await receiver.until(1)
    await paused()
    await webhooks.close()
    assert.equal(letters.size, 1)
    await restart()
    await until('no dead letter is left', () => letters.size === 0)
    assert.deepEqual(ids(), [1, 1, 1])
  })

  it('deliver what waits when Baton stops, and then no more', async () => {
    await start()
    for (let i = 0; i < 3; i++) emit()
    await webhooks.close()
    emit()

    assert.deepEqual(ids(), [1, 2, 3])
    assert.deepEqual(webhooks.counts, { delivered: 3, failed: 0 })
    assert.equal(clock.size, 0)
  })

  it('do not hold Baton up when no receiver listens', async () => {
    await start()
    await receiver.close()
    emit()
    await paused()
    await webhooks.close()
    await letters.close()

    assert.equal(clock.size, 0)
    assert.match(problems[0] ?? '', /^again: fetch failed/)
  })

  it('are a dead letter after an exception, and the later events of the call go on', async () => {
    await start(500)
    const { warn } = log
    log.warn = () => {
      throw new Error('the log is broken')
    }
    emit()
    emit()
    await until('the second event is delivered', () => webhooks.counts.delivered === 1)
    log.warn = warn

    assert.deepEqual(ids(), [1, 2])
    const [letter] = letters.all
    assert.deepEqual({ event: letter?.event.id, problem: letter?.problem }, { event: 1, problem: 'it answered 500' })
    assert.deepEqual(problems, [
      'a webhook was not delivered; its event is a dead letter',
      'exception: the log is broken',
    ])
    assert.equal(webhooks.waiting, 0)
  })

  it('that cannot be written as JSON hold neither later events up nor the stop', async () => {
    await start()
    const unwritable = {
      toJSON: () => {
        throw new Error('no JSON')
      },
    }
    const event = { project: 'demo', environment: 'live', callId: 'call-1', data: { unwritable } }
    events.emit('call.started', () => event)
    emit()
    await until('the second event is delivered', () => webhooks.counts.delivered === 1)
    await webhooks.close()

    assert.deepEqual(ids(), [2])
    assert.equal(webhooks.waiting, 0)
    assert.equal(problems[0], 'exception: no JSON')
  })
})
