/** What a telephony engineer would say of a project before it is published. */
import { checkProjectInTurns } from './check.ts'
import { normaliseNumber, numberWarning } from '../schema/e164.ts'
import { pointerTo, type PointerBuilder } from '../schema/errors.ts'
import { type LintFinding, type LintSeverity, lintCallable, lintLongHeaders } from './lint-trunks.ts'
import { lintAudio, lintMedia, lintProjectMedia } from './lint-media.ts'
import type { SipSetup } from '../plan/handoff-problems.ts'
import { item, items } from './unchecked.ts'
import { isLoopback } from '../../base/address.ts'
import { inSlices } from '../../base/slices.ts'
import { nearest } from '../../base/nearest.ts'
import { profiles } from '../table/profiles.ts'
import { handoffDefaults, type HandoffRecord, type ProjectFile, type RuleRecord } from '../schema/project-file.ts'
import { parseTemplate, Template, builtInVariables, isBuiltIn, sampleRoute } from '../table/template.ts'
import { isE164, parseRoute } from '../schema/uri.ts'

/**
 * Every finding, worst first, then in the order of the file; made in turns of the event loop.
 * @param sipSetup the trunks and listeners; without them lint does not ask whether handoffs can be called
 */
export async function lintProject(file: ProjectFile, now: number, sipSetup?: SipSetup): Promise<LintFinding[]> {
  const mistakes = (await checkProjectInTurns(file)).map((problem): LintFinding => ({
    severity: 'error',
    code: 'invalid',
    ...problem,
  }))
  if (mistakes.length) return mistakes
  const found: LintFinding[] = []
  await inSlices(file.table.handoffs.entries(), ([i, handoff]) => {
    found.push(...lintHandoff(handoff, file, (...path) => pointerTo('table', 'handoffs', i, ...path), sipSetup))
  })
  found.push(
    ...lintAudio(file),
    ...(sipSetup ? lintProjectMedia(file, sipSetup) : []),
    ...lintRules(file),
    ...lintSchedules(file, now),
    ...lintEnvironments(file),
    ...(await callable(file, sipSetup)),
  )
  const order: LintSeverity[] = ['error', 'warning', 'info']

  return found.sort(
    (a, b) =>
      order.indexOf(a.severity) - order.indexOf(b.severity) ||
      a.pointer.localeCompare(b.pointer, 'en', { numeric: true }),
  )
}

async function callable({ table }: ProjectFile, sipSetup: SipSetup | undefined): Promise<LintFinding[]> {
  const found = sipSetup ? await lintCallable(table, sipSetup) : []

  return found.map((one) => ({ ...one, pointer: `/table${one.pointer}` }))
}

function finding(severity: LintSeverity, code: string, pointer: string, problem: string, hint: string): LintFinding {
  return { severity, code, pointer, problem, hint }
}

function* lintHandoff(
  handoff: HandoffRecord,
  file: ProjectFile,
  at: PointerBuilder,
  sipSetup?: SipSetup,
): Generator<LintFinding> {
  if (handoff.route !== undefined) yield* lintRoute(sampleRoute(handoff.route), file, at)
  if (handoff.description === undefined) {
    yield finding('info', 'no_description', at('description'), 'has no description', 'say what the destination is')
  }
  const { deadline, ring_timeout: ringTimeout } = { ...handoffDefaults, ...handoff }
  if (deadline < ringTimeout) {
    const hint = 'make it longer than ring_timeout'
    yield finding('warning', 'short_deadline', at('deadline'), 'ends before the ringing may', hint)
  }
  yield* lintReceiver(handoff, at)
  yield* lintLongHeaders(handoff, file, at, sipSetup)
  yield* lintTelHeaders(handoff, at)
  if (sipSetup) yield* lintMedia(handoff, at, sipSetup)
  yield* lintResolver(handoff, at)
  yield* lintNext(handoff, file, at)
  for (const [name, value] of Object.entries(handoff.headers ?? {})) {
    yield* lintVariables(value, file, at('headers', name))
  }
}

/** Whether the receiver of the handoff's profile takes its method, its route and its headers. */
function* lintReceiver(handoff: HandoffRecord, at: PointerBuilder): Generator<LintFinding> {
  const { profile, route = '', method = handoffDefaults.method, headers = {} } = handoff
  if (profile === undefined) return
  const { advice, limits, refuses } = profiles[profile]

  if (advice.refer !== undefined && method === 'refer') {
    yield finding('warning', 'profile_method', at('method'), advice.refer, 'change the method')
  }
  if (advice.sips !== undefined && /^sips:/i.test(route)) {
    yield finding('warning', 'profile_sips', at('route'), advice.sips, 'change the route')
  }
  const { count } = limits
  if (count !== undefined && Object.keys(headers).length > count) {
    const problem = `${profile} takes ${count}: the last are left out`
    yield finding('warning', 'too_many_headers', at('headers'), problem, 'take some out')
  }
  for (const name of Object.keys(headers)) {
    const refused = refuses(name.toLowerCase())
    if (refused === undefined) continue
    yield finding('warning', 'header_not_read', at('headers', name), refused, 'choose another name')
  }
}

