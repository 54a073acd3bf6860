import assert from 'node:assert/strict'
import { loadSettings } from '../../../config/index.ts'
import { PeerBatons } from '../../../server/api/index.ts'
import { LeaseStore } from '../../../server/recovery/index.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { needs } from '../../harness/needs.ts'
import { RedisServer } from '../../routes/redis-server.ts'

describe('The Batons of one Redis', function () {
  this.timeout(20_000)
  needs('redis-server')
  let redis: RedisServer
  let open: { close(): unknown }[]

  beforeEach(async () => {
    open = []
    redis = await RedisServer.start()
  })

  afterEach(async () => {
    for (const each of open) await each.close()
    await redis.stop()
  })

  const opened = <T extends { close(): unknown }>(part: T | undefined): T => {
    assert.ok(part)
    open.push(part)

    return part
  }

  /** One whose parties send to this address. */
  const baton = async (node: string, listen: string): Promise<PeerBatons> => {
    const env = { REDIS_URL: redis.url, NODE_NAME: node, SIP_LISTEN: listen, PEER_URL: `http://${node}.example` }

    return opened(await PeerBatons.open(loadSettings({ env }), new FakeClock(), 1))
  }

  it('each say where their API is; a call is the one’s that has the lease of its address, whichever says that it knows it', async () => {
    // The first two have the same address, as two machines between which it moves.
    await baton('first', 'udp:192.0.2.1:5060')
    await baton('second', 'udp:192.0.2.1:5060')
    await baton('third', 'udp:192.0.2.3:5060')
    const asking = await baton('asking', 'udp:192.0.2.4:5060')
    assert.deepEqual(
      [...asking.urls].sort(),
      ['first', 'second', 'third'].map((node) => `http://${node}.example`),
    )
    assert.equal(await asking.ownerOf('a-call'), undefined)
    const lease = opened(await LeaseStore.open(redis.url, '192.0.2.1:5060'))
    const { epoch } = await lease.take('first')
    await lease.write({ node: 'first', epoch }, [['a-call', '{}']], [])
    assert.equal(await asking.ownerOf('a-call'), 'http://first.example')
    await lease.release({ epoch })
    await lease.take('second')
    assert.equal(await asking.ownerOf('a-call'), 'http://second.example')
    assert.equal(await asking.ownerOf('another'), undefined)
    await redis.stop()
    assert.equal(await asking.ownerOf('a-call'), undefined)
  })
})
