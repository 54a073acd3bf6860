/** What a transfer will try, in order. Pure: the server runs it, and explain prints it. */
import { formatNumber, normaliseNumber } from './e164.ts'
import { variablesOf, type CallFacts, type TransferRequest } from './facts.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { referTo } from './refer-to.ts'
import type { HeaderLimits } from '../table/profiles.ts'
import { renderHeaders, type RenderedHeader, type Warning } from '../table/render.ts'
import { matchingRule } from '../table/rules.ts'
import type { CallerIdPolicy, Fallback, HandoffRecord, HeaderPlace, Method, NumberFormat } from '../project/schema.ts'
import type { Handoff } from '../table/table.ts'
import { isE164 } from '../project/uri.ts'

/** What a plan must know of the trunk that the caller came in by. */
export interface TrunkTraits {
  name: string
  /** ISO 3166, for numbers written nationally. */
  country?: string | undefined
  numberFormat?: NumberFormat | undefined
  /** `host[:port]` of the trunk, when it wants `sip:number@host;user=phone` and not `tel:number`. */
  numberHost?: string | undefined
  /** What it takes of a transfer's headers. */
  headerLimits?: HeaderLimits | undefined
  /** The transports of its gateways, when they are known: explain warns of wishes that it cannot meet. */
  transports?: readonly ('udp' | 'tcp' | 'tls')[] | undefined
}

/** One attempt. */
export interface Step {
  handoff: string
  method: Method
  /** A sip:, sips: or tel: URI; '' for method `bye`. */
  target: string
  /** The target's E.164 number, when the route is one. */
  number: string | undefined
  /** The whole Refer-To value, for method `refer`. */
  referTo: string | undefined
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
export function plan(pinned: PinnedTable, request: TransferRequest, facts: CallFacts, options: PlanOptions = {}): Plan {
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
  const { target, number } = targetOf(handoff.route, handoff.numberFormat, trunk)
  // RFC 3966: a tel: URI holds no headers; better on the request than lost.
  const headersIn = /^tel:/i.test(target) ? 'request' : handoff.headersIn
  const inside = headersIn === 'request' ? [] : headers

  return {
    handoff: handoff.name,
    method: handoff.method,
    target,
    number,
    referTo: handoff.method === 'refer' ? referTo(target, inside) : undefined,
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
}

/** A number becomes `tel:+…`, or what the trunk wants; a URI stays as it is written. */
function targetOf(
  route: string | undefined,
  format: NumberFormat | undefined,
  trunk: TrunkTraits | undefined,
): { target: string; number: string | undefined } {
  if (route === undefined) return { target: '', number: undefined }
  const number = isE164(route) || /^tel:/i.test(route) ? normaliseNumber(route) : undefined
  if (number !== undefined && trunk?.numberHost !== undefined) {
    const written = formatNumber(number, format ?? trunk.numberFormat ?? 'e164', trunk.country)
    return { target: `sip:${written}@${trunk.numberHost};user=phone`, number }
  }

  // RFC 3966 5.1.4: a tel: URI without plus would need a phone-context; a global number is always whole.
  return { target: isE164(route) ? `tel:${route}` : route, number }
}

/** The headers that go on the request itself; inside a Refer-To go those of `referTo`. */
export function requestHeaders(step: Step, method: Method): readonly RenderedHeader[] {
  return method === 'refer' && step.headersIn === 'refer_to' ? [] : step.headers
}
