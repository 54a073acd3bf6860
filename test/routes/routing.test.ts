import { usualProbe } from '../../base/probe.ts'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  FileStore,
  Routing,
  RoutesError,
  type PinnedTable,
  type PromotionEvent,
  type RoutesErrorSlug,
} from '../../routes/index.ts'
import { ann, demoTable, demoYaml, folder, projectFile, source } from './fixtures.ts'
import { until } from '../harness/until.ts'

let dir: Awaited<ReturnType<typeof folder>>
let routing: Routing
/** `beforeCommit` runs once, when the first change has been decided and before it is stored. */
const open = async (beforeCommit?: () => Promise<unknown>): Promise<Routing> => {
  const store = await FileStore.open({ dir: dir.path })
  const commit = store.commit.bind(store)
  store.commit = async (change) => {
    const interposed = beforeCommit?.()
    beforeCommit = undefined
    await interposed

    return commit(change)
  }

  return Routing.open({ store, now: () => Date.UTC(2026, 0, 1), pollInterval: 20 })
}
beforeEach(async () => {
  dir = await folder()
  routing = await open()
})
afterEach(async () => {
  await routing.close()
  await dir.clean()
})

const failsWith = (slug: RoutesErrorSlug, status: number) => (error: unknown) => {
  assert.ok(error instanceof RoutesError, String(error))
  assert.deepEqual([error.slug, error.status], [slug, status])
  return true
}

const live = (of = routing): PinnedTable => {
  const table = of.current('demo', 'live')
  assert.ok(typeof table === 'object')
  return table
}

describe('a routing table', () => {
  it('goes from draft to version to environment, and back', async () => {
    await routing.putProject('demo', { text: demoYaml, type: 'yaml' }, ann)
    assert.equal(routing.current('demo', 'live'), undefined)
    assert.equal((await routing.publish('demo', ann)).version, 1)
    assert.equal(routing.current('demo', 'live'), undefined)
    const first = await routing.promote('demo', 'live', { version: 1 }, ann)
    assert.deepEqual([first.version, first.previous, first.entry.why], [1, undefined, 'because'])
    assert.equal(live().version, 1)
    assert.equal(live().default.name, 'front-desk')

    await routing.putDraft('demo', { handoffs: [{ name: 'new', default: true, route: '+14155550111' }] }, ann)
    assert.equal(live().default.name, 'front-desk')
    assert.equal((await routing.publish('demo', ann)).version, 2)
    await routing.promote('demo', 'live', { version: 2 }, ann)
    assert.equal(live().default.name, 'new')
    assert.equal(routing.current('demo', 'sandbox'), undefined)

    const back = await routing.rollback('demo', 'live', ann)
    assert.deepEqual([back.version, back.previous], [1, 2])
    assert.equal(live().default.name, 'front-desk')
    await assert.rejects(routing.rollback('demo', 'live', ann), failsWith('nothing_to_roll_back', 409))
  })

  it('that a call holds never changes', async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    const held = live()
    await routing.putDraft('demo', { handoffs: [{ name: 'new', default: true, route: '+14155550111' }] }, ann)
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 2 }, ann)
    assert.equal(held.version, 1)
    assert.ok(held.handoff('front-desk'))
    assert.equal(live().handoff('front-desk'), undefined)
  })

  it('has the same digest when it has the same content, and always a number of its own', async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    const one = await routing.publish('demo', ann)
    const two = await routing.publish('demo', ann)
    const [first, second] = demoTable.handoffs
    await routing.putDraft('demo', { handoffs: [Object.fromEntries(Object.entries(first!).reverse()), second] }, ann)
    const three = await routing.publish('demo', ann)
    assert.deepEqual([one.version, two.version, three.version], [1, 2, 3])
    assert.deepEqual([two.digest, three.digest], [one.digest, one.digest])
    assert.deepEqual([one.sameAs, two.sameAs, three.sameAs], [undefined, 1, 2])
    assert.match(one.digest, /^sha256:[0-9a-f]{64}$/)
    assert.deepEqual(
      (await routing.versions('demo')).map(({ version }) => version),
      [3, 2, 1],
    )
    assert.deepEqual((await routing.version('demo', 1)).table, demoTable)
  })

  it('has a history that says who, what, when, from where, why, before and after', async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    await routing.publish('demo', { who: 'bob', from: 'api 127.0.0.1' })
    await routing.promote('demo', 'live', { version: 1 }, ann)
    const [promotion, publication] = await routing.history('demo')
    assert.deepEqual(promotion, {
      id: 3,
      at: '2026-01-01T00:00:00.000Z',
      who: 'ann',
      from: 'test',
      why: 'because',
      action: 'promote',
      environment: 'live',
      before: null,
      after: 1,
      releases: { before: null, after: 1 },
      changes: [
        { kind: 'changed', what: 'settings', name: 'live', field: 'numbers', after: ['+14155550100'] },
        { kind: 'changed', what: 'settings', name: 'live', field: 'agents', after: ['sip:agent@127.0.0.1:5090'] },
      ],
    })
    assert.deepEqual([publication?.who, publication?.from, publication?.why], ['bob', 'api 127.0.0.1', undefined])
    assert.equal((await routing.history('demo', 1)).length, 1)
  })
})

