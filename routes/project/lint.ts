/** What somebody who knows telephony would say of a project before it is published. */
import { checkProject } from './check.ts'
import { numberKind, normaliseNumber } from '../schema/e164.ts'
import { pointerTo } from '../schema/errors.ts'
import { type LintFinding, type Severity, lintCallable, lintLongHeaders } from './lint-trunks.ts'
import type { SipSetup } from '../plan/handoff-problems.ts'
import { item, items } from './unchecked.ts'
import { nearest } from '../../base/nearest.ts'
import { profiles } from '../table/profiles.ts'
import type { HandoffRecord, ProjectFile, RuleRecord } from '../schema/project-file.ts'
import { parseTemplate, Template, builtInVariables, isBuiltIn } from '../table/template.ts'
import { isE164, parseRoute } from '../schema/uri.ts'

/**
 * Every finding, worst first, then in the order of the file.
 * @param sipSetup where they are known: whether they can call what the table names
 */
export function lintProject(file: ProjectFile, now: number, sipSetup?: SipSetup): LintFinding[] {
  const mistakes = checkProject(file).map((problem): LintFinding => ({
    severity: 'error',
    code: 'invalid',
    ...problem,
  }))
  if (mistakes.length) return mistakes
  const found = [
    ...file.table.handoffs.flatMap((handoff, i) => [
      ...lintHandoff(handoff, file, (...path) => pointerTo('table', 'handoffs', i, ...path), sipSetup),
    ]),
    ...lintRules(file),
    ...lintSchedules(file, now),
    ...lintEnvironments(file),
    ...callable(file, sipSetup),
  ]
  const order: Severity[] = ['error', 'warning', 'info']

  return found.sort(
    (a, b) =>
      order.indexOf(a.severity) - order.indexOf(b.severity) ||
      a.pointer.localeCompare(b.pointer, 'en', { numeric: true }),
  )
}

function callable({ table }: ProjectFile, sipSetup: SipSetup | undefined): LintFinding[] {
  const found = sipSetup ? lintCallable(table, sipSetup) : []

  return found.map((finding) => ({ ...finding, pointer: `/table${finding.pointer}` }))
}

type At = (...path: (string | number)[]) => string

function finding(severity: Severity, code: string, pointer: string, problem: string, hint: string): LintFinding {
  return { severity, code, pointer, problem, hint }
}

function* lintHandoff(
  handoff: HandoffRecord,
  file: ProjectFile,
  at: At,
  sipSetup: SipSetup | undefined,
): Generator<LintFinding> {
  const { method = 'refer', route, profile, headers_in: place, headers = {} } = handoff
  const receiver = profile && profiles[profile]

  if (route !== undefined) yield* lintRoute(route, file, at)
  if (handoff.description === undefined) {
    yield finding('info', 'no_description', at('description'), 'has no description', 'say what the destination is')
  }
  if ((handoff.deadline ?? 120) < (handoff.ring_timeout ?? 30)) {
    yield finding(
      'warning',
      'short_deadline',
      at('deadline'),
      'ends before the ringing may',
      'make it longer than ring_timeout',
    )
  }
  if (method === 'bye' && handoff.on_failure?.length) {
    yield finding(
      'warning',
      'after_bye',
      at('on_failure'),
      'the call is given back: nothing can be tried next',
      'take it out',
    )
  }
  if (receiver?.advice.refer !== undefined && method === 'refer') {
    yield finding('warning', 'profile_method', at('method'), receiver.advice.refer, 'change the method')
  }
  if (receiver?.advice.sips !== undefined && /^sips:/i.test(route ?? '')) {
    yield finding('warning', 'profile_sips', at('route'), receiver.advice.sips, 'change the route')
  }
  const count = receiver?.limits.count
  if (count !== undefined && Object.keys(headers).length > count) {
    yield finding(
      'warning',
      'too_many_headers',
      at('headers'),
      `${profile ?? ''} takes ${count}: the last are left out`,
      'take some out',
    )
  }
  for (const name of Object.keys(headers)) {
    const refused = receiver?.refuses(name.toLowerCase())
    if (refused !== undefined)
      yield finding('warning', 'header_not_read', at('headers', name), refused, 'choose another name')
  }
  yield* lintLongHeaders(handoff, file, at, sipSetup)
  const inside = (place ?? receiver?.headersIn ?? 'request') !== 'request'
  const data = Object.keys(headers).length > 0 || handoff.user_to_user !== undefined
  if (inside && data && method === 'refer' && (isE164(route ?? '') || /^tel:/i.test(route ?? ''))) {
    const problem = 'a tel: URI holds no headers: they go on the REFER itself'
    yield finding(
      'warning',
      'tel_has_no_headers',
      at('route'),
      problem,
      'write sip:+14155550100@trunk.example;user=phone',
    )
  }
  if (handoff.schedule !== undefined && !handoff.when_closed?.length) {
    const problem = 'names nobody for when it is closed: callers get the default handoff'
    yield finding('info', 'closed_nowhere', at('when_closed'), problem, 'name where callers go')
  }
  for (const [i, name] of (handoff.on_failure ?? []).entries()) {
    if (file.table.handoffs.find((other) => other.name === name)?.active === false) {
      yield finding(
        'info',
        'not_active',
        at('on_failure', i),
        `${name} is not active: it is left out`,
        'activate it, or take it out',
      )
    }
  }
  for (const [name, value] of Object.entries(headers)) yield* lintVariables(value, file, at('headers', name))
}

