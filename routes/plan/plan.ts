/** The steps of a transfer, in order: the rule that matches, the handoff it names, and those that follow on failure. Pure. */
import { variablesOf, type CallFacts, type TransferFacts } from './facts.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { numberOfRoute, referUris, routeUri, type DestinationProblem, type NumberTrunk, referTo } from './target-uri.ts'
import type { HeaderLimits } from '../table/profiles.ts'
import { renderHeaders, type RenderedHeader, type Warning } from '../table/render.ts'
import type {
  CallerIdPolicy,
  Fallback,
  HandoffRecord,
  HeaderPlace,
  Method,
  NumberFormat,
  RuleRecord,
} from '../schema/project-file.ts'
import type { Handoff } from '../table/table.ts'
import { normaliseNumber } from '../schema/e164.ts'
import { isOpen } from '../table/schedule.ts'
import { percentileOf } from '../table/share.ts'
import { variableKey, type Lookup } from '../table/template.ts'

/** What a plan must know of the trunk that the caller came in by. */
export interface TrunkTraits extends NumberTrunk {
  /** What it takes of a transfer's headers. */
  headerLimits?: HeaderLimits | undefined
  /** Whether its callers can be moved by REFER; true when left out. */
  refer?: boolean | undefined
}

/** One attempt. */
export interface Step {
  handoff: string
  method: Method
  /** The destination as the table has it: a sip:, sips: or tel: URI; '' for method `bye`. */
  target: string
  /** The target's E.164 number, when the route is one. */
  number: string | undefined
  /** How the handoff wants its number written, in the place of the trunk that it is sent to. */
  numberFormat: NumberFormat | undefined
  /** For method `refer`: the URI in Refer-To, written for the caller's trunk, or why there is none. */
  referUri: string | DestinationProblem | undefined
  /** For method `refer`: the whole Refer-To value, with the headers inside it. */
  referTo: string | undefined
  /** For method `refer`: what is named in turn when the caller's side could not reach the gateway before. */
  otherReferUris?: readonly string[] | undefined
  /** Every header, rendered. Which of them go on the request itself: `requestHeaders`. */
  headers: readonly RenderedHeader[]
  headersIn: HeaderPlace
  /** Seconds. */
  ringTimeout: number
  /** Undefined: as the trunk has it. */
  progressTimeout: number | undefined
  notifyTimeout: number
  fallback: Fallback
  callerId: CallerIdPolicy
  trunk: string | undefined
  transport: HandoffRecord['transport']
  encryption: HandoffRecord['encryption']
  /** Undefined: as the trunk has it. */
  earlyMedia: HandoffRecord['early_media']
  redirects: HandoffRecord['redirects']
  labels: Readonly<Record<string, string>>
}

export interface Plan {
  /** The name that was asked for; '' when none was. */
  requested: string
  /** `default` when no handoff of that name can be tried. */
  matched: 'hit' | 'default'
  /** The handoff that was found; its steps may begin with another when it is closed or not active. */
  handoff: string
  /** The rule that chose it. */
  rule?: string
  /** Seconds for the whole transfer. */
  deadline: number
  steps: readonly Step[]
  warnings: readonly Warning[]
}

export interface PlanOptions {
  trunk?: TrunkTraits | undefined
  /** Milliseconds since the epoch. */
  now?: number | undefined
}

/**
 * Plans a transfer to a handoff by name, or to the one that the table's rules choose. There is always at least one step: the
 * default handoff's.
 */
export function plan(pinned: PinnedTable, request: TransferFacts, facts: CallFacts, options: PlanOptions = {}): Plan {
  const now = options.now ?? Date.now()
  const requested = request.handoff ?? ''
  const variables = variablesOf(pinned, request, facts)
  const rule = matchingRule(request, { pinned, facts, now, lookup: variables(requested) })
  const name = rule?.handoff ?? requested
  const asked = pinned.handoff(name)
  const chain = asked ? pinned.chain(name, now) : []
  const hit = chain.length > 0
  const found = hit && asked ? asked : pinned.default
  const handoffs = hit ? chain : orItself(pinned.chain(found.name, now), found)

  const warnings = standing(pinned, asked, now)
  const steps = handoffs.map((handoff) => {
    const { trunk } = options
    const how = { perCall: request.headers, limits: trunk?.headerLimits }
    const rendered = renderHeaders(handoff, variables(handoff.name), how)
    warnings.push(...rendered.warnings)
    return stepTo(handoff, rendered.headers, trunk)
  })

  return {
    requested,
    matched: hit ? 'hit' : 'default',
    handoff: found.name,
    ...(rule ? { rule: rule.name } : {}),
    deadline: found.deadline,
    steps,
    warnings,
  }
}

