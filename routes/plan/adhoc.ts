/** Transfers to a number or a URI that no handoff names, for projects that allow them. */
import { normaliseNumber, numberKind } from '../schema/e164.ts'
import { variablesOf, type CallFacts, type TransferFacts } from './facts.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { stepTo, type Plan, type PlanOptions, type Step } from './plan.ts'
import { renderHeaders } from '../table/render.ts'
import { compileHandoff } from '../table/table.ts'
import { headerValueProblem } from '../schema/header.ts'
import { embeddedHeadersProblem, routeProblem } from '../schema/uri.ts'
import { dialledNumber } from './dialled-number.ts'
import { hostsOf, isNamedBy, isPrivateHost, nextHopOf } from './private-hosts.ts'

/** The handoff's name in plans, metrics and reports. */
export const adhocName = 'adhoc'

/**
 * Why an agent may not ask for this number or URI, or undefined when it may.
 * @param known gateways, as URIs, which may be private since a trunk names them
 */
export function adhocProblem(pinned: PinnedTable, target: string, known: readonly string[] = []): string | undefined {
  if (!pinned.settings.adhoc) return `project ${pinned.project} does not allow raw numbers and URIs (adhoc: false)`

  return (
    (headerValueProblem(target) ?? routeProblem(target) ?? embeddedHeadersProblem(target))?.problem ??
    deniedProblem(pinned, target) ??
    privateProblem(pinned, target, known)
  )
}

/**
 * Which addresses the host name in an agent's URI, or in a redirection, may resolve to: public ones only, unless the
 * project, a handoff or a gateway names the same next hop. Undefined allows every address.
 */
export function reachableAddresses(
  pinned: PinnedTable,
  target: string,
  known: readonly string[] = [],
): ((address: string) => boolean) | undefined {
  return hostsOf(target).length === 0 || isNamed(pinned, target, known) ? undefined : isPublic
}

function isPublic(address: string): boolean {
  return !isPrivateHost(address)
}

/** A private host may be called where a handoff, a gateway or `adhoc_hosts` names it, at the port of that name. */
function privateProblem(pinned: PinnedTable, target: string, known: readonly string[]): string | undefined {
  const hidden = hostsOf(target).find(isPrivateHost)
  if (hidden === undefined || isNamed(pinned, target, known)) return undefined

  return `${hidden} is a private host, which project ${pinned.project} does not allow (adhoc_hosts)`
}

function isNamed(pinned: PinnedTable, target: string, known: readonly string[]): boolean {
  if (isAdhocHost(pinned, target)) return true
  const hop = nextHopOf(target)

  return [...pinned.handoffs.map(({ route }) => route ?? ''), ...known].some((uri) => nextHopOf(uri) === hop)
}

/** Whether the project's `adhoc_hosts` name the next hop of a URI. */
export function isAdhocHost({ settings }: PinnedTable, uri: string): boolean {
  return settings.adhocHosts.some((entry) => isNamedBy(entry, uri))
}

/** Why no caller may be sent to this number or URI, by request or by redirection; undefined when one may. */
export function deniedProblem(pinned: PinnedTable, target: string): string | undefined {
  const { adhocAllow, adhocDeny } = pinned.settings
  const number = dialledNumber(target)
  const written = target.toLowerCase()
  const denied = adhocDeny.find(
    (prefix) => number?.startsWith(prefix) === true || written.startsWith(prefix.toLowerCase()),
  )

  return denied === undefined
    ? deniedNumberProblem(target, adhocAllow)
    : `${target} begins with ${denied}, which project ${pinned.project} denies (adhoc_deny)`
}

/** Plans a transfer to a number or a URI that `adhocProblem` allows, as a handoff with every default. */
export function adhocPlan(
  pinned: PinnedTable,
  target: string,
  request: TransferFacts,
  facts: CallFacts,
  options: PlanOptions = {},
): Plan {
  const route = /^(tel|sips?):/i.test(target) ? target : (normaliseNumber(target) ?? target)
  const handoff = compileHandoff({ name: adhocName, route })
  const { headers, warnings } = renderHeaders(handoff, variablesOf(pinned, request, facts)(adhocName), {
    perCall: request.headers,
    contextId: request.contextId,
    limits: options.trunk?.headerLimits,
  })

  return {
    requested: target,
    matched: 'hit',
    handoff: adhocName,
    deadline: handoff.deadline,
    steps: [stepTo(handoff, headers, options.trunk)],
    warnings,
  }
}

/** The step that bridges the caller to a party that is on a call already, with the defaults of a handoff. */
export function bridgeStep(name: string, uri: string): Step {
  return stepTo(compileHandoff({ name, route: uri, method: 'invite', fallback: 'none' }), [], undefined)
}

/**
 * Ranges that are denied unless a project's `adhoc_allow` has them: satellites, networks without a country, and the small
 * numbering plans that revenue share fraud uses most.
 */
const deniedByDefault: readonly string[] = [
  // ITU-T E.164.1: Inmarsat, personal numbers, satellites, international networks, disaster relief, premium rate.
  ...['+870', '+878', '+881', '+882', '+883', '+888', '+979'],
  // Diego Garcia, Ascension, Saint Helena, Nauru, Solomon Islands, Wallis and Futuna, Niue, Kiribati, Tuvalu, Tokelau.
  ...['+246', '+247', '+290', '+674', '+677', '+681', '+683', '+686', '+688', '+690'],
]

/** Why this number, or that of a tel: or SIP URI, may not be dialled. `allow` lists prefixes that are exempt. */
function deniedNumberProblem(target: string, allow: readonly string[]): string | undefined {
  const number = dialledNumber(target)
  if (number === undefined || allow.some((prefix) => number.startsWith(prefix))) return undefined
  if (numberKind(number) === 'premium') return `${number} is a premium-rate number (adhoc_allow exempts it)`
  const range = deniedByDefault.find((prefix) => number.startsWith(prefix))

  return range === undefined
    ? undefined
    : `${number} is in ${range}, a range of satellites, premium rates or fraud (adhoc_allow exempts it)`
}
