import type { Schedule } from '../api/client'
import { rangesOf, weekdays, type Weekday } from './hours'

export interface HolidayRow {
  id: number
  date: string
  name: string
  hours: string
}

export interface ExceptionRow {
  id: number
  kind: 'open' | 'closed'
  from: string
  until: string
  reason: string
}

/** A schedule as it is typed. */
export interface ScheduleEdit {
  name: string
  description: string
  timeZone: string
  /** Whether the week has hours; open around the clock otherwise. */
  isWeekly: boolean
  hours: Readonly<Record<Weekday, string>>
  holidays: readonly HolidayRow[]
  exceptions: readonly ExceptionRow[]
  /** The schedule as it was when the edit began, and the draft's entity tag; no schedule for a new one. */
  base: Schedule | undefined
  etag: string
}

/** A new schedule has the hours of an office, in the reader's own time zone. */
export function editOf(schedule: Schedule | undefined, etag: string): ScheduleEdit {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const office = Object.fromEntries(weekdays.map((day) => [day, day === 'sat' || day === 'sun' ? [] : ['09:00-17:00']]))
  const {
    name,
    description = '',
    time_zone,
    weekly,
    holidays = [],
    overrides = [],
  } = schedule ?? {
    name: '',
    time_zone: timeZone,
    weekly: office,
  }
  const week: Partial<Record<Weekday, string[]>> = weekly ?? {}

  return {
    ...{ name, description, timeZone: time_zone, isWeekly: weekly !== undefined, base: schedule, etag },
    hours: Object.fromEntries(weekdays.map((day) => [day, (week[day] ?? []).join(', ')])) as Record<Weekday, string>,
    holidays: holidays.map(({ date, name: holiday = '', hours = [] }, id) => ({
      ...{ id, date, name: holiday, hours: hours.join(', ') },
    })),
    exceptions: overrides.map(({ open, from = '', until, reason = '' }, id) => ({
      ...{ id, kind: open ? ('open' as const) : ('closed' as const), from, until, reason },
    })),
  }
}

/** The schedule as it is sent: fields that are empty are not there. */
export function completed({
  name,
  description,
  timeZone,
  isWeekly,
  hours,
  holidays,
  exceptions,
}: ScheduleEdit): Schedule {
  const weekly = Object.fromEntries(
    weekdays.map((day) => [day, rangesOf(hours[day])] as const).filter(([, ranges]) => ranges.length > 0),
  )

  return {
    name,
    ...(description !== '' && { description }),
    time_zone: timeZone,
    ...(isWeekly && { weekly }),
    ...(holidays.length > 0 && {
      holidays: holidays.map(({ date, name: holiday, hours: open }) => ({
        date,
        ...(holiday !== '' && { name: holiday }),
        ...(open.trim() !== '' && { hours: rangesOf(open) }),
      })),
    }),
    ...(exceptions.length > 0 && {
      overrides: exceptions.map(({ kind, from, until, reason }) => ({
        open: kind === 'open',
        ...(from !== '' && { from }),
        until,
        ...(reason !== '' && { reason }),
      })),
    }),
  }
}

/** The field of an edit that holds a field of the schedule. */
const typedAs: Readonly<Record<keyof Schedule, readonly (keyof ScheduleEdit)[]>> = {
  name: ['name'],
  description: ['description'],
  time_zone: ['timeZone'],
  weekly: ['isWeekly', 'hours'],
  holidays: ['holidays'],
  overrides: ['exceptions'],
}

/** The edit with a field as another person has it. */
export function withField(edit: ScheduleEdit, field: keyof Schedule, theirs: Schedule | undefined): ScheduleEdit {
  const other = editOf(theirs, edit.etag)

  return { ...edit, ...Object.fromEntries(typedAs[field].map((name) => [name, other[name]])) }
}
