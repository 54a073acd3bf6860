import assert from 'node:assert/strict'
import { checkProject, plan, type Table } from '../../routes/index.ts'
import { isOpen } from '../../routes/table/schedule.ts'
import type { ScheduleRecord } from '../../routes/schema/schedule-schema.ts'
import { pinned, projectFile } from './fixtures.ts'

const office: ScheduleRecord = {
  name: 'office',
  time_zone: 'Europe/London',
  weekly: { mon: ['09:00-12:00', '13:00-17:30'], fri: ['22:00-06:00'], sun: ['00:00-24:00'] },
  holidays: [
    { date: '*-12-25', name: 'Christmas' },
    { date: '2026-03-30', hours: ['09:00-10:00'] },
  ],
  overrides: [
    { open: false, from: '2026-03-16T10:00', until: '2026-03-16T11:00', reason: 'fire drill' },
    { open: true, until: '2026-01-02T00:00Z' },
  ],
}

const open = (iso: string, schedule = office): boolean => isOpen(schedule, Date.parse(iso))

describe('a schedule', () => {
  const cases: [when: string, open: boolean, why: string][] = [
    ['2026-03-02T08:59:59Z', false, 'Monday before nine'],
    ['2026-03-02T09:00:00Z', true, 'Monday at nine'],
    ['2026-03-02T12:00:00Z', false, 'lunch'],
    ['2026-03-02T17:29:59Z', true, 'the last second'],
    ['2026-03-02T17:30:00Z', false, 'closing time'],
    ['2026-03-03T10:00:00Z', false, 'Tuesday'],
    ['2026-03-06T22:00:00Z', true, 'Friday night'],
    ['2026-03-07T05:59:00Z', true, 'past midnight'],
    ['2026-03-07T06:00:00Z', false, 'Saturday morning'],
    ['2026-03-08T23:59:59Z', true, 'all of Sunday'],
    ['2026-03-30T08:30:00Z', true, 'a half day, in summer time'],
    ['2026-03-30T09:30:00Z', false, 'after the half day'],
    ['2026-12-25T10:00:00Z', false, 'Christmas'],
    ['2026-03-16T10:30:00Z', false, 'an override'],
    ['2026-03-16T11:00:00Z', true, 'the override has expired'],
    ['2026-01-01T03:00:00Z', true, 'an override without beginning'],
    ['2026-01-02T00:00:00Z', false, 'it has expired too'],
  ]
  for (const [when, expected, why] of cases) {
    it(`is ${expected ? 'open' : 'closed'} at ${when}: ${why}`, () => {
      assert.equal(open(when), expected)
    })
  }

  it('follows the clocks of its time zone when they change', () => {
    // New York: 2026-03-08 02:00 → 03:00, 2026-11-01 02:00 → 01:00.
    const york: ScheduleRecord = {
      name: 'y',
      time_zone: 'America/New_York',
      weekly: { sat: ['09:00-17:00'], sun: ['09:00-17:00', '01:30-01:45'], mon: ['09:00-17:00'] },
    }
    assert.equal(open('2026-03-07T14:00:00Z', york), true) // Saturday 09:00 EST
    assert.equal(open('2026-03-07T13:59:00Z', york), false)
    assert.equal(open('2026-03-08T13:00:00Z', york), true) // Sunday 09:00 EDT
    assert.equal(open('2026-03-08T12:59:00Z', york), false)
    assert.equal(open('2026-11-01T14:00:00Z', york), true) // Sunday 09:00 EST again
    assert.equal(open('2026-11-01T13:59:00Z', york), false)
    assert.equal(open('2026-11-01T05:30:00Z', york), true) // 01:30 EDT, the first of two
  })

  it('without weekly hours is open but for its holidays', () => {
    const always: ScheduleRecord = { name: 'a', time_zone: 'UTC', holidays: [{ date: '2026-05-01' }] }
    assert.equal(open('2026-04-30T03:00:00Z', always), true)
    assert.equal(open('2026-05-01T03:00:00Z', always), false)
  })
})

