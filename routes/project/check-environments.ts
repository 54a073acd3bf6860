/** Mistakes in environments: numbers, agents and variables. */
import { normaliseNumber } from '../schema/e164.ts'
import { pointerTo, type Problem } from '../schema/errors.ts'
import { item, items, mapping } from './unchecked.ts'
import { agentProblem, isE164 } from '../schema/uri.ts'
import { isBuiltIn, isVariableName } from '../table/template.ts'

export function environmentMistakes(environments: unknown): Problem[] {
  const problems: Problem[] = []
  const claimed = new Map<string, string>()

  for (const [name, environment] of Object.entries(mapping(environments))) {
    const at = (...path: (string | number)[]): string => pointerTo('environments', name, ...path)
    for (const [i, number] of items(item(environment, 'numbers')).entries()) {
      if (typeof number !== 'string') continue
      if (!isE164(number)) {
        const meant = normaliseNumber(number)
        problems.push({
          pointer: at('numbers', i),
          problem: `${JSON.stringify(number)} is not an E.164 number`,
          hint: `write ${meant ?? '+14155550100'}`,
        })
        continue
      }
      const other = claimed.get(number)
      if (other === undefined) claimed.set(number, at('numbers', i))
      else {
        problems.push({
          pointer: at('numbers', i),
          problem: `${number} is claimed twice, at ${other} too`,
          hint: 'a number reaches one environment only',
        })
      }
    }
    for (const [i, agent] of items(item(environment, 'agents')).entries()) {
      const isText = typeof agent === 'string'
      const uri: unknown = isText ? agent : item(agent, 'uri')
      const mistake = typeof uri === 'string' ? agentProblem(uri) : undefined
      if (mistake) problems.push({ pointer: isText ? at('agents', i) : at('agents', i, 'uri'), ...mistake })
    }
    for (const variable of Object.keys(mapping(item(environment, 'variables')))) {
      problems.push(...variableMistakes(at('variables', variable), variable))
    }
  }

  return problems
}

export function requestVariableMistakes(declared: unknown): Problem[] {
  return items(declared).flatMap((variable, i) =>
    typeof variable === 'string' ? variableMistakes(pointerTo('request_variables', i), variable) : [],
  )
}

function variableMistakes(pointer: string, variable: string): Problem[] {
  if (!isVariableName(variable)) {
    const hint = 'a name is letters, digits and "_", and begins with a letter or "_"'
    return [{ pointer, problem: `${JSON.stringify(variable)} is not a variable's name`, hint }]
  }
  if (isBuiltIn(variable)) {
    return [{ pointer, problem: `${variable} is a variable that every call has`, hint: 'choose another name' }]
  }

  return []
}

/** Numbers of a project file that belong to another project. */
export function numbersOfOthers(
  project: string,
  value: unknown,
  ownerOf: (number: string) => { project: string; environment: string } | undefined,
): Problem[] {
  return Object.entries(mapping(item(value, 'environments'))).flatMap(([environment, given]) =>
    items(item(given, 'numbers')).flatMap((number, i) => {
      const owner = typeof number === 'string' ? ownerOf(number) : undefined
      if (!owner || owner.project === project) return []
      const problem = `${String(number)} belongs to ${owner.environment} of project ${owner.project}`
      const hint = 'a number reaches one environment only'
      return [{ pointer: pointerTo('environments', environment, 'numbers', i), problem, hint }]
    }),
  )
}
