/** Mistakes in the headers of a handoff: names, values and templates. */
import type { Problem } from '../errors.ts'
import { headerNameProblem, headerValueProblem } from './header.ts'
import { item, mapping } from './loose.ts'
import { parseTemplate, Template } from '../table/template.ts'
import { variableProblem, type KnownVariables } from './variables.ts'

export function headerMistakes(handoff: unknown, at: (...path: string[]) => string, known: KnownVariables): Problem[] {
  const problems: Problem[] = []
  const seen = new Map<string, string>()

  for (const [name, value] of Object.entries(mapping(item(handoff, 'headers')))) {
    const pointer = at('headers', name)
    const mistake = headerNameProblem(name)
    if (mistake) problems.push({ pointer, ...mistake })
    const same = seen.get(name.toLowerCase())
    if (same === undefined) seen.set(name.toLowerCase(), name)
    else problems.push({ pointer, problem: `${name} and ${same} are the same header`, hint: 'keep one of them' })
    if (typeof value === 'string') problems.push(...templateMistakes(pointer, value, known))
  }

  const userToUser = item(item(handoff, 'user_to_user'), 'value')
  if (typeof userToUser === 'string') {
    problems.push(...templateMistakes(at('user_to_user', 'value'), userToUser, known))
    if (seen.has('user-to-user')) {
      const hint = 'keep either headers or user_to_user'
      problems.push({ pointer: at('user_to_user'), problem: 'User-to-User is also among the headers', hint })
    }
  }

  return problems
}

function templateMistakes(pointer: string, value: string, known: KnownVariables): Problem[] {
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
