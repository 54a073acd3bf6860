import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '../../base/canonical-json.ts'
import {
  FileStore,
  type HandoffCommand,
  Routing,
  type RoutesError,
  type Table,
  type Version,
} from '../../routes/index.ts'
import { ann, folder, projectFile, source } from './fixtures.ts'

let dir: Awaited<ReturnType<typeof folder>>
let routing: Routing
const open = async () => Routing.open({ store: await FileStore.open({ dir: dir.path }), pollInterval: 20 })
beforeEach(async () => {
  dir = await folder()
  routing = await open()
})
afterEach(async () => {
  await routing.close()
  await dir.clean()
})

const live = (from = routing) => {
  const pinned = from.current('demo', 'live')
  assert.ok(typeof pinned === 'object')

  return pinned
}
const failsWith = (slug: string, status: number) => (error: RoutesError) => {
  assert.deepEqual([error.slug, error.status], [slug, status])

  return true
}
const settings = (agent: string, number = '+14155550100') => ({ numbers: [number], agents: [`sip:${agent}@127.0.0.1`] })
const put = (agent: string, more: object = {}) =>
  routing.putProject('demo', source(projectFile({ environments: { live: settings(agent) }, ...more })), ann)

describe('a release', () => {
  beforeEach(async () => {
    await put('one')
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
  })

  it('is made of a version and of the draft of the settings, or of those that run', async () => {
    await put('two')
    await routing.publish('demo', ann)
    const kept = await routing.promote('demo', 'live', { version: 2, settings: 'keep' }, ann)
    assert.deepEqual([kept.release, kept.version, kept.previous, kept.previousRelease], [2, 2, 1, 1])
    assert.deepEqual([live().release, live().version, live().agents], [2, 2, ['sip:one@127.0.0.1']])

    const drafted = await routing.promote('demo', 'live', {}, { ...ann, why: 'new agents' })
    assert.deepEqual([drafted.release, drafted.version], [3, 2])
    assert.deepEqual([live().release, live().agents], [3, ['sip:two@127.0.0.1']])
    const releases = await routing.environments.releases('demo', 'live')
    assert.deepEqual(
      releases.map(({ release, version, settings: { agents }, message }) => [release, version, agents, message]),
      [
        [3, 2, ['sip:two@127.0.0.1'], 'new agents'],
        [2, 2, ['sip:one@127.0.0.1'], 'because'],
        [1, 1, ['sip:one@127.0.0.1'], 'because'],
      ],
    )
  })

  it('is gone back to whole: the version, the numbers and the agents', async () => {
    await routing.environments.putDraft('demo', 'live', settings('two', '+14155550177'), ann)
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 2 }, ann)
    assert.deepEqual(routing.findNumber('+14155550177'), { project: 'demo', environment: 'live' })

    const back = await routing.rollback('demo', 'live', ann)
    assert.deepEqual([back.release, back.version, back.previousRelease], [1, 1, 2])
    assert.deepEqual([live().release, live().version, live().agents], [1, 1, ['sip:one@127.0.0.1']])
    assert.equal(routing.findNumber('+14155550177'), undefined)
    assert.deepEqual(routing.findNumber('+14155550100'), { project: 'demo', environment: 'live' })
    await assert.rejects(routing.rollback('demo', 'live', ann), failsWith('nothing_to_roll_back', 409))

    // Forward again by its number, and back to the one before.
    assert.equal((await routing.rollback('demo', 'live', ann, { release: 2 })).version, 2)
    assert.equal((await routing.rollback('demo', 'live', ann)).release, 1)
    await assert.rejects(routing.rollback('demo', 'live', ann, { release: 9 }), failsWith('unknown_release', 404))
  })

  it('pins a call, whatever is promoted later', async () => {
    const call = live()
    await put('two', { adhoc: true })
    await routing.promote('demo', 'live', {}, ann)
    assert.deepEqual([call.release, call.agents, call.settings.adhoc], [1, ['sip:one@127.0.0.1'], false])
    assert.deepEqual([live().release, live().settings.adhoc], [2, true])
  })

  it('is told from another by field, in its settings and in its table', async () => {
    await put('two', { environments: { live: { ...settings('two'), variables: { region: 'west' } } } })
    const { table } = await routing.getDraft('demo')
    const [first, ...others] = table.handoffs
    await routing.putDraft('demo', { handoffs: [{ ...first, route: 'sip:new@127.0.0.1' }, ...others] }, ann)
    const expected = [
      ['settings', 'agents', ['sip:one@127.0.0.1'], ['sip:two@127.0.0.1']],
      ['settings', 'variables.region', undefined, 'west'],
      ['handoff', 'route', 'sip:front-desk@127.0.0.1:5092', 'sip:new@127.0.0.1'],
    ]
    const fields = (changes: readonly object[] = []) =>
      (changes as { what: string; field: string; before: unknown; after: unknown }[])
        .filter(({ field }) => field !== 'version')
        .map(({ what, field, before, after }) => [what, field, before, after])
    assert.deepEqual(fields(await routing.environments.diff('demo', 'live', 1, 'draft')), expected)

    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 2 }, ann)
    assert.deepEqual(fields(await routing.environments.diff('demo', 'live', 1, 2)), expected)
    const [entry] = await routing.history('demo')
    assert.deepEqual([entry?.action, entry?.releases], ['promote', { before: 1, after: 2 }])
    assert.deepEqual(fields(entry?.changes), expected)
  })

  it('is the same after a restart', async () => {
    await put('two')
    const again = await open()
    assert.deepEqual([live(again).release, live(again).agents], [1, ['sip:one@127.0.0.1']])
    assert.deepEqual(
      await again.environments.releases('demo', 'live'),
      await routing.environments.releases('demo', 'live'),
    )
    await again.close()
  })

  it('never has a number that another environment runs', async () => {
    await routing.environments.putDraft('demo', 'live', settings('one', '+14155550177'), ann)
    await routing.environments.putDraft('demo', 'sandbox', settings('one'), ann)
    await assert.rejects(routing.promote('demo', 'sandbox', { version: 1 }, ann), (error: RoutesError) => {
      assert.match(error.errors?.[0]?.problem ?? '', /\+14155550100 reaches live of project demo/)

      return failsWith('number_taken', 409)(error)
    })
    await routing.promote('demo', 'live', {}, ann)
    await routing.promote('demo', 'sandbox', { version: 1 }, ann)
    assert.deepEqual(routing.findNumber('+14155550100'), { project: 'demo', environment: 'sandbox' })
    await assert.rejects(routing.rollback('demo', 'live', ann), failsWith('number_taken', 409))
  })
})