describe('a change that cannot be made', () => {
  it('of an unknown project is 404', async () => {
    await assert.rejects(routing.getDraft('demo'), failsWith('unknown_project', 404))
    await assert.rejects(routing.publish('demo', ann), failsWith('unknown_project', 404))
    await assert.rejects(routing.putDraft('demo', demoTable, ann), failsWith('unknown_project', 404))
    await assert.rejects(routing.history('demo'), failsWith('unknown_project', 404))
    assert.throws(() => routing.project('demo'), failsWith('unknown_project', 404))
    assert.equal(routing.current('demo', 'live'), 'unknown')
  })

  it('to an unknown version or environment is 404', async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    await assert.rejects(routing.promote('demo', 'live', { version: 1 }, ann), failsWith('unknown_version', 404))
    await routing.publish('demo', ann)
    for (const environment of ['sandbox', 'prod', '__proto__']) {
      await assert.rejects(
        routing.promote('demo', environment, { version: 1 }, ann),
        failsWith('unknown_environment', 404),
      )
      assert.equal(routing.current('demo', environment), 'unknown')
    }
    await assert.rejects(routing.version('demo', 2), failsWith('unknown_version', 404))
  })

  it('to a draft that another operator has changed is 412, and stores nothing', async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    const { digest } = await routing.getDraft('demo')
    const mine = { handoffs: [{ name: 'mine', default: true, route: '+14155550111' }] }
    const saved = await routing.putDraft('demo', mine, ann, digest)
    await assert.rejects(routing.putDraft('demo', demoTable, ann, digest), failsWith('draft_changed', 412))
    await assert.rejects(routing.publish('demo', ann, digest), failsWith('draft_changed', 412))
    assert.deepEqual(await routing.getDraft('demo'), saved)
    assert.equal((await routing.publish('demo', ann, saved.digest)).version, 1)
  })

  it('with mistakes is 422, names each, and stores nothing', async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    const before = await routing.getDraft('demo')
    await assert.rejects(routing.putDraft('demo', { handoffs: [{ name: 'x' }] }, ann), (error: RoutesError) => {
      assert.deepEqual(
        error.errors?.map(({ pointer }) => pointer),
        ['/handoffs', '/handoffs/0/route'],
      )
      return failsWith('invalid_table', 422)(error)
    })
    const broken = source({ ...projectFile(), environments: { live: { numbers: ['+14155550199'], agents: ['x'] } } })
    await assert.rejects(routing.putProject('demo', broken, ann), failsWith('invalid_project', 422))
    assert.deepEqual(await routing.getDraft('demo'), before)
    assert.equal(routing.findNumber('+14155550199'), undefined)
    assert.equal((await routing.history('demo')).length, 1)
  })

  it('to a project of another name is 422', async () => {
    await assert.rejects(routing.putProject('other', source(projectFile()), ann), (error: RoutesError) => {
      assert.equal(error.errors?.[0]?.pointer, '/project')
      return failsWith('invalid_project', 422)(error)
    })
  })

  it('that takes the number of another project is 422', async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    const thief = projectFile({ project: 'thief' })
    await assert.rejects(routing.putProject('thief', source(thief), ann), (error: RoutesError) => {
      assert.equal(error.errors?.[0]?.pointer, '/environments/live/numbers/0')
      assert.match(error.errors[0].problem, /belongs to live of project demo/)
      return failsWith('invalid_project', 422)(error)
    })
  })
})

