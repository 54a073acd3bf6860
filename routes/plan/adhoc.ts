/** Transfers to a number or a URI that no handoff names, for projects that allow them. */
import { normaliseNumber } from '../schema/e164.ts'
import { variablesOf, type CallFacts, type TransferFacts } from './facts.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { mediaOf, stepTo, type Plan, type PlanOptions, type Step } from './plan.ts'
import { renderHeaders } from '../table/render.ts'
import { compileHandoff } from '../table/table.ts'
import { headerValueProblem } from '../schema/header.ts'
import { embeddedHeadersProblem, routeProblem } from '../schema/uri.ts'
import { deniedProblem } from './dialled-number.ts'
import { hostsOf, isNamedBy, isPrivateHost, nextHopOf } from './private-hosts.ts'

/** The handoff's name in plans, metrics and reports. */
export const adhocName = 'adhoc'

/**
 * Why an agent may not ask for this number or URI, or undefined when it may.
 * @param known gateways, as URIs, which may be private since a trunk names them
 */
export function adhocProblem(pinned: PinnedTable, target: string, known: readonly string[] = []): string | undefined {
  if (!pinned.settings.adhoc) return `project ${pinned.project} does not allow raw numbers and URIs (adhoc: false)`

  return writtenProblem(target) ?? forbiddenProblem(pinned, target, known)
}

/** Why a text is no route. */
export function writtenProblem(target: string): string | undefined {
  return (headerValueProblem(target) ?? routeProblem(target) ?? embeddedHeadersProblem(target))?.problem
}

/** Why a project allows no caller to be sent to a destination that its table does not name: its number, or its private host. */
export function forbiddenProblem(
  pinned: PinnedTable,
  target: string,
  known: readonly string[] = [],
): string | undefined {
  return deniedProblem(pinned, target) ?? privateProblem(pinned, target, known)
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
  const lookup = variablesOf(pinned, request, facts)(adhocName)
  const { headers, warnings } = renderHeaders(handoff, lookup, {
    perCall: request.headers,
    contextId: request.contextId,
    limits: options.trunk?.headerLimits,
  })

  return {
    requested: target,
    matched: 'hit',
    handoff: adhocName,
    deadline: handoff.deadline,
    steps: [stepTo(handoff, headers, options.trunk, mediaOf(handoff, request, lookup))],
    warnings,
  }
}

/** The step that bridges the caller to a party that is on a call already, with the defaults of a handoff. */
export function bridgeStep(name: string, uri: string): Step {
  return stepTo(compileHandoff({ name, route: uri, method: 'invite', fallback: 'none' }), [], undefined)
}
