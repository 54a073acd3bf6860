/** The steps of a transfer, in order: the rule that matches, the handoff it names, and those that follow on failure. Pure. */
import { defined } from '../../base/defined.ts'
import type { Limit } from '../../base/choice.ts'
import { variablesOf, type CallFacts, type TransferFacts } from './facts.ts'
import type { ChainLink, PinnedTable } from '../table/pinned.ts'
import { type DestinationProblem, type NumberTrunk, deniedProblem } from './dialled-number.ts'
import { numberOfRoute, referUris, routeUri, referTo } from './target-uri.ts'
import { methodWith, renderMedia, withMedia, type HandoffMedia } from '../table/handoff-media.ts'
import type { HeaderLimits } from '../table/profiles.ts'
import { renderHeaders, type RenderedHeader, type PlanWarning } from '../table/render.ts'
import type {
  CallerIdPolicy,
  Fallback,
  HandoffRecord,
  HeaderPlace,
  Method,
  NumberFormat,
  RuleRecord,
} from '../schema/project-file.ts'
import type { NumberPool } from '../schema/project-file.ts'
import type { ResolverRecord } from '../schema/resolver-schema.ts'
import { variableKey, type VariableLookup, renderRoute } from '../table/template.ts'
import type { Handoff } from '../table/table.ts'
import { normaliseNumber } from '../schema/e164.ts'
import { describeSwitch, type SwitchRecord } from '../schema/switch.ts'
import { percentileOf } from '../table/share.ts'
import { noSwitches, olderThan, switchOfHandoff, type Switches } from '../table/switch-in-force.ts'

/** The traits of the caller's trunk that a plan depends on. */
export interface TrunkTraits extends NumberTrunk {
  /** The size limits of a transfer's headers. */
  headerLimits?: HeaderLimits | undefined
  /** Whether its callers can be moved by REFER; true when left out. */
  refer?: boolean | undefined
}

/** One handoff of a plan: it becomes one attempt, or two when an INVITE follows a refused REFER. */
export interface Step {
  handoff: string
  method: Method
  /** The destination as the table has it: a sip:, sips: or tel: URI; '' for method `bye`. */
  target: string
  /** The target's E.164 number, when the route is one. */
  number: string | undefined
  /** The handoff's number format, which replaces that of the trunk. */
  numberFormat: NumberFormat | undefined
  /** For method `refer`: the URI in Refer-To, in the format of the caller's trunk, or why there is none. */
  referUri: string | DestinationProblem | undefined
  /** For method `refer`: the value of Refer-To, with the headers inside its URI. */
  referTo: string | undefined
  /** For method `refer`: URIs at further gateways, for when the caller's side cannot reach the one before. */
  otherReferUris?: readonly string[] | undefined
  /** Every rendered header; `requestHeaders` selects those of the request itself. */
  headers: readonly RenderedHeader[]
  headersIn: HeaderPlace
  /** Seconds. */
  ringTimeout: number
  /** Undefined leaves it to the trunk. */
  progressTimeout: number | undefined
  /** The calls that the destination may have. */
  limit?: Limit | undefined
  /** Numbers of which the transfer reserves one for itself; `target` is the first of them before that. */
  pool?: NumberPool | undefined
  /** Asked for the route and headers when the step begins. */
  resolver?: ResolverRecord | undefined
  /** The resolver has named the target: what holds for a URI that an agent names holds for it. */
  isResolved?: true
  notifyTimeout: number
  fallback: Fallback
  callerId: CallerIdPolicy
  trunk: string | undefined
  transport: HandoffRecord['transport']
  encryption: HandoffRecord['encryption']
  /** Undefined leaves it to the trunk. */
  earlyMedia: HandoffRecord['early_media']
  redirects: HandoffRecord['redirects']
  /** What its parties hear, and whether a person must accept the caller. */
  media: HandoffMedia
  labels: Readonly<Record<string, string>>
  /** Why the step is not tried; its headers are not rendered. */
  passedOver?: PassedOverStep | undefined
}

/** Why a handoff of a plan is passed over. */
export interface PassedOverStep {
  reason: 'closed_by_switch' | 'route_incomplete' | 'route_denied' | 'pool_exhausted'
  /** Names the switch, who set it and until when; or what the route lacks, or leads to. */
  detail: string
}

export interface Plan {
  /** The name in the request; '' without one. */
  requested: string
  /** `default` when no handoff of the requested name can be tried. */
  matched: 'hit' | 'default'
  /** The handoff that the plan is for. Its steps begin with another when it is closed or inactive. */
  handoff: string
  /** The rule that chose the handoff. */
  rule?: string
  /** Seconds for the whole transfer. */
  deadline: number
  steps: readonly Step[]
  warnings: readonly PlanWarning[]
}

export interface PlanOptions {
  trunk?: TrunkTraits | undefined
  /** Milliseconds since the epoch. */
  now?: number | undefined
  /** The switches of the environment; none when left out. */
  switches?: Switches | undefined
}