describe('a promotion', () => {
  beforeEach(async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    for (let i = 0; i < 3; i++) await routing.publish('demo', ann)
  })

  it('that expects another version is 412', async () => {
    await routing.promote('demo', 'live', { version: 1, expected: null }, ann)
    await assert.rejects(
      routing.promote('demo', 'live', { version: 2, expected: null }, ann),
      failsWith('promotion_lost', 412),
    )
    await assert.rejects(
      routing.promote('demo', 'live', { version: 2, expected: 3 }, ann),
      failsWith('promotion_lost', 412),
    )
    await routing.promote('demo', 'live', { version: 2, expected: 1 }, ann)
    await assert.rejects(routing.rollback('demo', 'live', ann, { expected: 1 }), failsWith('promotion_lost', 412))
  })

  it('wins or loses when many are made at once, and history has those that won', async () => {
    const others = await Promise.all([open(), open()])
    const results = await Promise.allSettled(
      [routing, ...others].map((each, i) => each.promote('demo', 'live', { version: i + 1, expected: null }, ann)),
    )
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    assert.equal(lost.length, 2)
    for (const error of lost) failsWith('promotion_lost', 412)(error)
    assert.equal((await routing.history('demo')).filter(({ action }) => action === 'promote').length, 1)
    await Promise.all(others.map((other) => other.close()))
  })

  it('loses to one that comes between its reading and its writing, a first one and one of the same version, too', async () => {
    const other = await open()
    for (const [mine, between] of [
      [1, 2],
      [2, 2],
      [3, 1],
    ] as const) {
      const slow = await open(() => other.promote('demo', 'live', { version: between }, ann))
      await assert.rejects(slow.promote('demo', 'live', { version: mine }, ann), failsWith('promotion_lost', 412))
      assert.equal((await routing.history('demo', 1))[0]?.after, between)
      await slow.close()
    }
    const slow = await open(() => other.promote('demo', 'live', { version: 3 }, ann))
    await assert.rejects(slow.rollback('demo', 'live', ann), failsWith('promotion_lost', 412))
    await Promise.all([slow.close(), other.close()])
  })

  it('does not lose to a change of something else', async () => {
    const other = await open()
    const results = await Promise.all([
      routing.promote('demo', 'live', { version: 1 }, ann),
      other.putDraft('demo', { handoffs: [{ name: 'x', default: true, route: 'sip:x@y' }] }, ann),
    ])
    assert.equal(results[0].version, 1)
    assert.equal((await routing.history('demo')).length, 6)
    await other.close()
  })

  it('is noticed by other processes on the same folder', async () => {
    const other = await open()
    const heard = once(other, 'promoted') as Promise<[PromotionEvent]>
    await routing.promote('demo', 'live', { version: 3 }, ann)
    const [{ project, environment, version, previous, entry }] = await heard
    assert.deepEqual([project, environment, version, previous, entry.who], ['demo', 'live', 3, undefined, 'ann'])
    assert.equal(live(other).version, 3)
    await other.close()
  })

  it('is not undone by a listener that throws', async () => {
    let heard = 0
    routing.on('promoted', () => {
      throw new Error('no')
    })
    routing.on('promoted', () => heard++)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    assert.equal(heard, 1)
  })

  it('rolls back one step at a time', async () => {
    for (const version of [1, 2, 3]) await routing.promote('demo', 'live', { version }, ann)
    assert.equal((await routing.rollback('demo', 'live', ann)).version, 2)
    assert.equal((await routing.rollback('demo', 'live', ann)).version, 1)
    await assert.rejects(routing.rollback('demo', 'live', ann), failsWith('nothing_to_roll_back', 409))
  })
})