function* lintRoute(route: string, file: ProjectFile, at: At): Generator<LintFinding> {
  const uri = parseRoute(route)
  const number = normaliseNumber(route)
  if (number !== undefined) {
    const kind = numberKind(number)
    if (kind === 'premium' || kind === 'shared_cost') {
      yield finding(
        'warning',
        'premium_number',
        at('route'),
        `${number} is a ${kind.replace('_', '-')} number`,
        'is the cost meant?',
      )
    } else if (kind !== 'ordinary') {
      yield finding('warning', `${kind}_number`, at('route'), `${number} is in no numbering plan`, 'check its digits')
    }
    const own = Object.entries(file.environments).find(([, environment]) => environment.numbers?.includes(number))
    if (own)
      yield finding(
        'warning',
        'loop',
        at('route'),
        `${number} is this project's own, of ${own[0]}`,
        'callers would come back',
      )
  } else if (uri?.kind === 'tel') {
    yield finding(
      'warning',
      'short_number',
      at('route'),
      `${route} is a short or local number`,
      'does the trunk know it?',
    )
  } else if (/;user=phone/i.test(uri?.params ?? '')) {
    yield finding(
      'warning',
      'not_e164',
      at('route'),
      `${route} is not an E.164 number`,
      'write sip:+14155550100@host;user=phone',
    )
  }
}

function* lintVariables(value: string, file: ProjectFile, pointer: string): Generator<LintFinding> {
  const template = parseTemplate(value)
  if (!(template instanceof Template)) return
  const environments = Object.entries(file.environments)
  for (const variable of new Set(template.variables())) {
    if (variable.startsWith('header.') || isBuiltIn(variable)) continue
    const having = environments.filter(([, { variables = {} }]) => Object.hasOwn(variables, variable))
    if (having.length > 0 && having.length < environments.length) {
      const lacking = environments.filter((one) => !having.includes(one)).map(([name]) => name)
      const problem = `variable "${variable}" is not in ${lacking.join(', ')}`
      yield finding(
        'warning',
        'variable_missing',
        pointer,
        problem,
        'add it there, or give it a default: ${name:-default}',
      )
    }
    const guess = having.length ? undefined : nearest(variable, builtInVariables)
    if (guess !== undefined) {
      yield finding(
        'warning',
        'misspelt',
        pointer,
        `variable "${variable}" must come with the request`,
        `did you mean "${guess}"?`,
      )
    }
  }
}

function* lintRules({ table }: ProjectFile): Generator<LintFinding> {
  const rules = table.rules ?? []
  const always = (rule: RuleRecord): boolean => Object.keys(rule.when ?? {}).length === 0
  for (const [i, rule] of rules.entries()) {
    const before = rules.slice(0, i).find((other) => always(other) && sameAsked(other, rule))
    if (before) {
      const problem = `never matches: rule ${before.name} always does`
      yield finding('warning', 'unreachable_rule', pointerTo('table', 'rules', i), problem, 'move it before that one')
    }
    if (table.handoffs.find(({ name }) => name === rule.handoff)?.active === false) {
      const pointer = pointerTo('table', 'rules', i, 'handoff')
      yield finding('warning', 'not_active', pointer, `${rule.handoff} is not active`, 'activate it, or name another')
    }
  }
}

function sameAsked(earlier: RuleRecord, later: RuleRecord): boolean {
  if (!earlier.asked || !later.asked) return !earlier.asked && !later.asked

  return later.asked.every((name) => earlier.asked?.includes(name))
}

function* lintSchedules({ table }: ProjectFile, now: number): Generator<LintFinding> {
  const used = new Set([
    ...table.handoffs.map(({ schedule }) => schedule),
    ...(table.rules ?? []).map(({ when }) => when?.schedule),
  ])
  for (const [i, schedule] of (table.schedules ?? []).entries()) {
    const at: At = (...path) => pointerTo('table', 'schedules', i, ...path)
    if (!used.has(schedule.name)) yield finding('info', 'unused', at(), `nothing uses ${schedule.name}`, 'take it out')
    for (const [j, { until }] of (schedule.overrides ?? []).entries()) {
      // To the day is near enough for a hint, whatever the time zone.
      if (Date.parse(until) + 86_400_000 < now) {
        yield finding('info', 'expired', at('overrides', j), `expired ${until}`, 'take it out')
      }
    }
  }
}

function* lintEnvironments({ environments }: ProjectFile): Generator<LintFinding> {
  for (const [name, environment] of Object.entries(environments)) {
    for (const field of ['numbers', 'agents']) {
      if (items(item(environment, field)).length > 0) continue
      const hint = field === 'agents' ? 'its calls are answered by nobody' : 'no call reaches it'
      yield finding('warning', `no_${field}`, pointerTo('environments', name, field), `${name} has no ${field}`, hint)
    }
  }
}
