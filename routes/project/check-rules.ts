/** Mistakes in rules: what they name must be there. */
import { unknownHandoff, unknownSchedule } from './check-names.ts'
import { pointerTo, type Problem } from '../errors.ts'
import { item, items, mapping, text } from './loose.ts'
import { isE164 } from './uri.ts'
import { variableProblem, type KnownVariables } from './variables.ts'

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
