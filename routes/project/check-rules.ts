/** Mistakes in rules and in the schedules that they name. */
import { DateTime, IANAZone } from 'luxon'

import { unknownHandoff, unknownSchedule } from './check-names.ts'
import { pointerTo, type Problem } from '../schema/errors.ts'
import { item, items, mapping, text } from './unchecked.ts'
import { isE164 } from '../schema/uri.ts'
import { variableProblem, type KnownVariables } from '../table/template.ts'

export function ruleMistakes(
  rules: readonly unknown[],
  handoffs: readonly string[],
  schedules: readonly string[],
  known: KnownVariables,
): Problem[] {
  return rules.flatMap((rule, i) => {
    const at = (...path: (string | number)[]): string => pointerTo('rules', i, ...path)
    const when = item(rule, 'when')
    const problems: Problem[] = []

    const handoff = text(item(rule, 'handoff'))
    if (handoff !== undefined) problems.push(...unknownHandoff(at('handoff'), handoff, handoffs))
    for (const [j, name] of items(item(rule, 'asked')).entries()) {
      if (typeof name === 'string') problems.push(...unknownHandoff(at('asked', j), name, handoffs))
    }
    const schedule = text(item(when, 'schedule'))
    if (schedule !== undefined) problems.push(...unknownSchedule(at('when', 'schedule'), schedule, schedules))
    else if (item(when, 'schedule_is') !== undefined) {
      problems.push({
        pointer: at('when', 'schedule_is'),
        problem: 'there is no schedule beside it',
        hint: 'name the schedule',
      })
    }
    for (const [j, number] of items(item(when, 'called')).entries()) {
      if (typeof number === 'string' && !isE164(number)) {
        const problem = `${JSON.stringify(number)} is not an E.164 number`
        problems.push({ pointer: at('when', 'called', j), problem, hint: 'write +14155550100' })
      }
    }
    for (const [j, prefix] of items(item(when, 'caller_prefix')).entries()) {
      if (typeof prefix === 'string' && !/^\+?\d+$/.test(prefix)) {
        const problem = `${JSON.stringify(prefix)} is not the beginning of a number`
        problems.push({ pointer: at('when', 'caller_prefix', j), problem, hint: 'write digits such as +1415' })
      }
    }
    for (const header of Object.keys(mapping(item(when, 'headers')))) {
      const mistake = variableProblem(`header.${header}`, known)
      if (mistake)
        problems.push({ pointer: at('when', 'headers', header), problem: mistake.problem, hint: mistake.hint })
    }
    for (const variable of Object.keys(mapping(item(when, 'variables')))) {
      const mistake = variableProblem(variable, known)
      if (mistake) problems.push({ pointer: at('when', 'variables', variable), ...mistake })
    }

    return problems
  })
}

export function scheduleMistakes(schedules: readonly unknown[]): Problem[] {
  return schedules.flatMap((schedule, i) => {
    const at = (...path: (string | number)[]): string => pointerTo('schedules', i, ...path)
    const zone = text(item(schedule, 'time_zone'))
    const problems: Problem[] = []
    if (zone !== undefined && !IANAZone.isValidZone(zone)) {
      const hint = 'write an IANA time zone such as Europe/London'
      problems.push({ pointer: at('time_zone'), problem: `there is no time zone ${JSON.stringify(zone)}`, hint })
    }
    for (const [day, hours] of Object.entries(mapping(item(schedule, 'weekly')))) {
      problems.push(...emptyHours(hours, (j) => at('weekly', day, j)))
    }
    for (const [j, holiday] of items(item(schedule, 'holidays')).entries()) {
      const date = text(item(holiday, 'date'))
      // 2024 is a leap year: "*-02-29" is a date.
      if (date !== undefined && !DateTime.fromISO(date.replace('*', '2024')).isValid) {
        const hint = 'write a day of the calendar such as 2026-12-25'
        problems.push({ pointer: at('holidays', j, 'date'), problem: `there is no day ${date}`, hint })
      }
      problems.push(...emptyHours(item(holiday, 'hours'), (k) => at('holidays', j, 'hours', k)))
    }
    for (const [j, override] of items(item(schedule, 'overrides')).entries()) {
      problems.push(...overrideMistakes(override, (field) => at('overrides', j, field)))
    }

    return problems
  })
}

function emptyHours(hours: unknown, at: (index: number) => string): Problem[] {
  return items(hours).flatMap((range, i) => {
    const [from, to] = typeof range === 'string' ? range.split('-') : []
    if (from === undefined || from !== to) return []
    return [{ pointer: at(i), problem: `${String(range)} is no time at all`, hint: 'write "00:00-24:00" for all day' }]
  })
}

function overrideMistakes(override: unknown, at: (field: string) => string): Problem[] {
  const problems: Problem[] = []
  const [from, until] = (['from', 'until'] as const).map((field) => {
    const value = text(item(override, field))
    const time = value === undefined ? undefined : DateTime.fromISO(value, { zone: 'utc' })
    if (time && !time.isValid) {
      const hint = 'write 2026-03-01T15:00 (in the time zone of the schedule) or 2026-03-01T15:00Z'
      problems.push({ pointer: at(field), problem: `${JSON.stringify(value)} is no time`, hint })
    }
    return time?.isValid ? time.toMillis() : undefined
  })
  if (from !== undefined && until !== undefined && until <= from) {
    problems.push({ pointer: at('until'), problem: 'is not after "from"', hint: 'give the time when it expires' })
  }

  return problems
}
