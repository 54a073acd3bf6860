import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RoutesError } from '../../routes/index.ts'
import { FileStore, judgeCanary, Routing, type PromotionEvent } from '../../routes/index.ts'
import { ann, folder, projectFile, source } from './fixtures.ts'

let dir: Awaited<ReturnType<typeof folder>>
let routing: Routing
beforeEach(async () => {
  dir = await folder()
  routing = await Routing.open({ store: await FileStore.open({ dir: dir.path }), pollInterval: 20 })
  await routing.putProject('demo', source(projectFile({ require_rehearsal: [] })), ann)
  for (let i = 0; i < 3; i++) {
    const { table } = await routing.getDraft('demo')
    await routing.putDraft(
      'demo',
      { handoffs: table.handoffs.map((handoff) => ({ ...handoff, description: `take ${i}` })) },
      ann,
    )
    await routing.publish('demo', ann)
  }
  await routing.promote('demo', 'live', { version: 1 }, ann)
})
afterEach(async () => {
  await routing.close()
  await dir.clean()
})

const versionFor = (caller: string): number | undefined => {
  const table = routing.current('demo', 'live', caller)
  return typeof table === 'object' ? table.version : undefined
}
const callers = Array.from({ length: 1000 }, (_, i) => `+1415555${String(i).padStart(4, '0')}`)

describe('the judgement of a canary', () => {
  const canary = { version: 2, tolerance: 10, sample: 20 }
  const tally = (succeeded: number, failed: number) => ({ succeeded, failed })
  const cases: [trial: [number, number], main: [number, number], verdict: string][] = [
    [[0, 0], [0, 0], 'wait'],
    [[0, 19], [100, 0], 'wait'],
    [[0, 20], [19, 0], 'wait'],
    [[0, 20], [20, 0], 'bad'],
    [[18, 2], [20, 0], 'good'],
    [[17, 3], [20, 0], 'bad'],
    [[10, 10], [10, 10], 'good'],
    [[20, 0], [5, 15], 'good'],
  ]
  for (const [trial, main, verdict] of cases) {
    it(`is "${verdict}" with ${trial.join('+')} of its own against ${main.join('+')}`, () => {
      assert.equal(judgeCanary(canary, tally(...trial), tally(...main)).canary, verdict)
    })
  }
})

