/** Mistakes in handoffs: the default, routes, names, circles, and headers with their templates. */
import { mediaMistakes } from './check-media.ts'
import { unknownHandoff, unknownSchedule, templateMistakes } from './check-values.ts'
import { pointerTo, type PointerBuilder, type Problem } from '../schema/errors.ts'
import { item, items, mapping, text } from './unchecked.ts'
import { embeddedHeadersProblem, routeProblem } from '../schema/uri.ts'
import { type KnownVariables, routeTemplateOf, routeTemplateProblem } from '../table/template.ts'
import { headerNameProblem } from '../schema/header.ts'

export function defaultMistakes(handoffs: readonly unknown[]): Problem[] {
  const defaults = handoffs.flatMap((handoff, i) => (item(handoff, 'default') === true ? [i] : []))
  const [first, ...others] = defaults
  const hint = 'exactly one handoff has default: true; unknown names get it'
  if (first === undefined) {
    return handoffs.length ? [{ pointer: '/handoffs', problem: 'no handoff is the default', hint }] : []
  }
  const problems: Problem[] = others.map((i) => ({
    pointer: pointerTo('handoffs', i, 'default'),
    problem: `a second default, beside ${pointerTo('handoffs', first)}`,
    hint,
  }))
  if (item(handoffs[first], 'active') === false) {
    problems.push({
      pointer: pointerTo('handoffs', first, 'active'),
      problem: 'the default handoff is not active',
      hint: 'make it active, or make another handoff the default',
    })
  }

  return problems
}

/** Names that a request gives another meaning than a handoff. */
const reserved: ReadonlyMap<string, string> = new Map([
  ['auto', 'asks for the rules'],
  ['adhoc', 'stands for raw numbers and URIs'],
  ['attended', 'stands for another caller that an agent joins its caller with'],
])

/** Names that the handoffs of a table may refer to. */
export interface TableNames {
  handoffs: readonly string[]
  schedules: readonly string[]
}

export function handoffMistakes(handoff: unknown, index: number, names: TableNames, known: KnownVariables): Problem[] {
  const at: PointerBuilder = (...path) => pointerTo('handoffs', index, ...path)

  return [
    ...nameMistakes(handoff, at),
    ...routeMistakes(handoff, at, known),
    ...listMistakes(handoff, at, names.handoffs),
    ...scheduleMistakes(handoff, at, names.schedules),
    ...headerMistakes(handoff, at, known),
    ...callerIdMistakes(handoff, at),
    ...mediaMistakes(handoff, at, known),
    ...resolverMistakes(handoff, at),
  ]
}

function nameMistakes(handoff: unknown, at: PointerBuilder): Problem[] {
  const name = text(item(handoff, 'name'))
  const meaning = name === undefined ? undefined : reserved.get(name)
  if (name === undefined || meaning === undefined) return []
  const problem = `"${name}" has a meaning of its own: it ${meaning}`

  return [{ pointer: at('name'), problem, hint: 'choose another name' }]
}

function routeMistakes(handoff: unknown, at: PointerBuilder, known: KnownVariables): Problem[] {
  const route = item(handoff, 'route')
  const isBye = item(handoff, 'method') === 'bye'
  const pointer = at('route')
  const pool = item(handoff, 'pool')
  if (pool !== undefined) return poolMistakes(pool, { hasRoute: route !== undefined, isBye }, at)
  if (route === undefined) {
    if (isBye || handoff === null || typeof handoff !== 'object') return []

    return [{ pointer, problem: 'is missing', hint: 'give a number or a URI, or set method: bye' }]
  }
  if (isBye) return [{ pointer, problem: 'method bye has no route', hint: 'take it out, or choose refer or invite' }]
  if (typeof route !== 'string') return []
  const template = routeTemplateOf(route)
  if (template ?? route.includes('$')) {
    const mistakes = templateMistakes(pointer, route, known)
    const elsewhere = template && routeTemplateProblem(template)

    return [...mistakes, ...(elsewhere ? [{ pointer, ...elsewhere }] : [])]
  }
  const mistake = routeProblem(route)

  return mistake ? [{ pointer, ...mistake }] : []
}

