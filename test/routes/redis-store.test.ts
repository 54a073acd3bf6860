import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RoutesError } from '../../routes/index.ts'
import { FileStore, RedisStore, Routing, type PromotionEvent } from '../../routes/index.ts'
import { ann, demoTable, folder, projectFile, source } from './fixtures.ts'
import { needs } from '../harness/needs.ts'
import { RedisServer } from './redis-server.ts'
import { recordOf, storeContract } from './store-contract.ts'
import { until } from '../harness/until.ts'

// Longer than a busy machine takes.
const times = { command: 10_000, connect: 10_000 }
let server: RedisServer
const open = (url = server.url): Promise<RedisStore> => RedisStore.open({ url, times })

describe('Redis', function () {
  needs('redis-server')
  before(async () => {
    server = await RedisServer.start()
  })
  after(() => (server as RedisServer | undefined)?.stop())
  beforeEach(() => server.ask('FLUSHALL'))

  storeContract('Redis', () => open())

  describe('routing tables in Redis', () => {
    let dir: Awaited<ReturnType<typeof folder>>
    const opened: Routing[] = []
    const start = async (store?: RedisStore): Promise<Routing> => {
      const routing = await Routing.open({ store: store ?? (await open()), lastGoodDir: dir.path, pollInterval: 50 })
      opened.push(routing)
      return routing
    }
    beforeEach(async () => {
      dir = await folder()
    })
    afterEach(async () => {
      server.resume()
      await Promise.all(opened.splice(0).map((routing) => routing.close()))
      await dir.clean()
    })

    const promoted = async (versions: number, store?: RedisStore): Promise<Routing> => {
      const routing = await start(store)
      await routing.putProject('demo', source(projectFile()), ann)
      for (let version = 1; version <= versions; version++) {
        await routing.publish('demo', ann)
        await routing.promote('demo', 'live', { version }, ann)
      }
      return routing
    }
    const running = (routing: Routing): number | undefined => {
      const table = routing.current('demo', 'live')
      return typeof table === 'object' ? table.version : undefined
    }

    it('are known to every process at their promotion, which does not wait for the poll', async () => {
      const routing = await promoted(1)
      const other = await Routing.open({ store: await open(), pollInterval: 3_600_000 })
      opened.push(other)
      assert.equal(running(other), 1)
      await routing.publish('demo', ann)
      const heard = once(other, 'promoted') as Promise<[PromotionEvent]>
      await routing.promote('demo', 'live', { version: 2 }, ann)
      assert.equal((await heard)[0].version, 2)
      assert.equal(running(other), 2)
    })

    it('are known by the poll alone when publish/subscribe is lost', async () => {
      const routing = await promoted(1)
      await server.ask('ACL', 'SETUSER', 'deaf', 'on', '>pw', '~*', '+@all', 'resetchannels')
      const store = await open(`redis://deaf:pw@127.0.0.1:${server.port}`)
      const other = await Routing.open({ store, pollInterval: 50 })
      opened.push(other)
      await routing.publish('demo', ann)
      await routing.promote('demo', 'live', { version: 2 }, ann)
      await until('the poll', () => running(other) === 2)
      await other.promote('demo', 'live', { version: 1 }, ann)
      assert.equal(running(other), 1)
    })

    it('are promoted by one of many at once, with one entry of history', async () => {
      const first = await promoted(1)
      for (let i = 0; i < 3; i++) await first.publish('demo', ann)
      const processes = await Promise.all([start(), start(), start()])
      const results = await Promise.allSettled(
        processes.map((each, i) => each.promote('demo', 'live', { version: i + 2, expected: 1 }, ann)),
      )
      const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as RoutesError] : []))
      assert.deepEqual(
        lost.map(({ status, slug }) => [status, slug]),
        [
          [412, 'promotion_lost'],
          [412, 'promotion_lost'],
        ],
      )
      const [last] = await processes[0].history('demo', 1)
      const winner = results.findIndex(({ status }) => status === 'fulfilled') + 2
      assert.deepEqual([last?.action, last?.before, last?.after], ['promote', 1, winner])
      await until('everybody agrees', () => processes.every((each) => running(each) === winner))
    })

    it('go on while Redis is gone, and come back with it by themselves', async () => {
      const routing = await promoted(2)
      await server.kill()
      await until('it is told', () => !routing.health().ok)
      assert.match(
        routing.health().problems.join(),
        new RegExp(`Redis at 127.0.0.1:${server.port} does not do as asked`),
      )
      assert.equal(running(routing), 2)
      assert.deepEqual(routing.findNumber('+14155550100'), { project: 'demo', environment: 'live' })
      await assert.rejects(
        routing.promote('demo', 'live', { version: 1 }, ann),
        (error: RoutesError) => error.slug === 'store_unavailable',
      )
      assert.equal(running(routing), 2)
      await until('it grows stale', () => routing.health().stalenessSeconds > 0.3)

      await server.start()
      // This Redis kept nothing on disk: it is given back what it has lost.
      await until('it is well again', () => routing.health().ok)
      await until('it is fresh', () => routing.health().stalenessSeconds < 0.3)
      assert.equal(routing.health().rejectedBy.missing, 1)
      const other = await start()
      assert.equal(running(other), 2)
      assert.equal((await other.promote('demo', 'live', { version: 2 }, ann)).previous, 2)
      assert.equal((await other.history('demo'))[1]?.action, 'restore')
    })

    it('are served from the disk when Redis is not there at the start', async () => {
      await (await promoted(2)).close()
      await server.kill()
      const routing = await start(await RedisStore.open({ url: server.url, times: { ...times, connect: 300 } }))
      assert.equal(running(routing), 2)
      assert.equal(routing.health().ok, false)
      await server.start()
      await until('the connection', () => !routing.health().problems.join().includes('does not do as asked'))
      // It has never seen this Redis hold the project: it says so, and gives nothing to what may be another Redis.
      await until('it is told', () => routing.health().problems.join().includes('not in the store'))
      assert.equal(running(routing), 2)
      assert.equal(await server.ask('EXISTS', 'baton:{demo}:record'), 0)
    })

    it('go on while Redis answers nothing, and come back when it does', async () => {
      const routing = await promoted(1, await RedisStore.open({ url: server.url, times: { ...times, command: 1000 } }))
      server.pause()
      await until('it is told', () => !routing.health().ok)
      assert.equal(running(routing), 1)
      await assert.rejects(routing.publish('demo', ann), (error: RoutesError) => error.status === 503)
      server.resume()
      await until('it is well again', () => routing.health().ok)
      assert.equal(routing.health().rejected, 0)
      await routing.putDraft('demo', demoTable, ann)
    })

    it('go on when a master has become a replica: reads work, writes say why not', async () => {
      const routing = await promoted(1)
      await server.ask('REPLICAOF', '127.0.0.1', '1')
      await server.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'yes')
      const refusal = (): Promise<string> => routing.publish('demo', ann).then(() => 'published', String)
      await until('changes are refused with its own words', async () => (await refusal()).includes('READONLY'))
      await until('it is told', () => routing.health().problems.join().includes('is a replica and takes no changes'))
      assert.equal(running(routing), 1)
      await until('what is read is fresh', () => routing.health().stalenessSeconds < 1)
      await server.ask('REPLICAOF', 'NO', 'ONE')
      await until('it is well again', () => routing.health().ok)
      await until('it takes writes again', () => routing.publish('demo', ann).then(Boolean, () => false))
    })

    it('go on when what is stored is not what should be there', async () => {
      const routing = await promoted(2)
      const record = String(await server.ask('GET', 'baton:{demo}:record'))
      const parsed = JSON.parse(record) as { revision: number }
      const heard: string[] = []
      routing.on('rejected', ({ project, reason }) => heard.push(`${project} ${reason}`))
      const wrong: [reason: string, value: string][] = [
        ['damaged', '{"half":'],
        ['schema', JSON.stringify({ ...parsed, schema: 3 })],
        ['schema', '[]'],
        ['damaged', record.replace('front-desk', 'front-disk')],
        ['oversized', 'x'.repeat(9 * 1024 * 1024)],
        ['damaged', JSON.stringify({ ...parsed, revision: parsed.revision + 7 })],
      ]
      for (const [reason, value] of wrong) {
        const before = { ...routing.health().rejectedBy }
        const change = "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('INCR', KEYS[2])"
        await server.ask('EVAL', change, 2, 'baton:{demo}:record', 'baton:{demo}:revision', value)
        await until(
          `refused: ${value.slice(0, 20)}`,
          () => routing.health().rejected > Object.values(before).reduce((a, b) => a + b),
        )
        const key = reason as keyof typeof before
        assert.equal(routing.health().rejectedBy[key], before[key] + 1, `${reason}: ${value.slice(0, 20)}`)
        assert.equal(running(routing), 2)
        await until('it is written again', () => routing.health().ok)
      }
      assert.deepEqual(
        heard,
        wrong.map(([reason]) => `demo ${reason}`),
      )
      const other = await start()
      assert.equal(running(other), 2)
    })

    it('go on when a key has become something else', async () => {
      const routing = await promoted(1)
      const change = "redis.call('DEL', KEYS[1]) redis.call('LPUSH', KEYS[1], 'x') return redis.call('INCR', KEYS[2])"
      await server.ask('EVAL', change, 2, 'baton:{demo}:record', 'baton:{demo}:revision')
      await until('it is refused', () => routing.health().rejected === 1)
      assert.equal(running(routing), 1)
      await until('it is written again', () => routing.health().ok)
    })

    const harm: [what: string, commands: string[][]][] = [
      ['the history is no list', [['SET', 'baton:{demo}:history', 'x']]],
      ['the revision is no number', [['SET', 'baton:{demo}:revision', 'abc']]],
      ['the revision is too large to be one', [['SET', 'baton:{demo}:revision', '9'.repeat(30)]]],
      [
        'the revision is a list',
        [
          ['DEL', 'baton:{demo}:revision'],
          ['LPUSH', 'baton:{demo}:revision', '1'],
        ],
      ],
      ['the list of projects is no set', [['SET', 'baton:projects', 'x']]],
      ['the list of projects is gone', [['DEL', 'baton:projects']]],
      [
        'record and version are damaged',
        [
          ['SET', 'baton:{demo}:version:2', '{'],
          ['SET', 'baton:{demo}:record', '{'],
          ['INCR', 'baton:{demo}:revision'],
        ],
      ],
      [
        'the record is damaged, and the version a list',
        [
          ['DEL', 'baton:{demo}:version:2'],
          ['LPUSH', 'baton:{demo}:version:2', '1'],
          ['SET', 'baton:{demo}:record', '{'],
          ['INCR', 'baton:{demo}:revision'],
        ],
      ],
      ['there is a version that no record knows', [['SET', 'baton:{demo}:version:3', '{']]],
    ]
    for (const [what, commands] of harm) {
      it(`go on, and can be changed again by themselves, when ${what}`, async () => {
        const routing = await promoted(2)
        for (const [command = '', ...args] of commands) await server.ask(command, ...args)
        assert.equal(running(routing), 2)
        await until('a draft is published', () => routing.publish('demo', ann).then(Boolean, () => false))
        await until('all is well', () => routing.health().ok)
        const { project, lastVersion } = routing.project('demo')
        assert.equal(project, 'demo')
        assert.ok(
          (await routing.history('demo')).some(({ action, after }) => action === 'publish' && after === lastVersion),
        )

        // Redis has everything again, for processes without a copy.
        const elsewhere = await folder()
        const other = await Routing.open({ store: await open(), lastGoodDir: elsewhere.path, pollInterval: 50 })
        opened.push(other)
        await until('another process serves it', () => running(other) === 2)
        assert.equal((await other.version('demo', lastVersion)).version, lastVersion)
        assert.ok(other.health().ok, other.health().problems.join())
        await other.close()
        await elsewhere.clean()
      })
    }

    it('go on with the newer one when Redis comes back with an older one', async () => {
      const routing = await promoted(1)
      const keys = ['record', 'revision'].map((name) => `baton:{demo}:${name}`)
      const old = await Promise.all(keys.map((key) => server.ask('GET', key)))
      await routing.publish('demo', ann)
      await routing.promote('demo', 'live', { version: 2 }, ann)
      // Both in one command, as a restore does: a read in between would see another state.
      await server.ask('MSET', ...keys.flatMap((key, i) => [key, String(old[i])]))
      await until('it is refused', () => routing.health().rejectedBy.older === 1)
      assert.equal(running(routing), 2)
      await until('it is written again', () => routing.health().ok)
      assert.equal((await routing.publish('demo', ann)).version, 3)
    })

    it('go on with the last good version when the promoted one is damaged', async () => {
      await (await promoted(2)).close()
      await server.ask('SET', 'baton:{demo}:version:2', 'garbage')
      const routing = await start()
      assert.equal(running(routing), 2)
      assert.equal(routing.health().rejectedBy.damaged, 1)
      assert.equal((await routing.version('demo', 2)).version, 2)
    })

    it('too large for Redis are refused', async () => {
      const store = await RedisStore.open({ url: server.url, times, limit: 500 })
      await assert.rejects(
        store.commit({ record: recordOf('demo', 1), expected: 0, versions: [] }),
        (error: RoutesError) => {
          assert.deepEqual([error.status, error.slug], [413, 'too_large'])
          return true
        },
      )
      await store.close()
    })

    it('move from files by export and import', async () => {
      const files = await Routing.open({ store: await FileStore.open({ dir: dir.path }) })
      await files.putProject('demo', source(projectFile()), ann)
      const routing = await start()
      await routing.putProject('demo', await files.exportProject('demo'), ann)
      assert.deepEqual(await routing.getDraft('demo'), await files.getDraft('demo'))
      await files.close()
    })
  })
})
