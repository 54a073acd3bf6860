import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openContextStore, type ContextStore, type ContextView } from '../../../server/context/context-store.ts'
import { Contexts } from '../../../server/context/contexts.ts'
import type { ObservedCall } from '../../../server/calls/observed-call.ts'
import type { ProcessLog } from '../../../server/log.ts'
import type { Transfer } from '../../../server/transfer/transfer.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { needs } from '../../harness/needs.ts'
import { RedisServer } from '../../routes/redis-server.ts'

const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()

const viewOf = (id: string, fields: Partial<ContextView> = {}): ContextView => ({
  ...{ id: id.padEnd(22, '_'), callId: 'call', transferId: 'transfer', project: 'hotel', environment: 'live' },
  ...{ handoff: 'desk', caller: { uri: 'sip:+1@a', number: '+14155550123' }, called: '+1', variables: {}, states: [] },
  ...{ createdAt: at(0), expiresAt: at(600), context: { a: 1 } },
  ...fields,
})

function keepsContexts(open: () => Promise<ContextStore>): void {
  let store: ContextStore
  beforeEach(async () => (store = await open()))
  afterEach(() => store.close())

  it('until they expire; the newest of a caller by its number', async () => {
    const [first, second] = [viewOf('first', { createdAt: at(-1) }), viewOf('second')]
    await store.add(first)
    await store.add(second)
    assert.deepEqual(await store.get(first.id), first)
    assert.deepEqual(await store.byCaller('+14155550123'), second)
    const changed = { ...first, states: [{ at: at(0), state: 'verified' }] }
    await store.update(changed)
    assert.deepEqual(await store.get(first.id), changed)
    assert.deepEqual(await store.byCaller('+14155550123'), second)
    assert.equal(await store.byCaller('+49'), undefined)
    assert.equal(await store.get('none'.padEnd(22, '_')), undefined)
  })

  it('by the number of a pool that the last transfer dialled', async () => {
    const [first, second] = [viewOf('first', { createdAt: at(-1) }), viewOf('second')]
    for (const context of [first, second]) {
      await store.add(context)
      await store.dialled({ ...context, dialled: '+14155550180' }, '+14155550180')
    }
    assert.deepEqual(await store.byDialled('+14155550180'), { ...second, dialled: '+14155550180' })
    assert.equal(await store.byDialled('+14155550181'), undefined)
  })

  it('of an anonymous caller by their id alone', async () => {
    const context = viewOf('anonymous', { caller: { uri: 'sip:anonymous@a', number: '' } })
    await store.add(context)
    assert.deepEqual(await store.get(context.id), context)
    assert.equal(await store.byCaller(''), undefined)
  })
}

describe('Contexts in files', () => {
  let dataDir: string
  beforeEach(async () => (dataDir = await mkdtemp(join(tmpdir(), 'baton-contexts-'))))
  afterEach(() => rm(dataDir, { recursive: true, force: true }))
  const open = () => openContextStore({ dataDir })

  keepsContexts(open)

  it('can be read by their owner alone', async () => {
    const store = await open()
    await store.add(viewOf('secret'))
    assert.equal((await stat(join(dataDir, 'context', `${viewOf('secret').id}.json`))).mode & 0o777, 0o600)
  })

  it('are there after a restart; those that have expired, and files cut off by a crash an hour ago, are not', async () => {
    const before = await open()
    const old = { createdAt: at(-90), expiresAt: at(600) }
    await before.add(viewOf('kept'))
    await before.add(viewOf('older', { ...old, caller: { uri: 'sip:+2@a', number: '+2' } }))
    await before.add(viewOf('expired', { createdAt: at(-900), expiresAt: at(-300) }))
    await writeFile(join(dataDir, 'context', `${'half'.padEnd(22, '_')}.json`), '{"id":"ha')
    before.close()

    const after = await open()
    assert.deepEqual((await after.get(viewOf('kept').id))?.id, viewOf('kept').id)
    assert.equal((await after.byCaller('+14155550123'))?.id, viewOf('kept').id)
    assert.equal(await after.byCaller('+2'), undefined)
    assert.equal(await after.get('half'.padEnd(22, '_')), undefined)
    assert.equal((await readdir(join(dataDir, 'context'))).length, 3)
    await after.sweep(Date.now() + 3_700_000)
    assert.deepEqual(await readdir(join(dataDir, 'context')), [])
  })
})

