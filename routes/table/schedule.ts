/**
 * Opening hours: weekly windows, holidays, and overrides that expire, in the schedule's own time zone; and when a schedule opens
 * or closes next. Pure.
 */

import { DateTime } from 'luxon'
import { defined } from '../../base/defined.ts'
import { weekdays, type ScheduleRecord } from '../schema/schedule-schema.ts'

/**
 * Whether a schedule is open at a time (milliseconds since the epoch). The first override that applies decides, then the
 * holiday, then the week. A schedule without weekly hours is open except for its holidays and overrides. Hours are those
 * of the wall clock: on a day when clocks change, "02:30" is the moment when the clock on the wall would show it.
 */
export function isOpen(schedule: ScheduleRecord, at: number): boolean {
  const now = DateTime.fromMillis(at, { zone: schedule.time_zone })
  const override = schedule.overrides?.find(({ from, until }) => {
    const begin = from === undefined ? -Infinity : instant(from, schedule.time_zone)
    return begin <= at && at < instant(until, schedule.time_zone)
  })
  if (override) return override.open

  // The hours of yesterday may go past midnight.
  return covers(hoursOf(schedule, now), now.startOf('day'), at) || covers(overnight(schedule, now), yesterday(now), at)
}

/** A time of an override, in milliseconds since the epoch. */
function instant(time: string, zone: string): number {
  return DateTime.fromISO(time, { zone }).toMillis()
}

function yesterday(now: DateTime): DateTime {
  return now.minus({ days: 1 }).startOf('day')
}

function overnight(schedule: ScheduleRecord, now: DateTime): readonly string[] {
  return hoursOf(schedule, yesterday(now)).filter((range) => isOvernight(range))
}

/** Whether hours go past midnight. */
function isOvernight(range: string): boolean {
  const [from = '', to = ''] = range.split('-')

  return to < from
}

const allDay = ['00:00-24:00']

/** The hours of one day of the calendar: those of its holiday, else those of the week. */
function hoursOf(schedule: ScheduleRecord, day: DateTime): readonly string[] {
  const holiday = holidayOf(schedule, day)
  if (holiday) return holiday.hours ?? []
  if (!schedule.weekly) return allDay

  return schedule.weekly[weekdays[day.weekday - 1] ?? 'mon'] ?? []
}

/** The holiday of a day, of this year or of every year. */
function holidayOf({ holidays }: ScheduleRecord, day: DateTime): Holiday | undefined {
  const date = day.toFormat('yyyy-MM-dd')

  return holidays?.find((one) => one.date === date || one.date === `*${date.slice(4)}`)
}

type Holiday = NonNullable<ScheduleRecord['holidays']>[number]

function covers(ranges: readonly string[], day: DateTime, at: number): boolean {
  return ranges.some((range) => {
    const [from = '', to = ''] = range.split('-')
    const end = isOvernight(range) ? day.plus({ days: 1 }) : day
    return clockTime(day, from) <= at && at < clockTime(end, to)
  })
}

/** The moment when the clock on the wall shows a time of a day. */
function clockTime(day: DateTime, time: string): number {
  if (time === '24:00') return day.plus({ days: 1 }).startOf('day').toMillis()
  const [hour, minute] = time.split(':').map(Number)

  return day.set({ hour: hour ?? 0, minute: minute ?? 0 }).toMillis()
}

/** Days that are searched for the next opening. */
const maxDays = 400
/** After so many days without a change the week brings none, and only holidays and overrides may. */
const wholeWeekDays = 9

/** When a schedule, from closed or open now, is opened next (milliseconds since the epoch); undefined within a year. */
export function nextOpening(schedule: ScheduleRecord, at: number): number | undefined {
  return nextChange(schedule, at, true)
}

/** When it closes next, or opens next where it is closed now; undefined when it stays as it is for a year. */
export function nextTransition(schedule: ScheduleRecord, at: number): number | undefined {
  return nextChange(schedule, at, !isOpen(schedule, at))
}

function nextChange(schedule: ScheduleRecord, at: number, opens: boolean): number | undefined {
  const first = DateTime.fromMillis(at, { zone: schedule.time_zone }).startOf('day').minus({ days: 1 })
  const overrides = (schedule.overrides ?? [])
    .flatMap(({ from, until }) => [from, until])
    .flatMap((time) => (time === undefined ? [] : [instant(time, schedule.time_zone)]))
    .filter((time) => time > at)
  const isWeekly = !schedule.holidays?.length && overrides.length === 0
  for (let i = 0; i < (isWeekly ? wholeWeekDays : maxDays); i++) {
    const day = first.plus({ days: i })
    const [begin, end] = [day.toMillis(), day.plus({ days: 1 }).toMillis()]
    const ofDay = overrides.filter((time) => begin <= time && time < end)
    if (i >= wholeWeekDays && ofDay.length === 0 && !isNearHoliday(schedule, day)) continue
    const found = [...boundaries(schedule, day), ...ofDay]
      .filter((time) => time > at)
      .sort((a, b) => a - b)
      .find((time) => isOpen(schedule, time) === opens && isOpen(schedule, time - 1) !== opens)
    if (found !== undefined) return found
  }

  return undefined
}

function isNearHoliday(schedule: ScheduleRecord, day: DateTime): boolean {
  return [-1, 0, 1].some((days) => holidayOf(schedule, day.plus({ days })) !== undefined)
}

/** The moments when the hours of a day begin and end. */
function boundaries(schedule: ScheduleRecord, day: DateTime): number[] {
  return hoursOf(schedule, day).flatMap((range) => {
    const [from = '', to = ''] = range.split('-')

    return [clockTime(day, from), clockTime(isOvernight(range) ? day.plus({ days: 1 }) : day, to)]
  })
}

/** The hours of one day, and the holiday that they are of. */
export interface OpenDay {
  /** Such as `2026-03-02`, in the schedule's time zone. */
  date: string
  hours: readonly string[]
  holiday?: string
}

/** The seven days of the week of a moment, from Monday on, without overrides. */
export function weekOf(schedule: ScheduleRecord, at: number): OpenDay[] {
  const monday = DateTime.fromMillis(at, { zone: schedule.time_zone }).startOf('week')

  return Array.from({ length: 7 }, (_, i) => {
    const day = monday.plus({ days: i })
    const holiday = holidayOf(schedule, day)

    return {
      date: day.toFormat('yyyy-MM-dd'),
      hours: hoursOf(schedule, day),
      ...defined({ holiday: holiday && (holiday.name ?? '') }),
    }
  })
}
