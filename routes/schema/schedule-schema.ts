import { Type, type Static } from 'typebox'
import { closed, hours, name, text } from './field-shapes.ts'

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** When a handoff is open, as written: hours of the week, holidays and passing changes. */
export const ScheduleSchema = closed(
  {
    name: name('a name of letters, digits, ".", "_" and "-", at most 64 characters'),
    description: Type.Optional(text('what the schedule is for')),
    time_zone: text('an IANA time zone such as "Europe/London"', 64),
    weekly: Type.Optional(
      closed(
        {
          mon: Type.Optional(hours),
          tue: Type.Optional(hours),
          wed: Type.Optional(hours),
          thu: Type.Optional(hours),
          fri: Type.Optional(hours),
          sat: Type.Optional(hours),
          sun: Type.Optional(hours),
        },
        'opening hours by weekday: mon, tue, wed, thu, fri, sat, sun',
      ),
    ),
    holidays: Type.Optional(
      Type.Array(
        closed(
          {
            date: Type.String({
              pattern: '^([0-9]{4}|\\*)-[0-9]{2}-[0-9]{2}$',
              description: 'a date such as "2026-12-25", or "*-12-25" for every year',
            }),
            name: Type.Optional(text('what the day is')),
            hours: Type.Optional(hours),
          },
          'a holiday: closed all day, or open in its hours only',
        ),
        { description: 'a list of holidays' },
      ),
    ),
    overrides: Type.Optional(
      Type.Array(
        closed(
          {
            open: Type.Boolean({ description: '`true` opens, `false` closes' }),
            from: Type.Optional(text('when it begins, ISO 8601 such as "2026-03-01T12:00"; at once without it', 40)),
            until: text('when it expires, ISO 8601 such as "2026-03-01T15:00"', 40),
            reason: Type.Optional(text('why')),
          },
          'a temporary override, which expires by itself',
        ),
        { description: 'temporary overrides; the first that applies wins' },
      ),
    ),
  },
  'a schedule',
  'Schedule',
)

export type ScheduleRecord = Static<typeof ScheduleSchema>
