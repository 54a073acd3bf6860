import assert from 'node:assert/strict'
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RoutesError } from '../../routes/index.ts'
import { FileStore, Routing, type StoreLog } from '../../routes/index.ts'
import { ann, folder, projectFile, source } from './fixtures.ts'
import { recordOf, storeContract, versionOf } from './store-contract.ts'

let dir: Awaited<ReturnType<typeof folder>>
beforeEach(async () => {
  dir = await folder()
})
afterEach(() => dir.clean())

storeContract('files', () => FileStore.open({ dir: dir.path }))

function logged(): { log: StoreLog; lines: string[] } {
  const lines: string[] = []
  const line = (message: string): void => {
    lines.push(message)
  }

  return { lines, log: { info: () => undefined, warn: line, error: line } }
}

describe('files of projects', () => {
  it('leave nothing half written beside them', async () => {
    const store = await FileStore.open({ dir: dir.path })
    for (let i = 1; i <= 9; i++) {
      await store.commit({ record: recordOf('demo', i), expected: i - 1, versions: [versionOf('demo', i)] })
    }
    const files = await readdir(join(dir.path, 'demo'))
    assert.deepEqual(
      files.filter((file) => file.startsWith('record')).sort(),
      [5, 6, 7, 8, 9].map((i) => `record-${i}.json`),
    )
    assert.deepEqual(
      files.filter((file) => file.includes('tmp')),
      [],
    )
    assert.equal(files.filter((file) => file.startsWith('version')).length, 9)
  })

  it('are refused, naming the folder, when there is a file in its place', async () => {
    const path = join(dir.path, 'taken')
    await writeFile(path, '')
    await assert.rejects(FileStore.open({ dir: path }), (error: RoutesError) => {
      assert.equal(error.slug, 'store_unavailable')
      assert.ok(error.message.includes(path))
      return true
    })
  })

  it('are refused, naming the folder, when it cannot be written', async function () {
    if (process.getuid?.() === 0) this.skip()
    await chmod(dir.path, 0o500)
    await assert.rejects(FileStore.open({ dir: dir.path }), /DATA_DIR\) cannot be written/)
    await chmod(dir.path, 0o700)
  })

  it('say which is damaged and have the one before', async () => {
    const store = await FileStore.open({ dir: dir.path })
    await store.commit({ record: recordOf('demo', 1), expected: 0, versions: [versionOf('demo', 1)] })
    await store.commit({ record: recordOf('demo', 2), expected: 1, versions: [] })
    const file = join(dir.path, 'demo', 'record-2.json')
    await writeFile(file, '{"half": ')
    await assert.rejects(store.record('demo'), (error: Error) => error.message.startsWith(`${file} is damaged: `))
    assert.deepEqual(await store.earlier('demo'), recordOf('demo', 1, { lastVersion: 1 }))
  })

  it('keep a line of history that was lost with the power', async () => {
    const store = await FileStore.open({ dir: dir.path })
    await store.commit({ record: recordOf('demo', 1), expected: 0, versions: [] })
    await store.commit({ record: recordOf('demo', 2), expected: 1, versions: [] })
    await writeFile(join(dir.path, 'demo', 'history.jsonl'), '{"id":1,')
    assert.deepEqual(
      (await store.history('demo', 9)).map(({ id }) => id),
      [2, 1],
    )
  })

  it('skip the number of a version whose writer did not finish', async () => {
    const store = await FileStore.open({ dir: dir.path })
    const routing = await Routing.open({ store })
    await routing.putProject('demo', source(projectFile()), ann)
    await writeFile(join(dir.path, 'demo', 'version-1.json'), 'left behind')
    assert.equal((await routing.publish('demo', ann)).version, 2)
    await routing.close()
  })
})