/**
 * Plans a transfer to a handoff by name, or to the one that the table's rules choose. A plan has at least one step, that of
 * the default handoff. Each step of a plan is passed over only where switches close every handoff that it could try.
 */
export function plan(pinned: PinnedTable, request: TransferFacts, facts: CallFacts, options: PlanOptions = {}): Plan {
  const now = options.now ?? Date.now()
  const switches = options.switches ?? noSwitches
  const requested = request.handoff ?? ''
  const variables = variablesOf(pinned, request, facts)
  const rule = matchingRule(request, { pinned, facts, now, switches, lookup: variables(requested) })
  const name = rule?.handoff ?? requested
  const asked = pinned.handoff(name)
  const chain = asked ? pinned.chain(name, now, switches) : []
  const hit = chain.some(isTried)
  const found = hit && asked ? asked : pinned.default
  const links = hit ? chain : thenDefault(chain, orItself(pinned.chain(found.name, now, switches), found))

  const warnings = closedWarnings(pinned, asked, { now, switches })
  const steps = links.map(({ handoff, passedOver }) => {
    const { trunk } = options
    if (passedOver) {
      const detail = switchDetail(passedOver, switches, now)
      warnings.push({ code: 'closed_by_switch', detail, handoff: handoff.name })
      return { ...stepTo(handoff, [], trunk), passedOver: { reason: 'closed_by_switch', detail } } as const
    }
    const { routed, problem } = routedFor(pinned, handoff, variables(handoff.name))
    if (problem) {
      warnings.push({ code: problem.reason, detail: problem.detail, handoff: handoff.name })
      return { ...stepTo(routed, [], trunk), passedOver: problem }
    }
    const how = { perCall: request.headers, contextId: request.contextId, limits: trunk?.headerLimits }
    const rendered = renderHeaders(handoff, variables(handoff.name), how)
    warnings.push(...rendered.warnings)
    return stepTo(routed, rendered.headers, trunk, mediaOf(routed, request, variables(handoff.name)))
  })

  return {
    requested,
    matched: hit ? 'hit' : 'default',
    handoff: found.name,
    ...defined({ rule: rule?.name }),
    deadline: found.deadline,
    steps,
    warnings,
  }
}

/** The handoff with its route for one transfer, or why it has none. */
function routedFor(
  pinned: PinnedTable,
  handoff: Handoff,
  lookup: VariableLookup,
): { routed: Handoff; problem?: PassedOverStep } {
  const { routeTemplate } = handoff
  if (!routeTemplate) return { routed: handoff }
  const { text, template } = routeTemplate
  const route = renderRoute(template, lookup)
  if (typeof route !== 'string') {
    const detail = `its route ${text} needs ${route.map((name) => `$${name}`).join(' and ')}, which this call does not have`

    return { routed: { ...handoff, route: text }, problem: { reason: 'route_incomplete', detail } }
  }
  const routed = { ...handoff, route }
  const denied = deniedProblem(pinned, route)

  return denied === undefined ? { routed } : { routed, problem: { reason: 'route_denied', detail: denied } }
}

function isTried({ passedOver }: ChainLink): boolean {
  return passedOver === undefined
}

/** Why the requested handoff is not the first to be tried, or is tried outside its hours; switches that pass over a step warn there. */
function closedWarnings(
  pinned: PinnedTable,
  asked: Handoff | undefined,
  { now, switches }: { now: number; switches: Switches },
): PlanWarning[] {
  if (!asked) return []
  if (!asked.active) return [{ code: 'not_active', detail: `${asked.name} is not active`, handoff: asked.name }]
  const by = switchOfHandoff(asked, switches, now)
  if (by && by.action !== 'open') return []
  if (pinned.isOpen(asked, now)) return []
  if (by) return [{ code: 'opened_by_switch', detail: switchDetail(by, switches, now), handoff: asked.name }]
  const detail = `${asked.name} is closed: schedule ${asked.schedule ?? ''}`

  return [{ code: 'closed', detail, handoff: asked.name }]
}

/** A switch in words, with the older ones for the same handoff or schedule that it replaces. */
function switchDetail(by: SwitchRecord, switches: Switches, now: number): string {
  const older = olderThan(by, switches, now)
  const replaced = older.map((one) => `"${one.action}" of ${one.by}`).join(', ')

  return `${describeSwitch(by)}, switch ${by.id}${replaced === '' ? '' : `; newer than ${replaced}`}`
}

/** The default handoff follows the handoffs that are passed over, each once. */
function thenDefault(passedOver: readonly ChainLink[], chain: readonly ChainLink[]): ChainLink[] {
  const names = new Set(chain.map(({ handoff }) => handoff.name))

  return [...passedOver.filter(({ handoff }) => !names.has(handoff.name)), ...chain]
}

/**
 * A default handoff whose schedule is closed and that has no `when_closed` is tried all the same, so that each caller has a
 * destination; one that a switch closes is not.
 */
function orItself(chain: ChainLink[], handoff: Handoff): ChainLink[] {
  return chain.length > 0 ? chain : [{ handoff }]
}