/** A resolver gets the caller's number and context, and decides where callers go. */
function* lintResolver({ resolver }: HandoffRecord, at: PointerBuilder): Generator<LintFinding> {
  if (!resolver) return
  const { protocol, hostname } = new URL(resolver.url)
  if (protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, ''))) {
    const problem = 'http: shows each call to the network, which may also change the answer'
    yield finding('warning', 'resolver_http', at('resolver', 'url'), problem, 'write https:')
  }
  if (resolver.secret === undefined) {
    const problem = 'its requests are not signed: the endpoint cannot tell them from others'
    const hint = 'name a secret of RESOLVER_SECRETS'
    yield finding('info', 'resolver_unsigned', at('resolver', 'secret'), problem, hint)
  }
}

/** RFC 3966 3: a tel: URI in Refer-To has no headers. */
function* lintTelHeaders(handoff: HandoffRecord, at: PointerBuilder): Generator<LintFinding> {
  const { method = handoffDefaults.method, route = '', profile } = handoff
  const place = handoff.headers_in ?? (profile && profiles[profile].headersIn) ?? handoffDefaults.headers_in
  const hasData = Object.keys(handoff.headers ?? {}).length > 0 || handoff.user_to_user !== undefined
  if (place === 'request' || !hasData || method !== 'refer' || !(isE164(route) || /^tel:/i.test(route))) return
  const problem = 'a tel: URI holds no headers: they go on the REFER itself'
  const hint = 'write sip:+14155550100@trunk.example;user=phone'
  yield finding('warning', 'tel_has_no_headers', at('route'), problem, hint)
}

/** Where callers go after the handoff. */
function* lintNext(handoff: HandoffRecord, { table }: ProjectFile, at: PointerBuilder): Generator<LintFinding> {
  const { method, on_failure: onFailure = [] } = handoff
  if (method === 'bye' && onFailure.length > 0) {
    const problem = 'the call is given back: nothing can be tried next'
    yield finding('warning', 'after_bye', at('on_failure'), problem, 'take it out')
  }
  if (handoff.schedule !== undefined && !handoff.when_closed?.length) {
    const problem = 'names no handoff for when it is closed: callers get the default handoff'
    yield finding('info', 'closed_nowhere', at('when_closed'), problem, 'name where callers go')
  }
  for (const [i, name] of onFailure.entries()) {
    if (table.handoffs.find((other) => other.name === name)?.active !== false) continue
    const problem = `${name} is not active: it is left out`
    yield finding('info', 'not_active', at('on_failure', i), problem, 'activate it, or take it out')
  }
}

function* lintRoute(route: string, file: ProjectFile, at: PointerBuilder): Generator<LintFinding> {
  const warn = (code: string, problem: string, hint: string): LintFinding =>
    finding('warning', code, at('route'), problem, hint)
  const uri = parseRoute(route)
  const number = normaliseNumber(route)
  if (number !== undefined) {
    const warning = numberWarning(number)
    const hint = warning?.code === 'premium_number' ? 'is the cost meant?' : 'check its digits'
    if (warning) yield warn(warning.code, warning.detail, hint)
    const own = Object.entries(file.environments).find(([, { numbers }]) => numbers?.includes(number))
    if (own) yield warn('loop', `${number} is this project's own, of ${own[0]}`, 'callers would come back')
  } else if (uri?.kind === 'tel') {
    yield warn('short_number', `${route} is a short or local number`, 'does the trunk know it?')
  } else if (/;user=phone/i.test(uri?.params ?? '')) {
    yield warn('not_e164', `${route} is not an E.164 number`, 'write sip:+14155550100@host;user=phone')
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

const dayMs = 86_400_000

function* lintSchedules({ table }: ProjectFile, now: number): Generator<LintFinding> {
  const used = new Set([
    ...table.handoffs.map(({ schedule }) => schedule),
    ...(table.rules ?? []).map(({ when }) => when?.schedule),
  ])
  for (const [i, schedule] of (table.schedules ?? []).entries()) {
    const at: PointerBuilder = (...path) => pointerTo('table', 'schedules', i, ...path)
    if (!used.has(schedule.name)) yield finding('info', 'unused', at(), `nothing uses ${schedule.name}`, 'take it out')
    for (const [j, { until }] of (schedule.overrides ?? []).entries()) {
      // A day later it has expired in every time zone.
      if (Date.parse(until) + dayMs < now) {
        yield finding('info', 'expired', at('overrides', j), `expired ${until}`, 'take it out')
      }
    }
  }
}

function* lintEnvironments({ environments }: ProjectFile): Generator<LintFinding> {
  for (const [name, environment] of Object.entries(environments)) {
    for (const field of ['numbers', 'agents']) {
      if (items(item(environment, field)).length > 0) continue
      const hint = field === 'agents' ? 'no agent answers its calls' : 'no call reaches it'
      yield finding('warning', `no_${field}`, pointerTo('environments', name, field), `${name} has no ${field}`, hint)
    }
  }
}