describe('a canary', () => {
  it('takes its share of the callers, the same each time', async () => {
    const { canary, version } = await routing.promote(
      'demo',
      'live',
      { version: 2, expected: 1, canary: { percent: 20 } },
      ann,
    )
    assert.deepEqual([version, canary], [1, { release: 2, version: 2, percent: 20 }])
    const chosen = callers.map(versionFor)
    const share = chosen.filter((number) => number === 2).length / 10
    assert.ok(share > 15 && share < 25, `${share} per cent`)
    assert.deepEqual(callers.map(versionFor), chosen)
    assert.equal(routing.project('demo').environments.live?.canary?.percent, 20)
    const [entry] = await routing.history('demo', 1)
    assert.deepEqual([entry?.action, entry?.before, entry?.after], ['canary', 1, 2])
  })

  it('takes its share of the callers that nothing is known of', async () => {
    await routing.promote('demo', 'live', { version: 2, expected: 1, canary: { percent: 50 } }, ann)
    const chosen = new Set(Array.from({ length: 100 }, () => versionFor('')))
    assert.deepEqual([...chosen].sort(), [1, 2])
  })

  it('that does worse is rolled back by itself, with an event', async () => {
    await routing.promote(
      'demo',
      'live',
      { version: 2, expected: 1, canary: { percent: 50, sample: 5, tolerance: 20 } },
      ann,
    )
    const heard = once(routing, 'promoted') as Promise<[PromotionEvent]>
    for (let i = 0; i < 5; i++) {
      routing.transferEnded('demo', 'live', 1, 'succeeded')
      routing.transferEnded('demo', 'live', 2, i < 2 ? 'succeeded' : 'failed')
    }
    const [{ version, canary, entry }] = await heard
    assert.deepEqual(
      [version, canary, entry.action, entry.who, entry.before, entry.after],
      [1, undefined, 'rollback', 'baton', 2, 1],
    )
    assert.equal(entry.why, '40 % of the transfers of version 2 succeeded, against 100 % of the version before')
    assert.ok(callers.every((caller) => versionFor(caller) === 1))
    assert.equal(routing.canaryTallies('demo', 'live'), undefined)
  })

  it('that does worse is rolled back before the store is closed', async () => {
    await routing.promote('demo', 'live', { version: 2, expected: 1, canary: { percent: 50, sample: 1 } }, ann)
    routing.transferEnded('demo', 'live', 1, 'succeeded')
    routing.transferEnded('demo', 'live', 2, 'failed')
    await routing.close()
    const files = await readdir(join(dir.path, 'demo'))
    assert.ok(!files.some((file) => file.endsWith('.tmp')), files.join())
    routing = await Routing.open({ store: await FileStore.open({ dir: dir.path }) })
    const [entry] = await routing.history('demo', 1)
    assert.deepEqual(
      [entry?.action, entry?.who, routing.canaryTallies('demo', 'live')],
      ['rollback', 'baton', undefined],
    )
  })

  it('that does as well stays, until it is promoted', async () => {
    await routing.promote('demo', 'live', { version: 2, expected: 1, canary: { percent: 50, sample: 5 } }, ann)
    for (let i = 0; i < 20; i++) {
      for (const version of [1, 2]) routing.transferEnded('demo', 'live', version, 'succeeded')
    }
    assert.deepEqual(routing.canaryTallies('demo', 'live')?.trial, { succeeded: 20, failed: 0 })
    assert.ok(callers.some((caller) => versionFor(caller) === 2))
    await routing.promote('demo', 'live', { version: 2 }, ann)
    assert.ok(callers.every((caller) => versionFor(caller) === 2))
    assert.equal((await routing.rollback('demo', 'live', ann)).version, 1)
  })

  it('is ended by a rollback, which leaves the version before', async () => {
    await routing.promote('demo', 'live', { version: 2 }, ann)
    await routing.promote('demo', 'live', { version: 3, expected: 2, canary: { percent: 30 } }, ann)
    await routing.rollback('demo', 'live', ann)
    assert.ok(callers.every((caller) => versionFor(caller) === 2))
    await routing.rollback('demo', 'live', ann)
    assert.ok(callers.every((caller) => versionFor(caller) === 1))
  })

  it('counts anew when another one begins', async () => {
    await routing.promote('demo', 'live', { version: 2, expected: 1, canary: { percent: 50 } }, ann)
    routing.transferEnded('demo', 'live', 2, 'failed')
    await routing.promote('demo', 'live', { version: 3, expected: 1, canary: { percent: 50 } }, ann)
    assert.deepEqual(routing.canaryTallies('demo', 'live'), {
      trial: { succeeded: 0, failed: 0 },
      main: { succeeded: 0, failed: 0 },
    })
  })

  it('needs a version to compare with, and some calls', async () => {
    await routing.putProject('demo', source(projectFile({ environments: { live: {}, sandbox: {} } })), ann)
    const no = (error: RoutesError): boolean => error.slug === 'invalid_command'
    await assert.rejects(
      routing.promote('demo', 'sandbox', { version: 2, expected: null, canary: { percent: 10 } }, ann),
      no,
    )
    await assert.rejects(routing.promote('demo', 'live', { version: 2, expected: 1, canary: { percent: 0 } }, ann), no)
  })

  it('is there again after a restart', async () => {
    await routing.promote('demo', 'live', { version: 2, expected: 1, canary: { percent: 20 } }, ann)
    const chosen = callers.map(versionFor)
    await routing.close()
    routing = await Routing.open({ store: await FileStore.open({ dir: dir.path }) })
    assert.deepEqual(callers.map(versionFor), chosen)
  })
})