/** The step for a handoff. */
export function stepTo(
  handoff: Handoff,
  headers: readonly RenderedHeader[],
  trunk: TrunkTraits | undefined,
  media = handoff.media,
): Step {
  const step: Step = {
    handoff: handoff.name,
    method: methodWith(media, handoff.method),
    target: '',
    number: undefined,
    numberFormat: handoff.numberFormat,
    referUri: undefined,
    referTo: undefined,
    headers,
    headersIn: handoff.headersIn,
    ringTimeout: handoff.ringTimeout,
    progressTimeout: handoff.progressTimeout,
    limit: handoff.limit,
    pool: handoff.pool,
    resolver: handoff.resolver,
    notifyTimeout: handoff.notifyTimeout,
    fallback: handoff.fallback,
    callerId: handoff.callerId,
    trunk: handoff.trunk,
    transport: handoff.transport,
    encryption: handoff.encryption,
    earlyMedia: handoff.earlyMedia,
    redirects: handoff.redirects,
    media,
    labels: handoff.labels,
  }

  return withRoute(step, handoff.route, trunk)
}

/** The media terms of a handoff for one transfer: those of the request first. The text of a request is no template. */
export function mediaOf({ media }: Handoff, { media: asked }: TransferFacts, lookup: VariableLookup): HandoffMedia {
  const rendered = renderMedia(media, lookup)

  return asked ? withMedia(rendered, asked) : rendered
}

/** A copy of the step that leads to this route, in the format of the caller's trunk. */
export function withRoute(step: Step, route: string | undefined, trunk: TrunkTraits | undefined): Step {
  const target = routeUri(route)
  const named = step.method === 'refer' ? referUris(target, trunk, step.numberFormat) : undefined
  const [uri, ...others] = named === undefined || 'code' in named ? [] : named
  const routed: Step = {
    ...step,
    target,
    number: numberOfRoute(target),
    referUri: named && 'code' in named ? named : uri,
    ...(others.length > 0 && { otherReferUris: others }),
    // RFC 3966 3: a tel: URI has no headers; they go on the request instead.
    headersIn: /^tel:/i.test(uri ?? target) ? 'request' : step.headersIn,
  }

  return uri === undefined ? routed : withReferUri(routed, uri)
}

/** A copy of the step with this URI in its Refer-To. */
export function withReferUri(step: Step, uri: string): Step {
  return { ...step, referUri: uri, referTo: referTo(uri, step.headersIn === 'request' ? [] : step.headers) }
}

/** The headers on the request itself; `referTo` has those inside Refer-To. */
export function requestHeaders(step: Step, method: Method): readonly RenderedHeader[] {
  return method === 'refer' && step.headersIn === 'refer_to' ? [] : step.headers
}

/** The name by which a request leaves the handoff to the rules. */
const autoName = 'auto'

interface RuleContext {
  pinned: PinnedTable
  facts: CallFacts
  lookup: VariableLookup
  /** Milliseconds since the epoch. */
  now: number
  switches: Switches
}

/** The first rule that matches: for a request that names no handoff, or for one that the rule diverts. */
function matchingRule(request: TransferFacts, context: RuleContext): RuleRecord | undefined {
  const asked = request.handoff ?? ''
  const isOpenRequest = asked === '' || asked === autoName

  return context.pinned.table.rules.find(
    (rule) => (rule.asked ? rule.asked.includes(asked) : isOpenRequest) && matches(rule, context),
  )
}

/** Whether all conditions of a rule hold; a rule without conditions matches every call. */
function matches(rule: RuleRecord, context: RuleContext): boolean {
  const { when = {} } = rule

  return matchesNumbers(when, context) && matchesValues(when, context) && matchesMoment(rule, context)
}

type RuleConditions = NonNullable<RuleRecord['when']>

function matchesNumbers({ called, caller_prefix: prefixes }: RuleConditions, { facts }: RuleContext): boolean {
  const caller = callerOf(facts)

  return (
    (called?.includes(facts.calledNumber ?? '') ?? true) &&
    (prefixes?.some((prefix) => caller.startsWith(prefix)) ?? true)
  )
}

function matchesValues({ headers = {}, variables = {} }: RuleConditions, { lookup }: RuleContext): boolean {
  return (
    Object.entries(headers).every(([header, value]) => lookup(variableKey(`header.${header}`)) === value) &&
    Object.entries(variables).every(([variable, value]) => lookup(variableKey(variable)) === value)
  )
}

function matchesMoment({ name, when = {} }: RuleRecord, { pinned, facts, now, switches }: RuleContext): boolean {
  if (when.schedule !== undefined) {
    const isOpen = pinned.isScheduleOpen(when.schedule, now, switches)
    if (isOpen !== ((when.schedule_is ?? 'open') === 'open')) return false
  }

  // Without a caller's number, the share is taken by Call-ID.
  return when.share === undefined || percentileOf(callerOf(facts) || facts.callId, name) < when.share
}

function callerOf({ callerId }: CallFacts): string {
  return callerId === undefined ? '' : (normaliseNumber(callerId) ?? callerId)
}