/** The numbers of a pool are in the place of the route. */
function poolMistakes(
  pool: unknown,
  { hasRoute, isBye }: { hasRoute: boolean; isBye: boolean },
  at: PointerBuilder,
): Problem[] {
  const pointer = at('pool')
  if (isBye) return [{ pointer, problem: 'method bye calls no number', hint: 'take it out, or choose refer or invite' }]
  const beside = { pointer, problem: 'there is a route, too', hint: 'keep either the route or the pool' }
  const numbers = items(item(pool, 'numbers'))

  return [
    ...(hasRoute ? [beside] : []),
    ...numbers.flatMap((number, i): Problem[] => {
      if (typeof number !== 'string') return []
      const mistake = routeProblem(number) ?? embeddedHeadersProblem(number)
      const twice = { problem: `"${number}" is listed twice`, hint: 'each is one reservation; take one out' }
      const found = mistake ?? (numbers.indexOf(number) < i ? twice : undefined)

      return found ? [{ pointer: at('pool', 'numbers', i), ...found }] : []
    }),
  ]
}

function listMistakes(handoff: unknown, at: PointerBuilder, handoffs: readonly string[]): Problem[] {
  return (['on_failure', 'when_closed'] as const).flatMap((field) => {
    const listed = items(item(handoff, field))

    return listed.flatMap((name, i): Problem[] => {
      if (typeof name !== 'string') return []
      const pointer = at(field, i)
      const twice = { pointer, problem: `"${name}" is listed twice`, hint: 'each is tried once; take one out' }

      return [...unknownHandoff(pointer, name, handoffs), ...(listed.indexOf(name) < i ? [twice] : [])]
    })
  })
}

function scheduleMistakes(handoff: unknown, at: PointerBuilder, schedules: readonly string[]): Problem[] {
  const schedule = item(handoff, 'schedule')
  if (typeof schedule === 'string') return unknownSchedule(at('schedule'), schedule, schedules)
  if (schedule !== undefined || items(item(handoff, 'when_closed')).length === 0) return []

  return [{ pointer: at('when_closed'), problem: 'it never closes without a schedule', hint: 'name its schedule' }]
}

/** A user and password would be shown with the table. */
function resolverMistakes(handoff: unknown, at: PointerBuilder): Problem[] {
  const url = item(item(handoff, 'resolver'), 'url')
  if (typeof url !== 'string') return []
  const { protocol, username, password } = URL.canParse(url)
    ? new URL(url)
    : { protocol: '', username: '', password: '' }
  const isUsable = /^https?:$/.test(protocol) && username === '' && password === ''
  const problem = 'it is no http or https URL without user and password'
  const hint = 'write https://crm.example.com/route; the request is signed with the secret that "secret" names'

  return isUsable ? [] : [{ pointer: at('resolver', 'url'), problem, hint }]
}

function callerIdMistakes(handoff: unknown, at: PointerBuilder): Problem[] {
  const policy = mapping(item(handoff, 'caller_id'))

  return Object.entries(policy).flatMap(([field, value]) => {
    if (typeof value !== 'string') return []
    const pointer = at('caller_id', field)
    if (field === 'privacy') {
      return /^(as_is|[a-z]+(;[a-z]+)*)$/.test(value)
        ? []
        : [
            {
              pointer,
              problem: `${JSON.stringify(value)} is no Privacy value`,
              hint: 'write as_is, none, id, or id;header',
            },
          ]
    }
    if (value === 'as_is' || value === 'dialled' || (value === 'none' && field !== 'from')) return []
    const mistake = routeProblem(value)

    return mistake ? [{ pointer, problem: mistake.problem, hint: 'write as_is, dialled, a +number or a URI' }] : []
  })
}

/** Handoffs that would follow themselves. */
export function cycles(handoffs: readonly unknown[], field: 'on_failure' | 'when_closed'): Problem[] {
  const index = new Map(handoffs.map((handoff, i) => [text(item(handoff, 'name')), i]))
  const done = new Set<number>()
  const problems: Problem[] = []

  const visit = (i: number, path: readonly number[]): void => {
    if (done.has(i)) return
    for (const [j, name] of items(item(handoffs[i], field)).entries()) {
      const next = typeof name === 'string' ? index.get(name) : undefined
      if (next === undefined) continue
      const start = [...path, i].indexOf(next)
      if (start < 0) {
        visit(next, [...path, i])
        continue
      }
      const circle = [...[...path, i].slice(start), next].map((k) => text(item(handoffs[k], 'name')) ?? '?')
      const hint = 'take one of them out; each handoff is tried once'
      problems.push({
        pointer: pointerTo('handoffs', i, field, j),
        problem: `goes in a circle: ${circle.join(' → ')}`,
        hint,
      })
    }
    done.add(i)
  }
  handoffs.forEach((_, i) => {
    visit(i, [])
  })

  return problems
}

function headerMistakes(handoff: unknown, at: PointerBuilder, known: KnownVariables): Problem[] {
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
