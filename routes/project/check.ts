/** Every mistake in a project file or a table, each at its place. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { inSlices } from '../../base/slices.ts'
import { pointerTo, type Problem } from '../schema/errors.ts'
import { environmentMistakes, requestVariableMistakes } from './check-environments.ts'
import { cycles, defaultMistakes, handoffMistakes } from './check-handoffs.ts'
import { repeated, unknownHandoff } from './check-values.ts'
import { ruleMistakes, scheduleMistakes } from './check-rules.ts'
import { item, items, mapping, text, texts } from './unchecked.ts'
import { projectShape, tableShape } from './shape.ts'
import { embeddedHeadersProblem } from '../schema/uri.ts'
import { type KnownVariables, sampleRoute } from '../table/template.ts'
import { textProblem } from '../schema/header.ts'

/** The variables that a table's templates may use, given the project around it. */
export function knownVariables(project: unknown): KnownVariables {
  const environments = Object.values(mapping(item(project, 'environments')))
  const declared = item(project, 'request_variables')

  return {
    environment: new Set(environments.flatMap((environment) => Object.keys(mapping(item(environment, 'variables'))))),
    request: Array.isArray(declared) ? new Set(texts(declared)) : undefined,
  }
}

/** Every mistake in a project file; none means that it may be used as a ProjectFile. */
export function checkProject(value: unknown): Problem[] {
  return inOrder(
    withTextMistakes(
      projectChecks(value).flatMap((check) => check()),
      textMistakes(value),
    ),
  )
}

/** As checkProject, in turns of the event loop. */
export async function checkProjectInTurns(value: unknown): Promise<Problem[]> {
  const problems: Problem[] = []
  await inSlices(projectChecks(value), (check) => problems.push(...check()))
  await nextTurn()

  return inOrder(withTextMistakes(problems, textMistakes(value)))
}

function projectChecks(value: unknown): (() => Problem[])[] {
  const table = item(value, 'table')
  const inTable = (problem: Problem): Problem => ({ ...problem, pointer: `/table${problem.pointer}` })

  return [
    () => projectShape(value),
    () => environmentMistakes(item(value, 'environments')),
    () => [
      ...requestVariableMistakes(item(value, 'request_variables')),
      ...agentDownMistakes(item(value, 'agent_down'), ['agent_down'], handoffNames(table)),
      ...Object.entries(mapping(item(value, 'environments'))).flatMap(([name, environment]) =>
        agentDownMistakes(item(environment, 'agent_down'), ['environments', name, 'agent_down'], handoffNames(table)),
      ),
      ...promotionOrderMistakes(item(value, 'promote_after'), Object.keys(mapping(item(value, 'environments')))),
    ],
    () => tableMistakes(table, knownVariables(value)).map(inTable),
    () => embeddedHeaders(table).map(inTable),
  ]
}

/** Every mistake in a table; none means that it may be saved. */
export function checkTable(value: unknown, known: KnownVariables): Problem[] {
  const problems = [...tableShape(value), ...tableMistakes(value, known), ...embeddedHeaders(value)]

  return inOrder(withTextMistakes(problems, textMistakes(value)))
}

/**
 * Every mistake for which a stored table cannot be served. Headers in a URI and control characters in a text, which earlier
 * versions of Baton let pass, are no such mistakes: they are removed before a message is sent.
 */
export function checkStoredTable(value: unknown, known: KnownVariables): Problem[] {
  return inOrder([...tableShape(value), ...tableMistakes(value, known)])
}

function embeddedHeaders(table: unknown): Problem[] {
  return items(item(table, 'handoffs')).flatMap((handoff, i) => {
    const callerId = Object.entries(mapping(item(handoff, 'caller_id')))
    const uris = [
      { path: ['route'], uri: routeOf(handoff) },
      ...callerId.map(([field, uri]) => ({ path: ['caller_id', field], uri: text(uri) })),
    ]

    return uris.flatMap(({ path, uri }) => {
      const mistake = uri === undefined ? undefined : embeddedHeadersProblem(uri)

      return mistake ? [{ pointer: pointerTo('handoffs', i, ...path), ...mistake }] : []
    })
  })
}

