/** Mistakes that several checks look for: unknown names, names that are used twice, and templates that cannot be rendered. */

import { nearest } from '../../base/nearest.ts'
import { pointerTo, type Problem } from '../schema/errors.ts'
import { headerValueProblem } from '../schema/header.ts'
import { parseTemplate, Template, variableProblem, type KnownVariables } from '../table/template.ts'
import { item, text } from './unchecked.ts'

/** One problem when no handoff has this name; none otherwise. */
export function unknownHandoff(pointer: string, name: string, names: readonly string[]): Problem[] {
  if (names.includes(name)) return []
  const guess = nearest(name, names)

  return [
    {
      pointer,
      problem: `there is no handoff "${name}"`,
      hint: guess === undefined ? `the handoffs are ${names.join(', ')}` : `did you mean "${guess}"?`,
    },
  ]
}

/** One problem when no schedule has this name; none otherwise. */
export function unknownSchedule(pointer: string, name: string, schedules: readonly string[]): Problem[] {
  if (schedules.includes(name)) return []
  const guess = nearest(name, schedules) ?? schedules[0]
  const hint = guess === undefined ? 'the table has no schedules' : `did you mean "${guess}"?`

  return [{ pointer, problem: `there is no schedule "${name}"`, hint }]
}

/** Entries of a list whose field has the value of an earlier entry. */
export function repeated(list: readonly unknown[], where: string, field: string): Problem[] {
  const seen = new Map<string, number>()

  return list.flatMap((entry, i) => {
    const value = text(item(entry, field))
    if (value === undefined) return []
    const first = seen.get(value)
    if (first === undefined) {
      seen.set(value, i)
      return []
    }
    const other = pointerTo(where, first, field)
    return [
      {
        pointer: pointerTo(where, i, field),
        problem: `"${value}" is used twice, at ${other} too`,
        hint: `give each its own ${field}`,
      },
    ]
  })
}

/** Mistakes in one template of a table: its syntax, its variables, and characters that no header may have. */
export function templateMistakes(pointer: string, value: string, known: KnownVariables): Problem[] {
  const problems: Problem[] = []
  const unsafe = headerValueProblem(value)
  if (unsafe) problems.push({ pointer, ...unsafe })
  const template = parseTemplate(value)
  if (!(template instanceof Template)) {
    return [
      ...problems,
      { pointer, problem: `${template.problem}, at character ${template.at + 1}`, hint: template.hint },
    ]
  }
  for (const variable of new Set(template.variables())) {
    const mistake = variableProblem(variable, known)
    if (mistake) problems.push({ pointer, ...mistake })
  }

  return problems
}
