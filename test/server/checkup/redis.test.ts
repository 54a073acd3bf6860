import assert from 'node:assert/strict'
import { checkRedis } from '../../../server/checkup/index.ts'
import { freePort } from '../../harness/ports.ts'
import { RedisServer } from '../../routes/redis-server.ts'

describe('the check of Redis', function () {
  this.timeout(30_000)
  let redis: RedisServer
  beforeEach(async () => (redis = await RedisServer.start()))
  afterEach(() => redis.stop())

  const wrong = async (url = redis.url, now = Date.now) =>
    (await checkRedis(url, now)).filter(({ state }) => state !== 'ok').map(({ state, detail }) => `${state}: ${detail}`)

  it('finds nothing in one that keeps what it has; without REDIS_URL there is none', async () => {
    await redis.ask('CONFIG', 'SET', 'appendonly', 'yes')
    assert.deepEqual(await wrong(), [])
    assert.match(
      (await checkRedis(redis.url, Date.now))[0]?.detail ?? '',
      /^version \d.*, master, noeviction, kept on disk$/,
    )
    assert.deepEqual(await checkRedis(undefined, Date.now), [])
  })

  it('finds that it keeps nothing, and may throw tables away', async () => {
    await redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    assert.deepEqual(await wrong(), [
      'failed: maxmemory-policy allkeys-lru lets Redis throw routing tables away when its memory is full',
      'warning: keeps nothing on disk: a restart of Redis loses drafts, versions and accounts',
    ])
    await redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
    assert.match((await wrong())[0] ?? '', /^warning: maxmemory-policy volatile-ttl/)
  })

  it('finds a replica, and a clock that is another', async () => {
    await redis.ask('CONFIG', 'SET', 'save', '3600 1')
    assert.deepEqual(await wrong(redis.url, () => Date.now() - 60_000), [
      'warning: that of Redis is 60 s ahead of this machine',
    ])
    await redis.ask('REPLICAOF', '127.0.0.1', String(await freePort()))
    assert.match((await wrong())[0] ?? '', /^failed: is a replica/)
  })

  it('finds one that is not there, or refuses the password', async () => {
    assert.deepEqual(await wrong(`redis://127.0.0.1:${await freePort()}`), ['failed: cannot be reached: ECONNREFUSED'])
    await redis.ask('CONFIG', 'SET', 'requirepass', 'secret')
    const [refused = ''] = await wrong(`redis://:wrong@127.0.0.1:${redis.port}`)
    assert.match(refused, /^failed: .*(WRONGPASS|invalid)/)
    assert.doesNotMatch(refused, /secret/)
  })
})
