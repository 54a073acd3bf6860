import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  FileStore,
  plan,
  Routing,
  type RoutesError,
  type SwitchEvent,
  type SwitchRecord,
  type Table,
} from '../../routes/index.ts'
import { isOpen, nextOpening, nextTransition, weekOf } from '../../routes/table/schedule.ts'
import { divertCircle, isInForce } from '../../routes/table/switch-in-force.ts'
import type { SwitchRequest } from '../../routes/versions/switch-changes.ts'
import { until } from '../harness/until.ts'
import { ann, folder, pinned, projectFile, source } from './fixtures.ts'

const office = {
  name: 'office',
  time_zone: 'Europe/London',
  weekly: { mon: ['09:00-12:00', '13:00-17:30'], tue: ['09:00-17:30'] },
}
const table: Table = {
  schedules: [office],
  handoffs: [
    { name: 'desk', default: true, route: 'sip:desk@h', on_failure: ['backup'] },
    { name: 'backup', route: 'sip:backup@h' },
    { name: 'sales', route: 'sip:sales@h', schedule: 'office', when_closed: ['voicemail'], on_failure: ['backup'] },
    { name: 'claims', route: 'sip:claims@h', schedule: 'office' },
    { name: 'voicemail', route: 'sip:vm@h' },
  ],
  rules: [{ name: 'by-day', handoff: 'sales', when: { schedule: 'office' } }],
}
const monday = Date.parse('2026-03-02T10:00:00Z')
const night = Date.parse('2026-03-02T22:00:00Z')
let nextId = 0
const made = (over: Partial<SwitchRecord>): SwitchRecord => ({
  ...{ id: `s${++nextId}`, action: 'close', reason: 'fire drill', by: 'ann', from: 'test', at: '2026-03-02T09:30:00Z' },
  ...over,
})
const planned = (handoff: string | undefined, switches: SwitchRecord[], now = monday) =>
  plan(pinned(table), { handoff }, { callId: 'c' }, { now, switches })
/** The steps of a plan; those that are passed over in brackets. */
const stepsOf = (...given: Parameters<typeof planned>) =>
  planned(...given).steps.map(({ handoff, passedOver }) => (passedOver ? `(${handoff})` : handoff))

describe('a switch', () => {
  it('that closes a handoff sends its callers where a closed one does, or to its on_failure without that', () => {
    assert.deepEqual(stepsOf('sales', [made({ handoff: 'sales' })]), ['(sales)', 'voicemail'])
    assert.deepEqual(stepsOf('desk', [made({ handoff: 'desk' })]), ['(desk)', 'backup'])
    assert.deepEqual(stepsOf('claims', [made({ handoff: 'claims' })]), ['(claims)', 'desk', 'backup'])
    assert.deepEqual(stepsOf('desk', [made({ handoff: 'backup' })]), ['desk', '(backup)'])
  })

  it('names itself, who set it and until when, in the plan and its warnings', () => {
    const close = made({ handoff: 'desk', until: '2026-03-02T11:00:00.000Z' })
    const { steps, warnings, matched, handoff } = planned('desk', [close])
    const detail = `desk is closed by ann until 2026-03-02T11:00:00.000Z (fire drill), switch ${close.id}`
    assert.deepEqual(steps[0]?.passedOver, { reason: 'closed_by_switch', detail })
    assert.deepEqual(warnings, [{ code: 'closed_by_switch', detail, handoff: 'desk' }])
    assert.deepEqual([matched, handoff], ['hit', 'desk'])
  })

  it('leaves no destination where every handoff is closed by one', () => {
    const switches = ['desk', 'backup'].map((handoff) => made({ handoff }))
    assert.deepEqual(stepsOf('desk', switches), ['(desk)', '(backup)'])
  })

  it('diverts callers, and opens a handoff outside its hours', () => {
    assert.deepEqual(stepsOf('desk', [made({ handoff: 'desk', action: 'divert', to: 'voicemail' })]), [
      '(desk)',
      'voicemail',
    ])
    const open = made({ handoff: 'sales', action: 'open' })
    assert.deepEqual(stepsOf('sales', [], night), ['voicemail'])
    assert.deepEqual(stepsOf('sales', [open], night), ['sales', 'backup'])
    assert.equal(planned('sales', [open], night).warnings[0]?.code, 'opened_by_switch')
  })

  it('for a schedule decides about its handoffs and its rules, but for a handoff with a switch of its own', () => {
    const close = made({ schedule: 'office' })
    assert.deepEqual(stepsOf('sales', [close]), ['(sales)', 'voicemail'])
    assert.deepEqual(stepsOf('sales', [made({ handoff: 'sales', action: 'open' }), close]), ['sales', 'backup'])
    assert.equal(planned(undefined, []).rule, 'by-day')
    assert.equal(planned(undefined, [close]).rule, undefined)
    assert.equal(planned(undefined, [made({ schedule: 'office', action: 'open' })], night).rule, 'by-day')
    const divert = made({ schedule: 'office', action: 'divert', to: 'claims' })
    assert.deepEqual(stepsOf('sales', [divert]), ['(sales)', 'claims'])
    assert.deepEqual(stepsOf('claims', [divert]), ['claims'])
  })

  it('gives way to a newer one for the same, which says so, and decides again when that has expired', () => {
    const close = made({ handoff: 'desk' })
    const open = made({ handoff: 'desk', action: 'divert', to: 'voicemail', until: '2026-03-02T10:30:00Z' })
    const { steps } = planned('desk', [close, open])
    assert.deepEqual(stepsOf('desk', [close, open]), ['(desk)', 'voicemail'])
    assert.match(steps[0]?.passedOver?.detail ?? '', /; newer than "close" of ann$/)
    assert.deepEqual(stepsOf('desk', [close, open], Date.parse('2026-03-02T10:30:00Z')), ['(desk)', 'backup'])
  })

  it('of any kind leaves a plan that ends, tries no handoff twice, and passes over all that the newest closes', () => {
    const names = table.handoffs.map(({ name }) => name)
    const hours = fc.integer({ min: -2, max: 48 }).map((hour) => new Date(monday + hour * 3_600_000).toISOString())
    const anySwitch = fc
      .record({
        subject: fc.constantFrom(...names.map((handoff) => ({ handoff })), { schedule: 'office' }),
        action: fc.constantFrom('close', 'open', 'divert'),
        to: fc.constantFrom(...names),
        until: fc.option(hours, { nil: undefined }),
      })
      .map(({ subject, action, to, until: end }) =>
        made({ ...subject, action, ...(action === 'divert' && { to }), ...(end !== undefined && { until: end }) }),
      )
    fc.assert(
      fc.property(fc.array(anySwitch, { maxLength: 6 }), fc.constantFrom(...names), fc.nat(48), (all, name, hour) => {
        const at = monday + hour * 3_600_000
        const { steps } = planned(name, all, at)
        assert.equal(new Set(steps.map(({ handoff }) => handoff)).size, steps.length)
        assert.ok(steps.length > 0)
        for (const { handoff, passedOver } of steps) {
          const newest = all.findLast((one) => one.handoff === handoff && isInForce(one, at))
          if (newest?.action === 'close') assert.ok(passedOver)
          if (newest?.action === 'open') assert.equal(passedOver, undefined)
        }
        const inForce = all.filter((one) => isInForce(one, at))
        assert.deepEqual(planned(name, inForce, at).steps, steps)
        const circle = divertCircle(pinned(table).handoffs, all, at)
        if (circle) assert.equal(circle[0], circle.at(-1))
      }),
    )
  })
})

