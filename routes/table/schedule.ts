/** Opening hours: weekly windows, holidays, and overrides that expire, in the schedule's own time zone. */
import { DateTime } from 'luxon'
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
export function instant(time: string, zone: string): number {
  return DateTime.fromISO(time, { zone }).toMillis()
}

function yesterday(now: DateTime): DateTime {
  return now.minus({ days: 1 }).startOf('day')
}

function overnight(schedule: ScheduleRecord, now: DateTime): readonly string[] {
  return hoursOf(schedule, yesterday(now)).filter((range) => isOvernight(range))
}

/** Whether hours go past midnight. */
export function isOvernight(range: string): boolean {
  const [from = '', to = ''] = range.split('-')

  return to < from
}

const allDay = ['00:00-24:00']

/** The hours of one day of the calendar: those of its holiday, else those of the week. */
export function hoursOf(schedule: ScheduleRecord, day: DateTime): readonly string[] {
  const holiday = holidayOf(schedule, day)
  if (holiday) return holiday.hours ?? []
  if (!schedule.weekly) return allDay

  return schedule.weekly[weekdays[day.weekday - 1] ?? 'mon'] ?? []
}

/** The holiday of a day, of this year or of every year. */
export function holidayOf({ holidays }: ScheduleRecord, day: DateTime): Holiday | undefined {
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
export function clockTime(day: DateTime, time: string): number {
  if (time === '24:00') return day.plus({ days: 1 }).startOf('day').toMillis()
  const [hour, minute] = time.split(':').map(Number)

  return day.set({ hour: hour ?? 0, minute: minute ?? 0 }).toMillis()
}
