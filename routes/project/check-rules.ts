/** Mistakes in rules and in the schedules that they name. */
import { DateTime, IANAZone } from 'luxon'

import type { TableNames } from './check-handoffs.ts'
import { unknownHandoff, unknownSchedule } from './check-values.ts'
import { pointerTo, type PointerBuilder, type Problem } from '../schema/errors.ts'
import { item, items, mapping, text } from './unchecked.ts'
import { isE164 } from '../schema/uri.ts'
import { variableProblem, type KnownVariables } from '../table/template.ts'

export function ruleMistakes(rules: readonly unknown[], names: TableNames, known: KnownVariables): Problem[] {
  return rules.flatMap((rule, i) => {
    const at: PointerBuilder = (...path) => pointerTo('rules', i, ...path)
    const when = item(rule, 'when')
    const handoff = text(item(rule, 'handoff'))

    return [
      ...(handoff === undefined ? [] : unknownHandoff(at('handoff'), handoff, names.handoffs)),
      ...textsOf(rule, 'asked').flatMap(([name, j]) => unknownHandoff(at('asked', j), name, names.handoffs)),
      ...scheduleConditionMistakes(when, at, names.schedules),
      ...numberMistakes(when, at),
      ...variableMistakes(when, at, known),
    ]
  })
}

/** The texts of a list, with their indices. */
function textsOf(value: unknown, field: string): [text: string, index: number][] {
  return items(item(value, field)).flatMap((entry, i): [string, number][] =>
    typeof entry === 'string' ? [[entry, i]] : [],
  )
}

function scheduleConditionMistakes(when: unknown, at: PointerBuilder, schedules: readonly string[]): Problem[] {
  const schedule = text(item(when, 'schedule'))
  if (schedule !== undefined) return unknownSchedule(at('when', 'schedule'), schedule, schedules)
  if (item(when, 'schedule_is') === undefined) return []
  const problem = 'there is no schedule beside it'

  return [{ pointer: at('when', 'schedule_is'), problem, hint: 'name the schedule' }]
}

function numberMistakes(when: unknown, at: PointerBuilder): Problem[] {
  const problems: Problem[] = []
  for (const [number, j] of textsOf(when, 'called')) {
    if (isE164(number)) continue
    const problem = `${JSON.stringify(number)} is not an E.164 number`
    problems.push({ pointer: at('when', 'called', j), problem, hint: 'write +14155550100' })
  }
  for (const [prefix, j] of textsOf(when, 'caller_prefix')) {
    if (/^\+?\d+$/.test(prefix)) continue
    const problem = `${JSON.stringify(prefix)} is not the beginning of a number`
    problems.push({ pointer: at('when', 'caller_prefix', j), problem, hint: 'write digits such as +1415' })
  }

  return problems
}

function variableMistakes(when: unknown, at: PointerBuilder, known: KnownVariables): Problem[] {
  const named = (field: 'headers' | 'variables', variableOf: (name: string) => string): Problem[] =>
    Object.keys(mapping(item(when, field))).flatMap((name) => {
      const mistake = variableProblem(variableOf(name), known)

      return mistake ? [{ pointer: at('when', field, name), ...mistake }] : []
    })

  return [...named('headers', (name) => `header.${name}`), ...named('variables', (name) => name)]
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
