import assert from 'node:assert/strict'
import { digestOf } from '../../base/canonical-json.ts'
import { type Version } from '../../routes/index.ts'
import type { ProjectRecord } from '../../routes/versions/record.ts'
import type { Store } from '../../routes/store/store.ts'
import { demoTable } from './fixtures.ts'

export function recordOf(project: string, revision: number, over: Partial<ProjectRecord> = {}): ProjectRecord {
  return {
    schema: 2,
    project,
    lineage: 'l-1',
    revision,
    settings: {},
    environments: { live: { numbers: ['+14155550100'] } },
    draft: { table: demoTable, digest: digestOf(demoTable) },
    lastVersion: 0,
    promoted: {},
    releases: {},
    rehearsed: {},
    entry: { id: revision, at: '2026-01-01T00:00:00.000Z', who: 'ann', from: 'test', action: 'draft' },
    ...over,
  }
}

export function versionOf(project: string, version: number): Version {
  const digest = digestOf(demoTable)

  return {
    project,
    version,
    digest,
    publishedAt: '2026-01-01T00:00:00.000Z',
    by: 'ann',
    from: 'test',
    table: demoTable,
  }
}

/** What every store does. `open` gives another connection to the same place each time. */
export function storeContract(kind: string, open: () => Promise<Store>): void {
  describe(`a store in ${kind}`, () => {
    let store: Store
    let other: Store
    beforeEach(async () => {
      store = await open()
      other = await open()
    })
    afterEach(async () => {
      await store.close()
      await other.close()
    })

    it('has nothing at first', async () => {
      assert.equal((await store.revisions()).size, 0)
      assert.equal(await store.record('demo'), undefined)
      assert.equal(await store.version('demo', 1), undefined)
      assert.deepEqual(await store.history('demo', 10), [])
    })

    it('gives back what was committed, to others too', async () => {
      const record = recordOf('demo', 1, { lastVersion: 1 })
      const version = versionOf('demo', 1)
      assert.equal(await store.commit({ record, expected: 0, versions: [version] }), 'done')
      assert.deepEqual([...(await other.revisions())], [['demo', 1]])
      assert.deepEqual(await other.record('demo'), record)
      assert.deepEqual(await other.version('demo', 1), version)
      assert.deepEqual(await other.history('demo', 10), [record.entry])
    })

    it('keeps projects apart', async () => {
      await store.commit({ record: recordOf('one', 1), expected: 0, versions: [versionOf('one', 1)] })
      await store.commit({ record: recordOf('two', 1), expected: 0, versions: [] })
      assert.deepEqual([...(await store.revisions()).keys()].sort(), ['one', 'two'])
      assert.equal(await store.version('two', 1), undefined)
      assert.equal((await store.record('two'))?.project, 'two')
    })

    it('stores nothing of a change that lost its race', async () => {
      await store.commit({ record: recordOf('demo', 1), expected: 0, versions: [] })
      const late = recordOf('demo', 1, { environments: {} })
      assert.equal(await other.commit({ record: late, expected: 0, versions: [versionOf('demo', 1)] }), 'lost')
      assert.equal(await other.version('demo', 1), undefined)
      assert.deepEqual(await store.record('demo'), recordOf('demo', 1))
      assert.equal((await store.history('demo', 10)).length, 1)
    })

    it('lets exactly one of many at once win', async () => {
      await store.commit({ record: recordOf('demo', 1), expected: 0, versions: [] })
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 ? store : other).commit({
            record: recordOf('demo', 2, { lineage: `l-${i}` }),
            expected: 1,
            versions: [],
          }),
        ),
      )
      assert.equal(results.filter((result) => result === 'done').length, 1)
      const winner = results.indexOf('done')
      assert.equal((await store.record('demo'))?.lineage, `l-${winner}`)
      assert.equal((await store.history('demo', 10)).length, 2)
    })

    it('tells history newest first, as much as is asked for', async () => {
      for (let revision = 1; revision <= 12; revision++) {
        await store.commit({ record: recordOf('demo', revision), expected: revision - 1, versions: [] })
      }
      assert.deepEqual(
        (await other.history('demo', 3)).map(({ id }) => id),
        [12, 11, 10],
      )
      assert.equal((await other.history('demo', 100)).length, 12)
    })

    it('never writes a version over another', async () => {
      await store.commit({ record: recordOf('demo', 1), expected: 0, versions: [versionOf('demo', 1)] })
      const table = { handoffs: [{ name: 'x', default: true, route: 'sip:x@y' }] }
      const changed = { ...versionOf('demo', 1), table, digest: digestOf(table) }
      assert.equal(await store.commit({ record: recordOf('demo', 2), expected: 1, versions: [changed] }), 'lost')
      assert.deepEqual(await store.version('demo', 1), versionOf('demo', 1))
      assert.equal((await store.record('demo'))?.revision, 1)
    })

    it('closes twice', async () => {
      await store.close()
      await store.close()
    })
  })
}
