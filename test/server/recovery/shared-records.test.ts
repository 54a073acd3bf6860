import assert from 'node:assert/strict'
import { LeaseStore } from '../../../server/recovery/lease-store.ts'
import { leasedCalls } from '../../../server/recovery/leased-calls.ts'
import type { SharedRecords } from '../../../server/recovery/shared-records.ts'
import { needs } from '../../harness/needs.ts'
import { until } from '../../harness/until.ts'
import { RedisServer } from '../../routes/redis-server.ts'
import { keptCall, observedCall } from './kept-call.ts'

const log = { error: () => undefined, info: () => undefined }
const address = '192.0.2.1:5060'

describe('Calls that are kept in Redis', function () {
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

  const store = async (): Promise<LeaseStore> => {
    const opened = await LeaseStore.open(redis.url, address)
    open.push(opened)

    return opened
  }

  const found = async (node: string, isNew = false) => {
    const leased = await leasedCalls(await store(), { node, isNew, log })
    open.unshift(leased.records)

    return leased
  }

  const begun = async (node: string): Promise<SharedRecords> => {
    const { records } = await found(node)
    records.begin()
    await until('Redis is up to date', () => records.isUpToDate)

    return records
  }

  const inRedis = async (): Promise<Record<string, string>> => {
    const texts = await (await store()).calls()

    return Object.fromEntries(
      [...texts].map(([id, text]) => [id, (JSON.parse(text.replace('1 ', '')) as { text: string }).text]),
    )
  }

  it('are there as they are now, and gone when they have ended', async () => {
    const records = await begun('a')
    for (let nth = 0; nth < 250; nth++) records.changed(observedCall(`call-${nth}`, 'before'))
    records.changed(observedCall('call-1', 'after'))
    for (let nth = 2; nth < 250; nth++) records.ended(observedCall(`call-${nth}`))
    await until('Redis is up to date', () => records.isUpToDate)
    assert.deepEqual(await inRedis(), { 'call-0': 'before', 'call-1': 'after' })
    assert.equal(records.errors, 0)
  })

  it('are written anew when Redis was away: those that ended meanwhile are gone, and none waited in memory', async () => {
    const records = await begun('a')
    for (const id of ['stays', 'changes', 'ends']) records.changed(observedCall(id, 'before'))
    await until('Redis is up to date', () => records.isUpToDate)
    redis.pause()
    records.changed(observedCall('changes', 'lost'))
    await until('the fault is told', () => records.problem !== undefined)
    records.changed(observedCall('changes', 'after'))
    records.changed(observedCall('begins', 'after'))
    records.ended(observedCall('ends'))
    assert.ok(records.errors > 0)
    redis.resume()
    await until('Redis is up to date', () => records.isUpToDate)
    assert.equal(records.problem, undefined)
    assert.deepEqual(await inRedis(), { stays: 'before', changes: 'after', begins: 'after' })
  })

  for (const [what, lose] of [
    ['emptied', () => redis.ask('FLUSHALL')],
    ['killed and started again without its data', () => redis.kill().then(() => redis.start())],
  ] as const) {
    it(`are written anew when Redis was ${what}, and the epoch with them`, async () => {
      const first = await begun('a')
      await first.close()
      const records = await begun('a')
      for (let nth = 0; nth < 120; nth++) records.changed(observedCall(`call-${nth}`))
      await until('Redis is up to date', () => records.isUpToDate)
      await lose()
      await until('all calls are there again', async () => Object.keys(await inRedis()).length === 120)
      const { node, epoch, isHeld } = await (await store()).look()
      assert.deepEqual([node, epoch, isHeld], ['a', 2, true])
    })
  }

  it('are one Baton’s: another one cannot have the lease while it is renewed, and has the calls when it is gone', async () => {
    const records = await begun('a')
    records.changed(observedCall('one', 'of a'))
    await until('Redis is up to date', () => records.isUpToDate)
    const early = await found('b')
    assert.deepEqual(early.calls, [])
    early.records.begin()
    await until('it says why it keeps nothing', () => (early.records.problem ?? '').startsWith('a has the lease of '))
    await early.records.close()
    assert.deepEqual(await inRedis(), { one: 'of a' })
    await records.close()
    const { calls, before } = await found('b')
    assert.deepEqual([calls, before], [[keptCall('one', 'of a')], 'a'])
  })

  it('are the journal’s after a restart in the same place, and those of Redis where the journal is new', async () => {
    const records = await begun('a')
    records.changed(observedCall('one', 'of a'))
    await records.close()
    const same = await found('a')
    assert.equal(same.calls, undefined)
    await same.records.close()
    assert.deepEqual((await found('a', true)).calls, [keptCall('one', 'of a')])
  })

  it('are not written by a Baton that has lost the lease, which is told who has it', async () => {
    const records = await begun('a')
    const lost: string[] = []
    records.onLost = (node) => lost.push(node)
    const other = await store()
    await other.giveUp()
    assert.deepEqual(await other.look(), { node: 'a', epoch: 2, isHeld: false, isGivenUp: true })
    const { epoch } = await other.take('b')
    assert.equal(epoch, 3)
    records.changed(observedCall('late'))
    await until('it is told', () => lost.length > 0)
    assert.deepEqual([lost, records.lostTo], [['b'], 'b'])
    assert.deepEqual(await inRedis(), {})
    assert.deepEqual(await other.look(), { node: 'b', epoch: 3, isHeld: true, isGivenUp: false })
  })

  it('wait for no Redis that is away at the start: the lease is taken when it is there', async () => {
    await redis.kill()
    const { records, calls } = await found('a')
    assert.equal(calls, undefined)
    records.begin()
    records.changed(observedCall('one', 'of a'))
    await until('the fault is told', () => records.problem !== undefined)
    await redis.start()
    await until('Redis is up to date', () => records.isUpToDate)
    assert.deepEqual(await inRedis(), { one: 'of a' })
  })
})
