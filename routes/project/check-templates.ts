/** Mistakes in one template of a table: its syntax, its variables, and characters that no header may have. */
import type { Problem } from '../schema/errors.ts'
import { headerValueProblem } from '../schema/header.ts'
import { parseTemplate, Template, variableProblem, type KnownVariables } from '../table/template.ts'

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
