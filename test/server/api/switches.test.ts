import assert from 'node:assert/strict'
import { demo, promoteDemo, startApi, yaml, type TestApi } from './baton.ts'

const table = `${demo}  schedules:
    - { name: office, time_zone: Europe/London, weekly: { mon: ["09:00-17:00"] } }
`.replace('      default: true\n', '      default: true\n      schedule: office\n      when_closed: [duty-manager]\n')
const live = '/v1/projects/demo/environments/live'
const monday = '2026-03-02T10:00:00Z'

interface Problem {
  errors: { pointer: string; problem: string }[]
}

describe('the API for switches and schedules', () => {
  let baton: TestApi
  beforeEach(async () => {
    baton = await startApi()
    await promoteDemo(baton)
    await send('PUT', '/v1/projects/demo', table, yaml)
    await send('POST', '/v1/projects/demo/versions', { message: 'hours' })
    await send('POST', `${live}/promote`, { version: 2, message: 'hours' })
  })
  afterEach(() => baton.close())

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what the answer's body is read as
  const send = async <T = unknown>(
    method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object | string,
    headers = {},
  ) => {
    const answer = await baton.api.inject({ method, url, headers, ...(payload !== undefined && { payload }) })

    return { status: answer.statusCode, body: answer.json<T>() }
  }
  interface Explained {
    attempts: { handoff: string; passedOver?: { reason: string }; messages: object[] }[]
    warnings: { code: string; detail: string }[]
  }
  const explained = async (at = monday) =>
    (await send<Explained>('POST', '/v1/projects/demo/explain', { environment: 'live', handoff: 'front-desk', at }))
      .body

  it('sets one, shows it with its environment and in explain, and removes it', async () => {
    const set = await send<{ id: string }>('POST', `${live}/switches`, {
      ...{ handoff: 'front-desk', action: 'close', reason: 'fire drill' },
    })
    assert.equal(set.status, 201)
    const { id } = set.body
    const expected = { id, handoff: 'front-desk', action: 'close', reason: 'fire drill', by: 'anonymous' }
    const all = await send<{ switches: Record<string, unknown>[] }>('GET', '/v1/projects/demo/switches')
    assert.deepEqual({ ...all.body.switches[0], ...expected, environment: 'live' }, all.body.switches[0])
    const { body: view } = await send<{ switches: { id: string }[] }>('GET', live)
    assert.deepEqual(
      view.switches.map((one) => one.id),
      [id],
    )

    const { attempts, warnings } = await explained()
    assert.deepEqual(
      attempts.map(({ handoff, passedOver, messages }) => [handoff, passedOver?.reason, messages.length]),
      [
        ['front-desk', 'closed_by_switch', 0],
        ['duty-manager', undefined, 1],
      ],
    )
    assert.match(warnings[0]?.detail ?? '', /^front-desk is closed by \w+ until the switch is removed \(fire drill\)/)
    assert.equal((await send('DELETE', `${live}/switches/${id}`)).status, 200)
    assert.equal((await send('DELETE', `${live}/switches/${id}`)).status, 404)
    assert.equal((await explained()).attempts[0]?.passedOver, undefined)
    const { body: left } = await send<{ switches: unknown[] }>('GET', `${live}/switches`)
    assert.deepEqual(left, { switches: [] })
  })

  it('refuses one with every mistake at its field', async () => {
    const { status, body } = await send<Problem>('POST', `${live}/switches`, {
      ...{ handoff: 'reception', action: 'divert', to: 'no-one', until: '2020-01-01T00:00:00Z', reason: '' },
    })
    assert.equal(status, 422)
    assert.deepEqual(
      body.errors.map(({ pointer }) => pointer),
      ['/handoff', '/to', '/until'],
    )
    const sandbox = await send('POST', '/v1/projects/demo/environments/pre-release/switches', {
      ...{ handoff: 'front-desk', action: 'close', reason: '' },
    })
    assert.equal(sandbox.status, 404)
  })

  it('says what is open at a moment, until when, and where callers go', async () => {
    interface Openings {
      schedules: { name: string; open: boolean; until?: string; handoffs: string[]; week: { hours: string[] }[] }[]
      handoffs: { name: string; open: boolean; until?: string; switch?: string; goesTo: string[] }[]
    }
    const at = async (moment: string, more = '') =>
      (await send<Openings>('GET', `${live}/openings?at=${encodeURIComponent(moment)}${more}`)).body
    const { schedules, handoffs } = await at(monday)
    const [office] = schedules
    assert.deepEqual(
      [office?.open, office?.until, office?.handoffs],
      [true, '2026-03-02T17:00:00.000Z', ['front-desk']],
    )
    assert.deepEqual(office?.week[0]?.hours, ['09:00-17:00'])
    assert.deepEqual(handoffs[0]?.goesTo, ['front-desk', 'duty-manager'])
    const evening = await at('2026-03-02T18:00:00Z', '&version=draft')
    assert.deepEqual(
      evening.handoffs.map(({ name, open, until, goesTo }) => [name, open, until, goesTo]),
      [
        ['front-desk', false, '2026-03-09T09:00:00.000Z', ['duty-manager']],
        ['duty-manager', true, undefined, ['duty-manager']],
      ],
    )
    const { body } = await send<{ id: string }>('POST', `${live}/switches`, {
      ...{ schedule: 'office', action: 'open', until: 'next_opening', reason: 'late evening' },
    })
    const opened = await at('2026-03-02T18:00:00Z')
    assert.deepEqual([opened.schedules[0]?.open, opened.handoffs[0]?.open], [true, true])
    assert.equal(opened.handoffs[0]?.switch, body.id)
  })

  it('adds, changes, renames and deletes schedules of the draft, but for one that is named', async () => {
    const draft = '/v1/projects/demo/draft'
    const added = await send('POST', `${draft}/schedules`, { name: 'nights', time_zone: 'UTC' })
    assert.equal(added.status, 201)
    const mistake = await send<Problem>('PATCH', `${draft}/schedules/nights`, { weekly: { tue: ['9-5'] } })
    assert.deepEqual([mistake.status, mistake.body.errors[0]?.pointer], [422, '/schedules/1/weekly/tue/0'])
    assert.equal((await send('DELETE', `${draft}/schedules/nights`)).status, 200)
    assert.equal((await send('DELETE', `${draft}/schedules/nights`)).status, 404)
    assert.equal((await send('PATCH', `${draft}/schedules/office`, { name: 'day' })).status, 200)
    const named = await send<Problem>('DELETE', `${draft}/schedules/day`)
    assert.deepEqual([named.status, named.body.errors.map(({ problem }) => problem)], [422, ['front-desk names it']])
  })
})