describe('what is beside the table', () => {
  it('changes nothing that runs before a promotion, and all of it then', async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    const environments = {
      live: { numbers: ['+14155550177'], agents: ['sip:new@127.0.0.1'], variables: { region: 'east' } },
    }
    await routing.putProject(
      'demo',
      source(projectFile({ environments, agent_down: 'duty-manager', adhoc: true })),
      ann,
    )
    assert.deepEqual(routing.findNumber('+14155550100'), { project: 'demo', environment: 'live' })
    assert.equal(routing.findNumber('+14155550177'), undefined)
    assert.deepEqual(live().agents, ['sip:agent@127.0.0.1:5090'])
    assert.equal(live().settings.adhoc, false)
    await routing.promote('demo', 'live', {}, ann)
    assert.equal(routing.findNumber('+14155550100'), undefined)
    assert.deepEqual(routing.findNumber('tel:+1-415-555-0177'), { project: 'demo', environment: 'live' })
    assert.deepEqual(live().agents, ['sip:new@127.0.0.1'])
    assert.deepEqual(live().variables, { region: 'east' })
    assert.deepEqual(live().settings, {
      agentDown: 'duty-manager',
      adhoc: true,
      adhocDeny: [],
      adhocAllow: [],
      adhocHosts: [],
      consult: true,
      progressTimeout: 3,
      probe: usualProbe,
      recording: 'off',
      recordingNotice: undefined,
    })
    assert.deepEqual([live().version, live().release], [1, 2])
  })

  it('is there again after a restart', async () => {
    await routing.putProject('demo', source(projectFile()), ann)
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    const again = await open()
    assert.equal(live(again).version, 1)
    assert.deepEqual(again.findNumber('14155550100'), { project: 'demo', environment: 'live' })
    assert.deepEqual(again.projects(), routing.projects())
    await again.close()
  })
})

describe('an exported project', () => {
  it('is byte for byte the file that was imported', async () => {
    await routing.putProject('demo', { text: demoYaml, type: 'yaml' }, ann)
    assert.deepEqual(await routing.exportProject('demo'), { text: demoYaml, type: 'yaml' })
    const text = JSON.stringify(projectFile())
    await routing.putProject('demo', { text, type: 'json' }, ann)
    assert.deepEqual(await routing.exportProject('demo'), { text, type: 'json' })
  })

  it('has what has changed since', async () => {
    await routing.putProject('demo', { text: demoYaml, type: 'yaml' }, ann)
    await routing.putDraft('demo', demoTable, ann)
    const exported = await routing.exportProject('demo')
    await routing.putProject('demo', exported, ann)
    assert.deepEqual((await routing.getDraft('demo')).table, demoTable)
  })
})

describe('a store that fails while it tells of a change', () => {
  it('is told by health, and ends nothing', async () => {
    const store = await FileStore.open({ dir: dir.path })
    let changed: (project: string | undefined) => void = () => undefined
    store.watch = (callback?: typeof changed) => {
      changed = callback ?? changed
    }
    const watching = await Routing.open({ store, pollInterval: 60_000 })
    await watching.putProject('demo', source(projectFile()), ann)
    store.record = () => Promise.reject(new RoutesError('store_unavailable', 'gone for lunch'))
    changed('demo')
    changed(undefined)
    await new Promise((resolve) => setImmediate(resolve))
    await until('the problem shows', () => !watching.health().ok)
    assert.deepEqual(watching.health().problems, ['gone for lunch'])
    assert.ok(watching.findNumber('+14155550100'))
    await watching.close()
  })
})

describe("a project's name", () => {
  it('never leads out of its folder', async () => {
    for (const name of ['..', '../demo', '.', 'a/b', '', 'x'.repeat(65), '{a}']) {
      await assert.rejects(routing.getDraft(name), failsWith('unknown_project', 404))
      await assert.rejects(routing.publish(name, ann), failsWith('unknown_project', 404))
      await assert.rejects(routing.version(name, 1), failsWith('unknown_project', 404))
      await assert.rejects(routing.history(name), failsWith('unknown_project', 404))
      const file = { ...projectFile(), project: name }
      await assert.rejects(routing.putProject(name, source(file), ann), failsWith('invalid_project', 422))
    }
  })
})