describe('the openings of a schedule', () => {
  it('are when it opens next, from closed or open, and the hours of a week', () => {
    const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString())
    assert.equal(iso(nextOpening(office, monday)), '2026-03-02T13:00:00.000Z')
    assert.equal(iso(nextOpening(office, night)), '2026-03-03T09:00:00.000Z')
    assert.equal(iso(nextTransition(office, monday)), '2026-03-02T12:00:00.000Z')
    assert.equal(nextOpening({ name: 'never', time_zone: 'UTC', weekly: {} }, monday), undefined)
    assert.equal(nextTransition({ name: 'always', time_zone: 'UTC' }, monday), undefined)
    const week = weekOf({ ...office, holidays: [{ date: '*-03-03', name: 'Fair' }] }, night)
    assert.deepEqual(week.slice(0, 2), [
      { date: '2026-03-02', hours: ['09:00-12:00', '13:00-17:30'] },
      { date: '2026-03-03', hours: [], holiday: 'Fair' },
    ])
  })

  it('agree with the hours at every moment between', () => {
    const ranges = fc.subarray(['00:00-24:00', '06:00-09:00', '09:00-17:00', '16:00-18:30', '22:00-03:00'])
    const weekly = fc.record({ mon: ranges, tue: ranges, sat: ranges, sun: ranges })
    const zone = fc.constantFrom('UTC', 'Europe/London', 'America/New_York')
    // The clocks of London change on 29 March, those of New York on 8 March.
    const moment = fc.integer({ min: Date.parse('2026-03-05T00:00Z'), max: Date.parse('2026-03-31T00:00Z') })
    fc.assert(
      fc.property(weekly, zone, moment, (hours, time_zone, at) => {
        const schedule = { name: 'any', time_zone, weekly: hours }
        const next = nextTransition(schedule, at)
        if (next === undefined) return
        assert.notEqual(isOpen(schedule, next), isOpen(schedule, at))
        for (const share of [0.1, 0.5, 0.9, 1]) {
          const between = Math.floor(at + (next - 1 - at) * share)
          assert.equal(isOpen(schedule, between), isOpen(schedule, at))
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('the switches of an environment', () => {
  let dir: Awaited<ReturnType<typeof folder>>
  let routing: Routing
  let now = monday
  const opened: Routing[] = []
  const open = async () => {
    const store = await FileStore.open({ dir: dir.path })
    const another = await Routing.open({ store, pollInterval: 20, now: () => now })
    opened.push(another)

    return another
  }
  beforeEach(async () => {
    now = monday
    dir = await folder()
    routing = await open()
    await routing.putProject('demo', source(projectFile({ table })), ann)
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
  })
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close()
    await dir.clean()
  })
  const set = (over: Partial<SwitchRequest>) =>
    routing.switches.set('demo', 'live', { action: 'close', reason: 'drill', ...over }, { ...ann, why: 'drill' })
  const refused = async (over: Partial<SwitchRequest>, ...pointers: string[]) => {
    await assert.rejects(set(over), (error: RoutesError) => {
      assert.equal(error.slug, 'invalid_switch')
      assert.deepEqual(
        error.errors?.map(({ pointer }) => pointer),
        pointers,
      )

      return true
    })
  }

  it('are told to every process, kept over a restart, in the history, and removed', async () => {
    const other = await open()
    const heard: SwitchEvent[] = []
    other.on('switched', (event) => heard.push(event))
    const { id, handoffs } = await set({ handoff: 'DESK', until: '2026-03-02T12:00:00Z' })
    assert.deepEqual(handoffs, ['desk'])
    await until('the other process has it', () => other.switches.of('demo', 'live').length === 1)
    const again = await open()
    assert.equal(again.switches.list('demo', 'live')[0]?.id, id)
    await routing.switches.remove('demo', 'live', id, ann)
    await until('the other process has heard of both', () => heard.length === 2)
    assert.deepEqual(
      heard.map(({ type, switch: one }) => [type, one.id]),
      [
        ['set', id],
        ['removed', id],
      ],
    )
    const [removed, added] = await routing.history('demo')
    assert.deepEqual([removed?.action, added?.action, added?.environment], ['switch_removed', 'switch_set', 'live'])
    assert.equal(added?.after, 'desk is closed by ann until 2026-03-02T12:00:00.000Z (drill)')
    await assert.rejects(routing.switches.remove('demo', 'live', id, ann), { slug: 'unknown_switch' })
  })

  it('expire by themselves, once, with a history entry, while two processes look', async () => {
    const other = await open()
    const heard: string[] = []
    other.on('switched', ({ type }) => heard.push(type))
    await set({ handoff: 'desk', until: new Date(now + 50).toISOString() })
    await set({ handoff: 'sales' })
    await until('the other process has both', () => other.switches.list('demo', 'live').length === 2)
    now += 50
    assert.deepEqual(
      routing.switches.list('demo', 'live').map(({ handoff }) => handoff),
      ['sales'],
    )
    await until('the other process has heard', () => heard.includes('expired'))
    const entries = (await routing.history('demo')).filter(({ action }) => action === 'switch_expired')
    assert.deepEqual(
      entries.map(({ who, from }) => [who, from]),
      [['baton', 'switch']],
    )
    assert.deepEqual(
      routing.switches.active().map(({ until: end }) => end),
      [Infinity],
    )
  })

  it('last until the next opening of the schedule, where that is asked for', async () => {
    const { until: end, nextOpening: isNext } = await set({ schedule: 'office', until: 'next_opening' })
    assert.deepEqual([end, isNext], ['2026-03-02T13:00:00.000Z', true])
    await refused({ handoff: 'desk', until: 'next_opening' }, '/until')
  })

  it('say which older ones they replace, and where callers have nowhere to go', async () => {
    const first = await set({ handoff: 'desk' })
    const second = await set({ handoff: 'desk', action: 'open' })
    assert.deepEqual(second.overrides, [first.id])
    assert.match(second.notes[0] ?? '', /^it is newer than the close of ann without an end/)
    assert.equal(routing.switches.list('demo', 'live')[1]?.overriddenBy, second.id)
    const { notes } = await set({ handoff: 'claims' })
    assert.deepEqual(notes, ['claims names no other handoff: its callers get the default, desk'])
  })

  it('are refused for what the environment does not run, for the past, and in a circle', async () => {
    await refused({ handoff: 'reception' }, '/handoff')
    await refused({ schedule: 'nights' }, '/schedule')
    await refused({}, '')
    await refused({ handoff: 'desk', schedule: 'office' }, '')
    await refused({ handoff: 'desk', to: 'backup' }, '/to')
    await refused({ handoff: 'desk', action: 'divert' }, '/to')
    await refused(
      { handoff: 'desk', action: 'divert', to: 'reception', until: '2020-01-01T00:00:00Z' },
      '/to',
      '/until',
    )
    await refused({ handoff: 'desk', action: 'divert', to: 'desk' }, '/to')
    await set({ handoff: 'desk', action: 'divert', to: 'backup' })
    await set({ handoff: 'backup', action: 'divert', to: 'voicemail' })
    await refused({ handoff: 'voicemail', action: 'divert', to: 'desk' }, '/to')
    // It would be a circle as soon as the newer one expires.
    await set({ handoff: 'desk', action: 'open', until: '2026-03-02T12:00:00Z' })
    await refused({ handoff: 'voicemail', action: 'divert', to: 'desk' }, '/to')
    await assert.rejects(
      routing.switches.set('demo', 'sandbox', { handoff: 'desk', action: 'close', reason: '' }, ann),
      { slug: 'unknown_environment' },
    )
  })
})
