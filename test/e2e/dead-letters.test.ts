import assert from 'node:assert/strict'
import type { BatonEvent } from '../../server/calls/events.ts'
import { Baton } from '../harness/baton.ts'
import { until } from '../harness/until.ts'
import { total } from '../harness/metrics.ts'
import { stacks } from '../harness/stacks.ts'
import { folder, projectFile } from '../routes/fixtures.ts'
import { Terminal } from '../server/cli/terminal.ts'
import { Receiver } from '../server/webhooks/receiver.ts'

interface Letter {
  id: string
  type: string
  state: string
  attempts: number
  problem: string
  event?: BatonEvent
}

const environments = {
  live: { numbers: ['+14155550100'], agents: ['sip:agent@127.0.0.1:5090'] },
  sandbox: { numbers: ['+14155550199'], agents: ['sip:agent@127.0.0.1:5090'] },
}

describe('Events that the webhook’s receiver refuses', () => {
  const [stack] = stacks
  assert.ok(stack)
  let receiver: Receiver
  let terminal: Terminal
  let dir: Awaited<ReturnType<typeof folder>>
  let baton: Baton | undefined

  before(async () => {
    ;[dir, terminal] = await Promise.all([folder(), Terminal.open()])
    receiver = new Receiver(({ environment }) => (environment === 'live' ? 400 : 204))
    await receiver.start()
  })
  after(async () => {
    await baton?.stop()
    await Promise.all([receiver.close(), dir.clean(), terminal.close()])
  })

  const start = async () => {
    const env = { WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: 'long', DATA_DIR: dir.path }

    return (baton = await Baton.start({ stack, env }))
  }
  const list = (of: Baton) => of.api<{ count: number; deadLetters: Letter[] }>('GET', '/v1/webhooks/dead-letters')
  const command = (of: Baton, ...args: string[]) => terminal.baton('webhooks', ...args, '--url', of.http)

  it('do not hold up the others, are dead letters after a restart, and go out again when they are asked to', async () => {
    const first = await start()
    await first.project(projectFile({ environments }))
    await until('the promotion is delivered', () =>
      receiver.events.some(({ environment, type }) => environment === 'sandbox' && type === 'routes.promoted'),
    )
    await until('there is a dead letter', async () => {
      assert.equal((await list(first)).count, 1)
    })
    await first.terminate()

    const again = await start()
    const { deadLetters } = await list(again)
    const [letter] = deadLetters
    assert.ok(letter)
    const { id, ...others } = letter
    assert.deepEqual(
      { type: others.type, state: others.state, attempts: others.attempts, problem: others.problem },
      { type: 'routes.promoted', state: 'dead', attempts: 4, problem: 'it answered 400' },
    )
    assert.equal((await again.api<Letter>('GET', `/v1/webhooks/dead-letters/${id}`)).event?.environment, 'live')
    assert.equal(total(await again.metrics(), 'baton_webhook_dead_letters'), 1)
    assert.ok(total(await again.metrics(), 'baton_webhook_dead_letter_oldest_seconds') > 0)
    assert.match((await command(again)).out, /routes\.promoted.*it answered 400/)

    receiver.answers = []
    const before = receiver.received.length
    assert.equal((await again.request('POST', '/v1/webhooks/dead-letters/no-1/replay')).status, 404)
    assert.match((await command(again, 'replay', id)).out, /^Sending .* again/)
    await until('the dead letter is delivered', async () => {
      assert.equal((await list(again)).count, 0)
    })
    assert.deepEqual(
      receiver.received.slice(before).map(({ headers }) => headers['webhook-id']),
      [id],
    )
    assert.equal(total(await again.metrics(), 'baton_webhook_dead_letters'), 0)
  })

  it('go out again or away all together', async () => {
    const running = baton ?? assert.fail('the test before has left no Baton')
    receiver.answers = [({ type }) => (type === 'routes.promoted' ? 410 : 204)]
    await running.project(projectFile({ environments }))
    await until('there are two dead letters', async () => (await list(running)).count === 2)

    receiver.answers = [({ type, environment }) => (type === 'routes.promoted' && environment !== 'live' ? 410 : 204)]
    const { replayed } = await running.api<{ replayed: string[] }>('POST', '/v1/webhooks/dead-letters/replay')
    assert.equal(replayed.length, 2)
    await until('the dead letters are tried again', async () => {
      assert.deepEqual(
        (await list(running)).deadLetters.map(({ state }) => state),
        ['dead'],
      )
    })
    assert.equal((await command(running, 'delete')).code, 1)
    assert.equal((await command(running, 'delete', '--all')).out, 'Deleted one event.\n')
    assert.equal((await command(running)).out, 'No dead letters.\n')
  })
})