describe('a release whose version is lost', () => {
  it('gives way to the release before, and the version that is served is told', async () => {
    await put('one')
    for (const version of [1, 2]) {
      await routing.publish('demo', ann)
      await routing.promote('demo', 'live', { version }, ann)
    }
    assert.equal(routing.servedVersion('demo', 'live'), 2)
    await routing.close()
    await rm(join(dir.path, 'demo', 'version-2.json'))
    routing = await open()
    assert.deepEqual(
      [routing.project('demo').environments.live?.version, routing.servedVersion('demo', 'live')],
      [2, 1],
    )
    assert.equal(routing.servedVersion('demo', 'moon'), undefined)
  })
})

describe('a first promotion', () => {
  it('needs a version, and settings to keep or a draft of them', async () => {
    await put('one')
    await routing.publish('demo', ann)
    for (const wish of [{}, { version: 1, settings: 'keep' as const }]) {
      await assert.rejects(routing.promote('demo', 'live', wish, ann), failsWith('invalid_command', 422))
    }
    assert.equal(routing.current('demo', 'live'), undefined)
  })
})

describe('the draft of an environment’s settings', () => {
  it('is changed only by who has seen it, and only to what is right', async () => {
    await put('one')
    const { settings: before, digest } = await routing.environments.draft('demo', 'live')
    assert.deepEqual(before, settings('one'))
    await routing.environments.putDraft('demo', 'live', settings('two'), ann, digest)
    await assert.rejects(
      routing.environments.putDraft('demo', 'live', settings('three'), ann, digest),
      failsWith('draft_changed', 412),
    )
    await assert.rejects(
      routing.environments.putDraft('demo', 'live', { numbers: ['4155'], agent_down: 'nowhere' }, ann),
      (error: RoutesError) => {
        assert.deepEqual(
          error.errors?.map(({ pointer }) => pointer),
          ['/agent_down', '/numbers/0'],
        )

        return failsWith('invalid_settings', 422)(error)
      },
    )
    assert.deepEqual((await routing.environments.draft('demo', 'live')).settings, settings('two'))
    await assert.rejects(routing.environments.draft('demo', 'moon'), failsWith('unknown_environment', 404))
  })

  it('can name a handoff of its own for callers that no agent answers', async () => {
    await put('one', {
      agent_down: 'duty-manager',
      environments: { live: settings('one'), sandbox: { agent_down: 'front-desk' } },
    })
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    await routing.promote('demo', 'sandbox', { version: 1 }, ann)
    const sandbox = routing.current('demo', 'sandbox')
    assert.ok(typeof sandbox === 'object')
    assert.deepEqual([live().settings.agentDown, sandbox.settings.agentDown], ['duty-manager', 'front-desk'])
  })

  it('is not overwritten by a file that was made from an older state', async () => {
    const { digest } = await put('one')
    await routing.environments.putDraft('demo', 'live', settings('two'), ann)
    const file = source(projectFile())
    await assert.rejects(routing.putProject('demo', file, ann, digest), failsWith('draft_changed', 412))
    await routing.putProject('demo', file, ann, await routing.projectDigest('demo'))
  })
})

