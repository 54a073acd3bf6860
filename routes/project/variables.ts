/** Which variables a template may ask for. */
import { isHeaderName } from './header.ts'
import { nearest } from '../../base/nearest.ts'

/** Variables that every call has. Nothing an environment or a request brings can replace them. */
export const builtInVariables = [
  'caller_id',
  'caller_name',
  'called_number',
  'call_id',
  'project',
  'environment',
  'version',
  'handoff',
  'reason',
] as const

const builtIn: ReadonlySet<string> = new Set(builtInVariables)

export function isBuiltIn(variable: string): boolean {
  return builtIn.has(variable)
}

const plain = /^[A-Za-z_][A-Za-z0-9_]*$/

export function isVariableName(name: string): boolean {
  return plain.test(name)
}

export interface KnownVariables {
  /** Variables of any of the project's environments. */
  environment: ReadonlySet<string>
  /** What transfer requests bring, when the project lists it; any name when it does not. */
  request: ReadonlySet<string> | undefined
}

/** Says why a variable cannot exist, or undefined when it can. */
export function variableProblem(written: string, known: KnownVariables): { problem: string; hint: string } | undefined {
  if (written.startsWith('header.')) {
    const header = written.slice('header.'.length)
    if (/^x-/i.test(header) && header.length > 2 && isHeaderName(header)) return undefined

    return {
      problem: `unknown variable "${written}"`,
      hint: 'only inbound X- headers are variables, such as header.X-Account',
    }
  }
  if (!isVariableName(written)) {
    return {
      problem: `unknown variable "${written}"`,
      hint: 'a name is letters, digits and "_"; an inbound header is header.X-Name',
    }
  }
  if (isBuiltIn(written) || known.environment.has(written)) return undefined
  if (known.request === undefined || known.request.has(written)) return undefined

  const all = [...builtInVariables, ...known.environment, ...known.request]
  const guess = nearest(written, all)

  return {
    problem: `unknown variable "${written}"`,
    hint: guess === undefined ? `the variables here are ${all.join(', ')}` : `did you mean "${guess}"?`,
  }
}