describe('a handoff with a schedule', () => {
  const table: Table = {
    schedules: [office],
    handoffs: [
      {
        name: 'desk',
        default: true,
        route: 'sip:desk@h',
        schedule: 'office',
        when_closed: ['night', 'voicemail'],
        on_failure: ['backup'],
      },
      { name: 'backup', route: 'sip:backup@h' },
      { name: 'night', route: 'sip:night@h', active: false },
      { name: 'voicemail', route: 'sip:vm@h' },
      { name: 'alone', route: 'sip:alone@h', schedule: 'office' },
    ],
  }
  const at = (iso: string, handoff = 'desk') =>
    plan(pinned(table), { handoff }, { callId: 'c' }, { now: Date.parse(iso) })

  it('is tried while it is open', () => {
    const { steps, warnings } = at('2026-03-02T10:00:00Z')
    assert.deepEqual(
      steps.map((step) => step.handoff),
      ['desk', 'backup'],
    )
    assert.deepEqual(warnings, [])
  })

  it('gives way to where callers go when it is closed', () => {
    const { handoff, matched, steps, warnings } = at('2026-03-03T10:00:00Z')
    assert.deepEqual([handoff, matched], ['desk', 'hit'])
    assert.deepEqual(
      steps.map((step) => step.handoff),
      ['voicemail'],
    )
    assert.deepEqual(warnings, [{ code: 'closed', detail: 'desk is closed: schedule office', handoff: 'desk' }])
  })

  it('that is closed with nowhere to go gives way to the default', () => {
    const { matched, handoff } = at('2026-03-03T10:00:00Z', 'alone')
    assert.deepEqual([matched, handoff], ['default', 'desk'])
  })

  it('leaves no caller without a destination, even when the default is closed and alone', () => {
    const alone: Table = {
      schedules: [office],
      handoffs: [{ name: 'desk', default: true, route: 'sip:d@h', schedule: 'office' }],
    }
    const planned = plan(
      pinned(alone),
      { handoff: 'desk' },
      { callId: 'c' },
      { now: Date.parse('2026-03-03T10:00:00Z') },
    )
    assert.deepEqual(
      planned.steps.map((step) => step.handoff),
      ['desk'],
    )
  })
})

describe('a schedule with a mistake', () => {
  const cases: [title: string, schedule: object, pointer: string, says: RegExp][] = [
    ['an unknown time zone', { time_zone: 'Mars/Base' }, '/table/schedules/0/time_zone', /no time zone/],
    ['hours that are none', { weekly: { mon: ['9-17'] } }, '/table/schedules/0/weekly/mon/0', /not of the form/],
    ['hours without length', { weekly: { mon: ['09:00-09:00'] } }, '/table/schedules/0/weekly/mon/0', /no time at all/],
    ['an unknown day', { weekly: { monday: [] } }, '/table/schedules/0/weekly/monday', /did you mean|mon, tue/],
    [
      'a day that is not in the calendar',
      { holidays: [{ date: '2026-02-30' }] },
      '/table/schedules/0/holidays/0/date',
      /no day/,
    ],
    ['an override without end', { overrides: [{ open: true }] }, '/table/schedules/0/overrides/0/until', /is missing/],
    [
      'an override that ends before it begins',
      { overrides: [{ open: true, from: '2026-01-02', until: '2026-01-01' }] },
      '/table/schedules/0/overrides/0/until',
      /not after/,
    ],
    [
      'a time that is none',
      { overrides: [{ open: true, until: 'noon' }] },
      '/table/schedules/0/overrides/0/until',
      /is no time/,
    ],
  ]
  for (const [title, over, pointer, says] of cases) {
    it(`names ${title}`, () => {
      const file = projectFile()
      Object.assign(file.table, { schedules: [{ name: 'office', time_zone: 'UTC', ...over }] })
      const found = checkProject(file).find((problem) => problem.pointer === pointer)
      assert.match(`${found?.problem ?? ''}; ${found?.hint ?? ''}`, says)
    })
  }

  it('allows 29 February of every year', () => {
    const file = projectFile()
    file.table.schedules = [{ name: 'leap', time_zone: 'UTC', holidays: [{ date: '*-02-29' }] }]
    assert.deepEqual(checkProject(file), [])
  })
})