describe('a damaged table', () => {
  const start = (log: StoreLog): Promise<Routing> =>
    FileStore.open({ dir: join(dir.path, 'routes') }).then((store) =>
      Routing.open({ store, log, lastGoodDir: join(dir.path, 'last-good'), pollInterval: 20 }),
    )
  const promoteTwo = async (): Promise<void> => {
    const routing = await start(logged().log)
    await routing.putProject('demo', source(projectFile()), ann)
    for (const version of [1, 2]) {
      await routing.publish('demo', ann)
      await routing.promote('demo', 'live', { version }, ann)
    }
    await routing.close()
  }
  const running = (routing: Routing): number | undefined => {
    const table = routing.current('demo', 'live')
    return typeof table === 'object' ? table.version : undefined
  }

  it('is named, and the last good copy of it served and written again', async () => {
    await promoteTwo()
    const file = join(dir.path, 'routes', 'demo', 'version-2.json')
    await writeFile(file, 'garbage')
    const { log, lines } = logged()
    const routing = await start(log)
    assert.equal(running(routing), 2)
    assert.ok(lines.some((line) => line.includes(`${file} is damaged`)))
    assert.equal(routing.health().rejected, 1)
    assert.equal(routing.health().ok, true)
    assert.equal((await routing.version('demo', 2)).version, 2)
    assert.equal(await readFile(`${file}.damaged`, 'utf8'), 'garbage')
    await routing.close()
  })

  it('that is gone altogether is written again from the last good copy', async () => {
    await promoteTwo()
    const file = join(dir.path, 'routes', 'demo', 'version-2.json')
    await rm(file)
    const routing = await start(logged().log)
    assert.deepEqual([running(routing), routing.health().ok], [2, true])
    assert.equal((await routing.version('demo', 2)).version, 2)
    await routing.close()
  })

  it('of versions, numbers and all is named, and the last good copy of it served and written again', async () => {
    await promoteTwo()
    const files = await readdir(join(dir.path, 'routes', 'demo'))
    const [newest = ''] = files
      .filter((file) => file.startsWith('record'))
      .sort()
      .reverse()
    await writeFile(join(dir.path, 'routes', 'demo', newest), 'garbage')
    const { log, lines } = logged()
    const routing = await start(log)
    assert.equal(running(routing), 2)
    assert.ok(lines.some((line) => line.includes(`${newest} is damaged`)))
    assert.equal(routing.health().ok, true)
    assert.deepEqual(
      (await routing.history('demo')).slice(0, 2).map(({ action }) => action),
      ['restore', 'promote'],
    )
    await routing.close()
  })

  it('whose copy is damaged too gives way to the one before', async () => {
    await promoteTwo()
    const files = await readdir(join(dir.path, 'routes', 'demo'))
    const [newest = ''] = files
      .filter((file) => file.startsWith('record'))
      .sort()
      .reverse()
    await writeFile(join(dir.path, 'routes', 'demo', newest), 'garbage')
    await writeFile(join(dir.path, 'last-good', 'demo.json'), 'garbage')
    const routing = await start(logged().log)
    assert.equal(running(routing), 1)
    assert.equal((await routing.publish('demo', ann)).version, 3)
    await routing.promote('demo', 'live', { version: 3 }, ann)
    assert.equal(running(routing), 3)
    await routing.close()
  })

  it('gives way to the version before when there is no good copy', async () => {
    await promoteTwo()
    await rm(join(dir.path, 'last-good'), { recursive: true })
    await writeFile(join(dir.path, 'routes', 'demo', 'version-2.json'), 'garbage')
    const routing = await start(logged().log)
    assert.equal(running(routing), 1)
    assert.equal(routing.health().ok, false)
    await routing.close()
  })

  it('that nothing replaces stops neither the start nor other projects', async () => {
    await promoteTwo()
    const first = await start(logged().log)
    await first.putProject(
      'other',
      source(projectFile({ project: 'other', environments: { live: { numbers: ['+14155550177'] } } })),
      ann,
    )
    await first.close()
    await rm(join(dir.path, 'last-good'), { recursive: true })
    for (const file of await readdir(join(dir.path, 'routes', 'demo'))) {
      await writeFile(join(dir.path, 'routes', 'demo', file), '\0')
    }
    const routing = await start(logged().log)
    assert.equal(routing.findNumber('+14155550100'), undefined)
    assert.equal(routing.findNumber('+14155550177')?.project, 'other')
    assert.equal(routing.health().problems.length, 1)
    await routing.close()
  })

  it('changed by hand is refused: its digest does not fit', async () => {
    await promoteTwo()
    const file = join(dir.path, 'routes', 'demo', 'version-2.json')
    await rm(file)
    const forged = { ...versionOf('demo', 2), table: { handoffs: [{ name: 'x', default: true, route: 'sip:x@y' }] } }
    await writeFile(file, JSON.stringify(forged))
    const { log, lines } = logged()
    const routing = await start(log)
    assert.ok(lines.some((line) => line.includes('not what its digest says')))
    await routing.close()
  })
})
