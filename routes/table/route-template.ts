/** Routes whose user part is filled in for each transfer, such as `sip:${queue}@pbx.example`. */
import { parseRoute } from '../schema/uri.ts'
import type { ValueProblem } from '../schema/errors.ts'
import { parseTemplate, Template, type VariableLookup } from './template.ts'

/** The route as a template; undefined for one without variables. */
export function routeTemplateOf(route: string | undefined): Template | undefined {
  const parsed = route?.includes('$') ? parseTemplate(route) : undefined

  return parsed instanceof Template ? parsed : undefined
}

/** The route with a sample in the place of each variable: its host, port and parameters are those of every call. */
export function sampleRoute(route: string): string {
  return routeTemplateOf(route)?.render(() => 'sample', ignore) ?? route
}

/** Why the variables of a route may not be where they are: they decide no host, no scheme and no parameter. */
export function routeTemplateProblem(template: Template): ValueProblem | undefined {
  const [one, other] = ['one', 'other'].map((value) => parseRoute(template.render(() => value, ignore)))
  const isUserAlone =
    one !== undefined &&
    other !== undefined &&
    one.kind !== 'tel' &&
    JSON.stringify({ ...one, user: '' }) === JSON.stringify({ ...other, user: '' })
  if (isUserAlone) return undefined

  return {
    problem: 'a variable of a route stands elsewhere than in the user part of a SIP URI',
    hint: 'write it before the @, such as sip:${queue}@pbx.example; "$$" is a dollar sign',
  }
}

/** The route of one transfer, or the names of the variables that it lacks. What values bring is escaped (RFC 3261 19.1.2). */
export function renderRoute(template: Template, lookup: VariableLookup): string | readonly string[] {
  const lacking = template.lacking(lookup)
  if (lacking.length > 0) return lacking

  return template.render((variable) => {
    const value = lookup(variable)

    return value && escapedUser(value)
  }, ignore)
}

/** RFC 3261 25.1: unreserved and some user-unreserved characters stay as they are; ";", "?" and "/" begin other parts for many peers. */
function escapedUser(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte)

    return /[A-Za-z0-9\-_.!~*'()&=+$,]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

const ignore = (): void => undefined