describe('an environment that takes only rehearsed versions', () => {
  const rehearsed = async (version: number, handoff: string) => {
    const { digest } = await routing.version('demo', version)
    const rehearsal = { environment: 'sandbox', version, digest, handoffs: [handoff], proved: [handoff] } as const
    await routing.recordRehearsal('demo', rehearsal, ann)
  }

  beforeEach(() =>
    routing.putProject(
      'demo',
      source(projectFile({ require_rehearsal: ['live'], environments: { live: {}, sandbox: {} } })),
      ann,
    ),
  )

  it('refuses one whose handoffs were not, and says which', async () => {
    await rehearsed(2, 'front-desk')
    await assert.rejects(routing.promote('demo', 'live', { version: 2 }, ann), (error: RoutesError) => {
      assert.deepEqual([error.status, error.slug], [409, 'not_rehearsed'])
      assert.deepEqual(
        error.errors?.map(({ pointer, problem }) => [pointer, problem]),
        [['/handoffs/1', 'duty-manager has not been rehearsed']],
      )
      return true
    })
    assert.equal(versionFor('x'), 1)
    await assert.rejects(
      routing.promote('demo', 'live', { version: 2, expected: 1, canary: { percent: 5 } }, ann),
      /not_rehearsed|rehearsed versions/,
    )
    await routing.promote('demo', 'sandbox', { version: 2 }, ann)
  })

  it('takes it when all were, and another version of the same content too', async () => {
    for (const handoff of ['front-desk', 'duty-manager']) await rehearsed(3, handoff)
    const { version } = await routing
      .putDraft('demo', (await routing.version('demo', 3)).table, ann)
      .then(() => routing.publish('demo', ann))
    assert.equal((await routing.promote('demo', 'live', { version }, ann)).version, 4)
    assert.equal((await routing.history('demo')).filter(({ action }) => action === 'rehearse').length, 2)
  })

  it('does not ask for handoffs that are out of use, and lets roll back', async () => {
    const { handoffs } = (await routing.getDraft('demo')).table
    await routing.putDraft('demo', { handoffs: [handoffs[0], { ...handoffs[1], active: false }] }, ann)
    await routing.publish('demo', ann)
    await rehearsed(4, 'front-desk')
    await routing.promote('demo', 'live', { version: 4 }, ann)
    assert.equal((await routing.rollback('demo', 'live', ann)).version, 1)
  })
})

describe('a draft', () => {
  it('is edited by commands, each checked as any draft is', async () => {
    const { digest } = await routing.getDraft('demo')
    const edited = await routing.editDraft('demo', { do: 'set_default', name: 'duty-manager' }, ann, digest)
    assert.equal(edited.table.handoffs[1]?.default, true)
    const late = routing.editDraft('demo', { do: 'delete', name: 'x' }, ann, digest)
    await assert.rejects(late, (error: RoutesError) => error.slug === 'draft_changed')
    const wrong = routing.editDraft('demo', { do: 'create', handoff: { name: 'x', route: 'nowhere' } }, ann)
    await assert.rejects(wrong, (error: RoutesError) => {
      assert.deepEqual([error.slug, error.errors?.[0]?.pointer], ['invalid_table', '/handoffs/2/route'])
      return true
    })
    assert.deepEqual(await routing.getDraft('demo'), edited)
  })

  it('is compared with any version', async () => {
    const changes = await routing.diff('demo', 1, 'draft')
    assert.deepEqual(
      changes.map(({ name, field, before, after }) => [name, field, before, after]),
      [
        ['front-desk', 'description', 'take 0', 'take 2'],
        ['duty-manager', 'description', 'take 0', 'take 2'],
      ],
    )
    assert.deepEqual(await routing.diff('demo', 3, 'draft'), [])
    await assert.rejects(routing.diff('demo', 1, 9), (error: RoutesError) => error.status === 404)
  })

  it('is linted, and one with errors is not published', async () => {
    assert.deepEqual(await routing.lint('demo'), [])
    await routing.putProject('demo', source(projectFile({ agent_down: 'duty-manager' })), ann)
    await routing.putDraft('demo', { handoffs: [{ name: 'alone', default: true, route: 'sip:a@b' }] }, ann)
    const [finding] = await routing.lint('demo')
    assert.deepEqual([finding?.severity, finding?.pointer], ['error', '/agent_down'])
    await assert.rejects(routing.publish('demo', ann), (error: RoutesError) => {
      assert.deepEqual([error.status, error.slug, error.errors?.[0]?.pointer], [422, 'invalid_project', '/agent_down'])
      return true
    })
    assert.equal((await routing.versions('demo')).length, 3)
  })
})
