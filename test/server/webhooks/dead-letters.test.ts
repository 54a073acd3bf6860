import assert from 'node:assert/strict'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { Guard } from '../../../server/guard.ts'
import { DeadLetters } from '../../../server/webhooks/index.ts'
import {
  type DeadLetter,
  type DeadLetterStore,
  DeadLetterFile,
  DeadLetterRedis,
} from '../../../server/webhooks/dead-letter-store.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { needs } from '../../harness/needs.ts'
import { folder } from '../../routes/fixtures.ts'
import { RedisServer } from '../../routes/redis-server.ts'

const clock = new FakeClock()
const guard = new Guard((error) => {
  throw error
})
const log = { warn: () => undefined, error: () => undefined }

function letter(number: number, note = ''): DeadLetter {
  const at = new Date(1_700_000_000_000 + number * 1000).toISOString()
  const event = { id: number, type: 'call.ended', at, project: 'demo', environment: 'live', data: { note } } as const

  return { id: `a1b2c3d4-${number}`, event, attempts: 4, problem: 'it answered 400', failedAt: at }
}

const idsOf = (letters: DeadLetters) => Array.from(letters.all, ({ event }) => event.id)

describe('Dead letters of the webhook', () => {
  it('are bounded in number and in bytes; the oldest make room', async () => {
    const { path, clean } = await folder()
    const bounded = async (limits: { letters: number; bytes: number }) =>
      DeadLetters.open({ store: new DeadLetterFile(`${path}/${limits.bytes}.jsonl`), clock, guard, log, limits })
    const few = await bounded({ letters: 3, bytes: 1_000_000 })
    const small = await bounded({ letters: 100, bytes: 3000 })
    for (let i = 1; i <= 5; i++) {
      few.put(letter(i))
      small.put(letter(i, 'x'.repeat(1000)))
    }

    assert.deepEqual([idsOf(few), few.dropped], [[3, 4, 5], 2])
    assert.deepEqual([idsOf(small), small.dropped], [[4, 5], 3])
    await Promise.all([few.close(), small.close()])
    await clean()
  })

  it('survive a line that a crash has cut off', async () => {
    const { path, clean } = await folder()
    const file = `${path}/dead.jsonl`
    const open = () => DeadLetters.open({ store: new DeadLetterFile(file), clock, guard, log })
    const before = await open()
    for (let i = 1; i <= 3; i++) before.put(letter(i))
    before.delete(letter(2).id)
    await before.close()
    await appendFile(file, JSON.stringify(letter(4)).slice(0, 50))

    const after = await open()
    assert.deepEqual(idsOf(after), [1, 3])
    after.put(letter(5))
    await after.close()
    const last = await open()
    assert.deepEqual(idsOf(last), [1, 3, 5])
    await last.close()
    await clean()
  })

  it('leave a file alone that cannot be read', async () => {
    const { path, clean } = await folder()
    const file = `${path}/dead.jsonl`
    await writeFile(file, `${JSON.stringify(letter(1))}\n`)
    const real = new DeadLetterFile(file)
    const store: DeadLetterStore = {
      shared: false,
      load: () => Promise.reject(new Error('EIO')),
      write: (...change) => real.write(...change),
      close: () => undefined,
    }
    const letters = await DeadLetters.open({ store, clock, guard, log })
    letters.put(letter(2))
    clock.advance(100)
    await letters.close()
    assert.match(await readFile(file, 'utf8'), /a1b2c3d4-1"/)
    await clean()
  })

  it('are written behind, when the store is back', async () => {
    let away = true
    const written: string[] = []
    const store: DeadLetterStore = {
      shared: true,
      load: () => (away ? Promise.reject(new Error('away')) : Promise.resolve({ ids: new Set(), letters: [] })),
      write: (changes) => {
        if (away) return Promise.reject(new Error('away'))
        written.push(...changes.keys())

        return Promise.resolve()
      },
      close: () => undefined,
    }
    const letters = await DeadLetters.open({ store, clock, guard, log })
    letters.put(letter(1))
    clock.advance(50)
    await new Promise((resolve) => setImmediate(resolve))
    away = false
    await letters.refresh()
    assert.deepEqual(idsOf(letters), [1])
    clock.advance(15_000)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(written, [letter(1).id])
    await letters.close()
  })

  describe('in Redis', () => {
    needs('redis-server')

    it('are those of every Baton', async () => {
      const server = await RedisServer.start()
      const open = async () => DeadLetters.open({ store: await DeadLetterRedis.open(server.url), clock, guard, log })
      const [one, other] = [await open(), await open()]
      one.put(letter(2))
      other.put(letter(1))
      await Promise.all([one.close(), other.close()])

      const [again, third] = [await open(), await open()]
      assert.deepEqual(idsOf(again), [1, 2])
      again.delete(letter(1).id)
      await again.close()
      await third.refresh()
      assert.deepEqual(idsOf(third), [2])
      await third.close()
      await server.stop()
    })
  })
})