function routeOf(handoff: unknown): string | undefined {
  const route = text(item(handoff, 'route'))

  return route && sampleRoute(route)
}

/** Adds mistakes of texts, except where a field has one already. */
function withTextMistakes(problems: readonly Problem[], ofTexts: readonly Problem[]): Problem[] {
  const found = new Set(problems.map(({ pointer }) => pointer))

  return [...problems, ...ofTexts.filter(({ pointer }) => !found.has(pointer))]
}

/** Sorts by pointer, so that entries of one list stand together and in order. */
function inOrder(problems: Problem[]): Problem[] {
  return problems.sort((a, b) => a.pointer.localeCompare(b.pointer, 'en', { numeric: true }))
}

function handoffNames(table: unknown): string[] {
  return items(item(table, 'handoffs')).flatMap((handoff) => text(item(handoff, 'name')) ?? [])
}

function agentDownMistakes(agentDown: unknown, path: readonly string[], names: readonly string[]): Problem[] {
  return typeof agentDown === 'string' ? unknownHandoff(pointerTo(...path), agentDown, names) : []
}

/** A promotion order that names an unknown environment, or goes in a circle, can never be kept. */
function promotionOrderMistakes(order: unknown, known: readonly string[]): Problem[] {
  const before = new Map(Object.entries(mapping(order)).map(([name, list]) => [name, texts(list)]))
  const reaches = (from: string, to: string, seen: ReadonlySet<string> = new Set()): boolean =>
    (before.get(from) ?? []).some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, new Set([...seen, next]))),
    )

  return [...before].flatMap(([name, list]) => [
    ...[name, ...list]
      .filter((one) => !known.includes(one))
      .map((one) => ({
        pointer: pointerTo('promote_after', name),
        problem: `this project has no environment "${one}"`,
        hint: `its environments are ${known.join(', ')}`,
      })),
    ...(reaches(name, name)
      ? [{ pointer: pointerTo('promote_after', name), problem: `${name} would have to run a version before itself` }]
      : []),
  ])
}

function tableMistakes(table: unknown, known: KnownVariables): Problem[] {
  const handoffs = items(item(table, 'handoffs'))
  const names = handoffNames(table)
  const schedules = items(item(table, 'schedules')).flatMap((schedule) => text(item(schedule, 'name')) ?? [])

  return [
    ...repeated(handoffs, 'handoffs', 'name'),
    ...repeated(handoffs, 'handoffs', 'id'),
    ...defaultMistakes(handoffs),
    ...handoffs.flatMap((handoff, i) => handoffMistakes(handoff, i, { handoffs: names, schedules }, known)),
    ...cycles(handoffs, 'on_failure'),
    ...cycles(handoffs, 'when_closed'),
    ...repeated(items(item(table, 'schedules')), 'schedules', 'name'),
    ...scheduleMistakes(items(item(table, 'schedules'))),
    ...repeated(items(item(table, 'rules')), 'rules', 'name'),
    ...ruleMistakes(items(item(table, 'rules')), { handoffs: names, schedules }, known),
  ]
}

/** A mistake for each text in a value, names of fields included, that holds a control character. */
export function textMistakes(value: unknown): Problem[] {
  const problems: Problem[] = []
  // A loop, since a document may be nested more deeply than the stack allows.
  const left: { pointer: string; value: unknown }[] = [{ pointer: '', value }]
  for (let next = left.pop(); next; next = left.pop()) {
    const { pointer, value: found } = next
    if (typeof found === 'string') {
      const mistake = textProblem(found)
      if (mistake) problems.push({ pointer, ...mistake })
    } else if (typeof found === 'object' && found !== null) {
      for (const [name, inner] of Object.entries(found)) {
        const at = pointer + pointerTo(name)
        const mistake = textProblem(name)
        if (mistake) problems.push({ pointer: at, ...mistake })
        left.push({ pointer: at, value: inner })
      }
    }
  }

  return problems
}
