/** Transfers to a number or a URI that no handoff names, for projects that allow them. */
import { deniedNumberProblem, dialledNumber } from './denied-numbers.ts'
import { normaliseNumber } from './e164.ts'
import { variablesOf, type CallFacts, type TransferRequest } from './facts.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { stepTo, type Plan, type PlanOptions } from './plan.ts'
import { renderHeaders } from '../table/render.ts'
import { compileHandoff } from '../table/table.ts'
import { headerValueProblem } from '../project/header.ts'
import { embeddedHeadersProblem, routeProblem } from '../project/uri.ts'
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
 * Which addresses the name in an agent's URI, or in a redirection, may turn out to be: none that is private, unless the
 * project, a handoff or a gateway names that very place. Undefined when it does.
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

/** A private host may be reached where a handoff, a gateway or `adhoc_hosts` names it, at the port that it is named with. */
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

/** Whether the project's `adhoc_hosts` name where a URI leads. */
export function isAdhocHost({ settings }: PinnedTable, uri: string): boolean {
  return settings.adhocHosts.some((entry) => isNamedBy(entry, uri))
}

/** Why nobody may be sent to this number or URI, whoever asks for it; undefined for others. */
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

/** Plans a transfer to a number or a URI as a handoff with every default. Ask `adhocProblem` first. */
export function adhocPlan(
  pinned: PinnedTable,
  target: string,
  request: TransferRequest,
  facts: CallFacts,
  options: PlanOptions = {},
): Plan {
  const route = /^(tel|sips?):/i.test(target) ? target : (normaliseNumber(target) ?? target)
  const handoff = compileHandoff({ name: adhocName, route })
  const { headers, warnings } = renderHeaders(handoff, variablesOf(pinned, request, facts)(adhocName), {
    perCall: request.headers,
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
