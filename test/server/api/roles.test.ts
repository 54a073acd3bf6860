import assert from 'node:assert/strict'
import type { ApiParts } from '../../../server/api/index.ts'
import type { RequestIdentity } from '../../../server/access/index.ts'
import { permits, roles, tokenRoles } from '../../../server/access/roles.ts'
import type { WatchedTarget } from '../../../server/targets/index.ts'
import { callView, demo, FakeCall, promoteDemo, startApi, yaml, type TestApi } from './baton.ts'

/** An API whose tokens are the names of these identities. */
const startGuarded = (
  identities: Record<string, Omit<RequestIdentity, 'name' | 'kind'>>,
  parts: Partial<ApiParts> = {},
): Promise<TestApi> =>
  startApi({
    ...parts,
    access: {
      isGuarded: true,
      bySession: () => undefined,
      onChange: () => undefined,
      byToken: (name) => {
        const found = identities[name]

        return found && { kind: 'token', name, ...found }
      },
    },
  })
const as = (name: string) => ({ authorization: `Bearer ${name}` })
const people = {
  agent: { role: 'agent' },
  viewer: { role: 'viewer' },
  operator: { role: 'operator' },
  publisher: { role: 'publisher' },
  admin: { role: 'admin' },
} as const

describe('what a role may do', () => {
  it('is what the roles before it may do; an agent may transfer alone, and a desktop read contexts alone', () => {
    for (const role of tokenRoles) {
      const rank = (roles as readonly string[]).indexOf(role)
      for (const access of roles) assert.equal(permits(role, access), rank >= roles.indexOf(access))
      assert.equal(permits(role, 'transfer'), role !== 'viewer' && role !== 'context')
      assert.equal(permits(role, 'context'), role !== 'viewer' && role !== 'agent')
      assert.equal(permits(role, 'open'), true)
    }
  })

  it('decides each request: 401 without a known token, 403 with one of a lesser role, which says what is needed', async () => {
    const baton = await startGuarded(people)
    baton.calls.set('call-1', new FakeCall(callView()))
    const ask = async (name: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: string) =>
      baton.api.inject({ method, url, headers: { ...yaml, ...(name && as(name)) }, ...(payload && { payload }) })
    const transfer = (name: string) =>
      baton.api.inject({
        ...{ method: 'POST', url: '/v1/calls/call-1/transfer', payload: { handoff: 'front-desk' } },
        headers: as(name),
      })

    assert.equal((await ask('', 'GET', '/v1/calls')).statusCode, 401)
    assert.equal((await ask('stranger', 'GET', '/v1/calls')).statusCode, 401)
    const refused = await ask('viewer', 'PUT', '/v1/projects/demo', demo)
    assert.deepEqual(refused.json(), {
      type: 'urn:baton:problem:forbidden',
      title: 'Not permitted',
      status: 403,
      detail: 'This needs the role operator; viewer is viewer.',
      needs: 'operator',
    })
    assert.equal((await ask('operator', 'PUT', '/v1/projects/demo', demo)).statusCode, 201)
    const publish = (name: string) => ask(name, 'POST', '/v1/projects/demo/versions')
    const statuses = async (send: (name: string) => Promise<{ statusCode: number }>) => {
      const answers: number[] = []
      for (const name of ['agent', ...roles]) answers.push((await send(name)).statusCode)

      return answers
    }
    assert.deepEqual(await statuses(publish), [403, 403, 403, 415, 415])
    assert.deepEqual(await statuses((name) => ask(name, 'GET', '/v1/calls')), [403, 200, 200, 200, 200])
    assert.deepEqual(await statuses((name) => ask(name, 'GET', '/docs/json')), [403, 200, 200, 200, 200])
    assert.deepEqual(
      await statuses((name) => baton.api.inject({ method: 'POST', url: '/v1/calls/call-1/hangup', headers: as(name) })),
      [403, 403, 202, 202, 202],
    )
    assert.deepEqual(await statuses(transfer), [202, 403, 202, 202, 202])
    assert.deepEqual(
      await statuses((name) => baton.api.inject({ method: 'DELETE', url: '/v1/trunks/x/memory', headers: as(name) })),
      [403, 403, 403, 403, 404],
    )
    await baton.close()
  })

  it('holds for the projects that a principal has, and no other is shown', async () => {
    const baton = await startGuarded({ ...people, ann: { role: 'publisher', projects: ['demo'] } })
    baton.calls.set('call-1', new FakeCall(callView()))
    baton.calls.set('call-2', new FakeCall(callView({ id: 'call-2', project: 'hotel' })))
    const put = async (project: string, name: string) =>
      (
        await baton.api.inject({
          ...{
            method: 'PUT',
            url: `/v1/projects/${project}`,
            payload: demo
              .replace('project: demo', `project: ${project}`)
              .replaceAll('+1415555', `+1415${project.length}55`),
          },
          headers: { ...yaml, ...as(name) },
        })
      ).statusCode
    const get = (url: string) => baton.api.inject({ url, headers: as('ann') })

    assert.deepEqual(
      [await put('demo', 'ann'), await put('hotel', 'ann'), await put('hotel', 'admin')],
      [201, 403, 201],
    )
    const { projects } = (await get('/v1/projects')).json<{ projects: { project: string }[] }>()
    assert.deepEqual(
      projects.map(({ project }) => project),
      ['demo'],
    )
    const { calls } = (await get('/v1/calls')).json<{ calls: { id: string }[] }>()
    assert.deepEqual(
      calls.map(({ id }) => id),
      ['call-1'],
    )
    const other = await get('/v1/calls/call-2')
    assert.equal(other.statusCode, 403)
    assert.match(other.body, /ann has no access to the project hotel, only to demo/)
    assert.equal((await get('/v1/trunks')).statusCode, 200)
    const all = await baton.api.inject({
      ...{ method: 'POST', url: '/v1/webhooks/dead-letters/replay', headers: as('ann') },
    })
    assert.match(all.body, /This concerns all projects; ann has only demo/)
    await baton.close()
  })

  it('holds for targets and the check-up, which name no other project', async () => {
    const uses = (...usedBy: string[]) => {
      const [id = ''] = usedBy

      return {
        ...{ id, kind: 'agent' as const, uri: `sip:${id}@h`, usedBy, uses: [], state: 'up' as const, reason: '' },
        ...{ since: 0, rtt: undefined, calls: 0, results: [], clockAhead: undefined, addresses: [] },
      } as unknown as WatchedTarget
    }
    const asked: boolean[] = []
    const baton = await startGuarded(
      { ...people, ann: { role: 'operator', projects: ['demo'] } },
      {
        targets: {
          list: () => [uses('hotel live'), uses('hotel live', 'demo live desk'), uses('trunk carrier')],
          command: () => Promise.resolve(undefined),
          closedOf: () => [],
        },
        doctor: (_asksTargets, hasProject) => {
          asked.push(hasProject('demo'), hasProject('hotel'))

          return Promise.resolve([])
        },
      },
    )
    const usedBy = async (name: string) => {
      const { targets } = (await baton.api.inject({ url: '/v1/targets', headers: as(name) })).json<{
        targets: { usedBy: string[] }[]
      }>()

      return targets.map((target) => target.usedBy.join())
    }
    assert.deepEqual(await usedBy('viewer'), ['hotel live', 'hotel live,demo live desk', 'trunk carrier'])
    assert.deepEqual(await usedBy('ann'), ['demo live desk', 'trunk carrier'])
    for (const name of ['ann', 'viewer']) await baton.api.inject({ url: '/v1/doctor', headers: as(name) })
    assert.deepEqual(asked, [true, false, true, true])
    await baton.close()
  })

  it('shows a viewer masked numbers, in calls and ladders', async () => {
    const baton = await startGuarded(people)
    baton.calls.set('call-1', new FakeCall(callView()))
    for (const url of ['/v1/calls', '/v1/calls/call-1', '/v1/calls/call-1/ladder', '/v1/calls/call-1/pcap']) {
      assert.doesNotMatch((await baton.api.inject({ url, headers: as('viewer') })).body, /5550123/, url)
    }
    assert.match((await baton.api.inject({ url: '/v1/calls', headers: as('operator') })).body, /\+14155550123/)
    await baton.close()
  })

  it('lets no viewer guess a masked number by searching for parts of it', async () => {
    const baton = await startGuarded(people)
    baton.calls.set('call-1', new FakeCall(callView()))
    const found = async (name: string, number: string) => {
      const answers = ['/v1/calls', '/v1/calls.csv'].map((url) =>
        baton.api.inject({ url: `${url}?number=${encodeURIComponent(number)}`, headers: as(name) }),
      )

      return (await Promise.all(answers)).filter(({ body }) => body.includes('call-1')).length
    }
    for (const part of ['+14155550123', '5550123', '0123', '23', 'sip:+14155550123', '550 12']) {
      assert.deepEqual([part, await found('viewer', part), await found('operator', part)], [part, 0, 2])
    }
    assert.equal(await found('viewer', '5550100'), 2)
    await baton.close()
  })

  it('does not matter while nothing guards the API', async () => {
    const baton = await startApi()
    await promoteDemo(baton)
    const [entry] = await baton.routing.history('demo')
    await baton.close()

    assert.equal(entry?.who, 'anonymous')
  })
})
