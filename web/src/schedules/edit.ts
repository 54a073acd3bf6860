import { ApiError, type Schedule, type Table } from '../api/client'
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
}

let lastId = 0

/** The id of a row that is new. */
export function newId(): number {
  return ++lastId
}

/** A new schedule has the hours of an office, in the reader's own time zone. */
export function editOf(schedule: Schedule | undefined): ScheduleEdit {
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
    ...{ name, description, timeZone: time_zone, isWeekly: weekly !== undefined },
    hours: Object.fromEntries(weekdays.map((day) => [day, (week[day] ?? []).join(', ')])) as Record<Weekday, string>,
    holidays: holidays.map(({ date, name: holiday = '', hours = [] }) => ({
      ...{ id: newId(), date, name: holiday, hours: hours.join(', ') },
    })),
    exceptions: overrides.map(({ open, from = '', until, reason = '' }) => ({
      ...{ id: newId(), kind: open ? ('open' as const) : ('closed' as const), from, until, reason },
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

/** The fields of a schedule as a change has them: null takes one away. */
export function changesOf(before: Schedule, after: Schedule): Record<string, unknown> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Schedule>

  return Object.fromEntries([...names].map((name) => [name, after[name] ?? null]))
}

/**
 * What the server said of a field, by its path such as `weekly/mon`, or of anything in it. A new schedule is the last of the
 * table.
 */
export function fieldMistakes(
  error: Error | null,
  { schedules = [] }: Table,
  name: string | undefined,
): (path: string) => string | undefined {
  const index = name === undefined ? schedules.length : schedules.findIndex((schedule) => schedule.name === name)
  const errors = error instanceof ApiError ? (error.problem.errors ?? []) : []

  return (path) => {
    const place = `/schedules/${index}/${path}`
    const found = errors.find(({ pointer }) => pointer === place || pointer.startsWith(`${place}/`))

    return found && [found.problem, found.hint].filter(Boolean).join('; ')
  }
}