/** Why the handoff that was asked for is not the first to be tried. */
function standing(pinned: PinnedTable, asked: Handoff | undefined, now: number): Warning[] {
  if (!asked) return []
  if (!asked.active) return [{ code: 'not_active', detail: `${asked.name} is not active`, handoff: asked.name }]
  if (pinned.isOpen(asked, now)) return []
  const detail = `${asked.name} is closed: schedule ${asked.schedule ?? ''}`

  return [{ code: 'closed', detail, handoff: asked.name }]
}

/** A closed default with nowhere to go is tried all the same: a caller is never left without a destination. */
function orItself(chain: Handoff[], handoff: Handoff): Handoff[] {
  return chain.length ? chain : [handoff]
}

/** One attempt at a handoff. */
export function stepTo(handoff: Handoff, headers: readonly RenderedHeader[], trunk: TrunkTraits | undefined): Step {
  const { numberFormat } = handoff
  const target = routeUri(handoff.route)
  const named = handoff.method === 'refer' ? referUris(target, trunk, numberFormat) : undefined
  const uris = named === undefined || 'code' in named ? [] : named
  const uri = uris.at(0)
  // RFC 3966: a tel: URI holds no headers; better on the request than lost.
  const headersIn = /^tel:/i.test(uri ?? target) ? 'request' : handoff.headersIn

  const step: Step = {
    handoff: handoff.name,
    method: handoff.method,
    target,
    number: numberOfRoute(target),
    numberFormat,
    referUri: named && 'code' in named ? named : uri,
    referTo: undefined,
    ...(uris.length > 1 && { otherReferUris: uris.slice(1) }),
    headers,
    headersIn,
    ringTimeout: handoff.ringTimeout,
    progressTimeout: handoff.progressTimeout,
    notifyTimeout: handoff.notifyTimeout,
    fallback: handoff.fallback,
    callerId: handoff.callerId,
    trunk: handoff.trunk,
    transport: handoff.transport,
    encryption: handoff.encryption,
    earlyMedia: handoff.earlyMedia,
    redirects: handoff.redirects,
    labels: handoff.labels,
  }

  return uri === undefined ? step : withReferUri(step, uri)
}

/** The same step with this URI in its Refer-To. */
export function withReferUri(step: Step, uri: string): Step {
  return { ...step, referUri: uri, referTo: referTo(uri, step.headersIn === 'request' ? [] : step.headers) }
}

/** The headers that go on the request itself; inside a Refer-To go those of `referTo`. */
export function requestHeaders(step: Step, method: Method): readonly RenderedHeader[] {
  return method === 'refer' && step.headersIn === 'refer_to' ? [] : step.headers
}

/** The name that asks for the rules. */
const ruled = 'auto'

interface RuleContext {
  pinned: PinnedTable
  facts: CallFacts
  lookup: Lookup
  /** Milliseconds since the epoch. */
  now: number
}

/** The first rule that matches, for a transfer that names no handoff or one that the rule diverts. */
function matchingRule(request: TransferFacts, situation: RuleContext): RuleRecord | undefined {
  const asked = request.handoff ?? ''
  const open = asked === '' || asked === ruled

  return situation.pinned.table.rules.find(
    (rule) => (rule.asked ? rule.asked.includes(asked) : open) && holds(rule, situation),
  )
}

function holds({ name, when = {} }: RuleRecord, { pinned, facts, lookup, now }: RuleContext): boolean {
  const caller = facts.callerId === undefined ? '' : (normaliseNumber(facts.callerId) ?? facts.callerId)
  const schedule = when.schedule === undefined ? undefined : pinned.table.schedules.get(when.schedule)
  const has = ([variable, value]: [string, string]): boolean => lookup(variableKey(variable)) === value

  return (
    (when.called?.includes(facts.calledNumber ?? '') ?? true) &&
    (when.caller_prefix?.some((prefix) => caller.startsWith(prefix)) ?? true) &&
    Object.entries(when.headers ?? {}).every(([header, value]) => has([`header.${header}`, value])) &&
    Object.entries(when.variables ?? {}).every(has) &&
    (schedule === undefined || isOpen(schedule, now) === ((when.schedule_is ?? 'open') === 'open')) &&
    // A caller without a number has the call's own place.
    (when.share === undefined || percentileOf(caller || facts.callId, name) < when.share)
  )
}