describe('promote_after', () => {
  it('makes the order of environments binding, and publish names the first', async () => {
    const environments = { live: settings('one'), sandbox: settings('one', '+14155550199') }
    await put('one', { environments, promote_after: { live: ['sandbox'] } })
    assert.equal((await routing.publish('demo', ann)).next, 'sandbox')
    await assert.rejects(routing.promote('demo', 'live', { version: 1 }, ann), failsWith('out_of_order', 409))
    await routing.promote('demo', 'sandbox', { version: 1 }, ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    await routing.publish('demo', ann)
    await assert.rejects(
      routing.promote('demo', 'live', { version: 2, canary: { percent: 5 } }, ann),
      failsWith('out_of_order', 409),
    )
    // The settings alone are no other version.
    assert.equal((await routing.promote('demo', 'live', {}, ann)).release, 2)
  })
})

describe('a project that an earlier Baton stored', () => {
  it('is served although a route of it would be refused today', async () => {
    await put('one')
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    await routing.close()
    const path = join(dir.path, 'demo', 'version-1.json')
    const version = JSON.parse(await readFile(path, 'utf8')) as Version
    version.table.handoffs[0]!.route = 'sip:front-desk@127.0.0.1:5092?X-Old=1'
    await writeFile(path, JSON.stringify({ ...version, digest: digestOf(version.table) }))

    routing = await open()
    assert.match(live().handoff('front-desk')?.route ?? '', /\?X-Old=1$/)
  })

  describe('with URIs that would be refused today', () => {
    const old = 'sip:front-desk@127.0.0.1:5092?X-Old=1'
    const oldAgent = 'sip:one@127.0.0.1?X-Old=1'

    beforeEach(async () => {
      await put('one')
      await routing.close()
      const project = join(dir.path, 'demo')
      for (const file of (await readdir(project)).filter((name) => name.startsWith('record-'))) {
        const record = JSON.parse(await readFile(join(project, file), 'utf8')) as {
          draft: { table: Table; digest: string }
          environments: { live: { agents: string[] } }
        }
        record.draft.table.handoffs[0]!.route = old
        record.draft.digest = digestOf(record.draft.table)
        record.environments.live.agents = [oldAgent]
        await writeFile(join(project, file), JSON.stringify(record))
      }
      routing = await open()
    })

    const pointers = async (change: Promise<unknown>): Promise<string[]> => {
      try {
        await change
      } catch (error) {
        return ((error as RoutesError).errors ?? []).map(({ pointer }) => pointer)
      }

      return []
    }

    it('takes new settings, which are judged by themselves', async () => {
      assert.deepEqual(await pointers(routing.environments.putDraft('demo', 'live', settings('two'), ann)), [])
      const sandbox = { agents: ['sip:s@127.0.0.1'] }
      assert.deepEqual(await pointers(routing.environments.putDraft('demo', 'sandbox', sandbox, ann)), [])

      assert.deepEqual(
        await pointers(routing.environments.putDraft('demo', 'live', { agents: [oldAgent, 'x'] }, ann)),
        ['/agents/0', '/agents/1'],
      )
    })

    it('takes changes of other handoffs, and none that makes such a mistake', async () => {
      const edit = (command: HandoffCommand) => pointers(routing.editDraft('demo', command, ann))
      const duty = { do: 'update', name: 'duty-manager' } as const

      assert.deepEqual(await edit({ ...duty, changes: { description: 'on duty' } }), [])
      assert.deepEqual(await edit({ do: 'create', handoff: { name: 'a', route: 'sip:a@127.0.0.1' } }), [])
      assert.deepEqual(await edit({ ...duty, changes: { route: old } }), ['/handoffs/1/route'])
      assert.equal((await edit({ do: 'duplicate', name: 'front-desk', as: 'b' })).length, 1)
      assert.deepEqual(await pointers(routing.putDraft('demo', (await routing.getDraft('demo')).table, ann)), [
        '/handoffs/0/route',
      ])
      assert.deepEqual(await edit({ do: 'update', name: 'front-desk', changes: { route: '+14155550111' } }), [])
    })

    it('publishes its table once that has no mistake, whatever the settings have', async () => {
      assert.deepEqual(await pointers(routing.publish('demo', ann)), ['/table/handoffs/0/route'])
      const changes = { route: '+14155550111' }
      await routing.editDraft('demo', { do: 'update', name: 'front-desk', changes }, ann)

      assert.equal((await routing.publish('demo', ann)).version, 1)
    })
  })

  it('runs on as release 1, with a canary as release 2', async () => {
    await put('one', { adhoc: true })
    for (let i = 0; i < 2; i++) await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    await routing.promote('demo', 'live', { version: 2, canary: { percent: 100 - 1e-9 } }, ann)
    await routing.close()
    const project = join(dir.path, 'demo')
    for (const file of (await readdir(project)).filter((name) => name.startsWith('record-'))) {
      const record = JSON.parse(await readFile(join(project, file), 'utf8')) as Record<string, unknown>
      const { promoted } = record as { promoted: { live?: { canary?: object } } }
      if (promoted.live) Object.assign(promoted.live, { release: undefined, earlier: [] })
      if (promoted.live?.canary) Object.assign(promoted.live.canary, { release: undefined })
      await writeFile(join(project, file), JSON.stringify({ ...record, schema: 1, releases: undefined }))
    }

    routing = await open()
    assert.deepEqual([live().release, live().version, live().settings.adhoc], [2, 2, true])
    const releases = await routing.environments.releases('demo', 'live')
    assert.deepEqual(
      releases.map(({ release, version, settings: { agents } }) => [release, version, agents]),
      [2, 1].map((release) => [release, release, ['sip:one@127.0.0.1']]),
    )
    assert.equal((await routing.rollback('demo', 'live', ann)).release, 1)
    assert.deepEqual(routing.findNumber('+14155550100'), { project: 'demo', environment: 'live' })
    assert.equal((await routing.promote('demo', 'live', {}, ann)).release, 3)
  })
})
