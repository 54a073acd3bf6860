/** When a schedule opens and closes next, and the hours of a week, for people who look ahead. Pure. */
import { DateTime } from 'luxon'
import { defined } from '../../base/defined.ts'
import type { ScheduleRecord } from '../schema/schedule-schema.ts'
import { clockTime, holidayOf, hoursOf, instant, isOpen, isOvernight } from './schedule.ts'

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