describe('Contexts in Redis', () => {
  needs('redis-server')
  let redis: RedisServer
  before(async () => (redis = await RedisServer.start()))
  after(() => redis.stop())

  keepsContexts(() => openContextStore({ dataDir: '', redisUrl: redis.url }))
})

describe('The contexts of a Baton', () => {
  const call = (states: ObservedCall['states'] = [], transfers: Transfer[] = []) =>
    ({
      ...{ id: 'call', project: 'hotel', environment: 'live', states, transfers },
      admission: { caller: { uri: 'sip:+1@a', number: '+14155550123', name: '', called: '+1' } },
    }) as unknown as ObservedCall
  const transfer = (contextId: string | undefined, reason = '') =>
    ({ id: 'transfer', plan: { handoff: 'desk' }, request: { contextId, reason } }) as unknown as Transfer
  const failing: ContextStore = {
    add: () => Promise.reject(new Error('the disk is full')),
    update: () => Promise.reject(new Error('the disk is full')),
    get: () => Promise.reject(new Error('Redis is away')),
    byCaller: () => Promise.reject(new Error('Redis is away')),
    dialled: () => Promise.reject(new Error('the disk is full')),
    byDialled: () => Promise.reject(new Error('Redis is away')),
    sweep: () => Promise.resolve(),
    close: () => undefined,
  }
  const open = () => new Contexts(failing, 600, new FakeClock(), { warn: () => undefined } as unknown as ProcessLog)

  it('have an id where anything is given, and none otherwise', () => {
    const contexts = open()
    const idFor = (request: object, states: ObservedCall['states'] = []) =>
      contexts.idFor({ handoff: 'desk', requestedBy: 'api', ...request }, { states })
    assert.equal(idFor({}), undefined)
    assert.equal(idFor({ variables: {}, headers: { 'X-A': 'b' } }), undefined)
    const ids = [{ context: null }, { reason: '' }, { variables: { a: 'b' } }].map((request) => idFor(request) ?? '')
    ids.push(idFor({}, [{ at: '', state: 'verified' }]) ?? '')
    assert.equal(new Set(ids).size, 4)
    for (const id of ids) assert.match(id, /^[\w-]{22}$/)
  })

  it('are found in memory while the store fails, which is counted; what is not there cannot be told then', async () => {
    const contexts = open()
    const id = 'held'.padEnd(22, '_')
    const transfers = [transfer(undefined), transfer(id)]
    for (const one of transfers) contexts.keep(call([], transfers), one, ['given'])
    assert.deepEqual((await contexts.get(id))?.context, ['given'])
    assert.equal((await contexts.byCaller('+14155550123'))?.id, id)
    contexts.stateSet(call([{ at: 'now', state: 'verified' }], transfers))
    assert.deepEqual((await contexts.get(id))?.states, [{ at: 'now', state: 'verified' }])
    await assert.rejects(contexts.get('other'.padEnd(22, '_')), /Redis is away/)
    await assert.rejects(contexts.byCaller('+49'), /Redis is away/)
    assert.equal(await contexts.get('../users'), undefined)
    await contexts.close()
    assert.deepEqual(contexts.counts, { found: 3, unknown: 1, storeErrors: 5 })
  })

  it('are bounded in memory: the oldest go first', async () => {
    const contexts = open()
    const given = 'x'.repeat(64 * 1024)
    for (let nth = 0; nth < 600; nth++) contexts.keep(call(), transfer(`nth-${nth}`.padEnd(22, '_')), given)
    await assert.rejects(contexts.get('nth-0'.padEnd(22, '_')))
    assert.equal((await contexts.get('nth-599'.padEnd(22, '_')))?.context, given)
    await contexts.close()
  })
})
