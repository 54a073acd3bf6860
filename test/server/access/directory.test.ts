import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts, type Accounts } from '../../../server/access/index.ts'
import { needs } from '../../harness/needs.ts'
import { until } from '../../harness/until.ts'
import { RedisServer } from '../../routes/redis-server.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const password = 'correct horse battery'

describe('people and tokens', function () {
  this.timeout(30_000)
  let dir: string
  beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'baton-access-'))))
  afterEach(() => rm(dir, { recursive: true, force: true }))
  const open = (env: Record<string, string> = {}) => openAccounts(loadSettings({ env: { DATA_DIR: dir, ...env } }), log)

  /** What holds for every Baton of one store, wherever that is. */
  const shared = async (one: Accounts, other: Accounts): Promise<void> => {
    assert.equal(one.access.isGuarded, false)
    await one.people.add('ann', password, { role: 'admin' })
    await until('the other Baton has read it', () => other.access.isGuarded)
    const { secret } = await other.sessions.signIn('ann', password)
    await until('the session is known to the first', () => one.access.bySession(secret)?.name === 'ann')
    // Both write at once: neither loses the other's change.
    await Promise.all([
      one.tokens.create({ name: 'a', role: 'agent' }, 'ann'),
      other.tokens.create({ name: 'b', role: 'agent' }, 'ann'),
    ])
    await until('both have both', () =>
      [one, other].every(
        ({ tokens }) =>
          tokens
            .list()
            .map(({ name }) => name)
            .sort()
            .join() === 'a,b',
      ),
    )
    await one.sessions.endAll('ann')
    await until('the session is over everywhere', () => other.access.bySession(secret) === undefined)
  }

  it('are shared by processes on one DATA_DIR', async () => {
    const [one, other] = [await open(), await open()]
    await shared(one, other)
    await one.close()
    await other.close()
  })

  describe('in Redis', () => {
    needs('redis-server')
    let redis: RedisServer
    beforeEach(async () => (redis = await RedisServer.start()))
    afterEach(() => redis.stop())

    it('are shared by all Batons', async () => {
      const [one, other] = [await open({ REDIS_URL: redis.url }), await open({ REDIS_URL: redis.url })]
      await shared(one, other)
      await one.close()
      await other.close()
    })

    it('go on while Redis is away, come back to one that has lost them, and never open the API', async () => {
      const accounts = await open({ REDIS_URL: redis.url })
      await accounts.people.add('ann', password, { role: 'admin' })
      const { secret } = await accounts.sessions.signIn('ann', password)
      await redis.kill()
      assert.equal(accounts.access.bySession(secret)?.name, 'ann')
      await assert.rejects(accounts.people.remove('ann'), { status: 503 })
      // A Baton that starts now goes by its last good copy; one that has none lets nothing in.
      const restarted = await open({ REDIS_URL: redis.url })
      assert.equal(restarted.access.bySession(secret)?.name, 'ann')
      await restarted.close()
      const elsewhere = await open({ REDIS_URL: redis.url, DATA_DIR: join(dir, 'other') })
      assert.equal(elsewhere.access.isGuarded, true)
      await elsewhere.close()
      await redis.start()
      await until(
        'what was lost is restored',
        async () => (await redis.ask('HGET', 'baton:access', 'revision')) !== null,
      )
      assert.equal(accounts.access.isGuarded, true)
      assert.equal(accounts.people.list().length, 1)
      await accounts.close()
    })
  })
})
