import type { Schedule } from '../api/client'

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

const minutesOfDay = 24 * 60

/** An interval of a day, in minutes after midnight. */
export interface Span {
  from: number
  to: number
}

/** The hours of a day as texts, such as `09:00-12:00`; all day where the week has none. */
export function hoursOf({ weekly }: Schedule, day: Weekday): readonly string[] {
  return weekly ? (weekly[day] ?? []) : ['00:00-24:00']
}

/** The open intervals of a day, hours of the day before that go past midnight included. */
export function spansOf(schedule: Schedule, day: Weekday): Span[] {
  const before = weekdays[(weekdays.indexOf(day) + 6) % 7] ?? 'sun'
  const own = hoursOf(schedule, day)
    .map(spanOf)
    .map(({ from, to }) => ({ from, to: to < from ? minutesOfDay : to }))
  const overnight = hoursOf(schedule, before)
    .map(spanOf)
    .filter(({ from, to }) => to < from)
    .map(({ to }) => ({ from: 0, to }))

  return [...overnight, ...own].filter(({ from, to }) => to > from)
}

function spanOf(range: string): Span {
  const [from = 0, to = 0] = range.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number)

    return hour * 60 + minute
  })

  return { from, to }
}

/** Splits a text such as `09:00-12:00, 13:00-17:30` into its ranges. */
export function rangesOf(text: string): string[] {
  return text
    .split(/[,;\s]+/)
    .map((range) => range.replace('–', '-'))
    .filter((range) => range !== '')
}
