/** Transfers to a number or a URI that no handoff names, for projects that allow them. */
import { normaliseNumber, numberKind } from './e164.ts'
import { variablesOf, type CallFacts, type TransferRequest } from './facts.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { stepTo, type Plan, type PlanOptions } from './plan.ts'
import { renderHeaders } from '../table/render.ts'
import { compileHandoff } from '../table/table.ts'
import { routeProblem } from '../project/uri.ts'
import { hostsOf, isPrivateHost } from './private-hosts.ts'

/** The handoff's name in plans, metrics and reports. */
export const adhocName = 'adhoc'

/**
 * Why an agent may not ask for this number or URI, or undefined when it may.
 * @param known gateways, as URIs, which may be private since a trunk names them
 */
export function adhocProblem(pinned: PinnedTable, target: string, known: readonly string[] = []): string | undefined {
  if (!pinned.settings.adhoc) return `project ${pinned.project} does not allow raw numbers and URIs (adhoc: false)`

  return routeProblem(target)?.problem ?? deniedProblem(pinned, target) ?? privateProblem(pinned, target, known)
}

/** A private host is nobody's business but that of a handoff, a trunk or `adhoc_hosts`. */
function privateProblem(pinned: PinnedTable, target: string, known: readonly string[]): string | undefined {
  const hidden = hostsOf(target).filter(isPrivateHost)
  if (hidden.length === 0) return undefined
  const routes = pinned.handoffs.map(({ route }) => route ?? '')
  const allowed = new Set([
    ...pinned.settings.adhocHosts.map((host) => host.toLowerCase()),
    ...[...routes, ...known].flatMap(hostsOf),
  ])
  const forbidden = hidden.find((host) => !allowed.has(host))

  return forbidden === undefined
    ? undefined
    : `${forbidden} is a private host, which project ${pinned.project} does not allow (adhoc_hosts)`
}

/** Why nobody may be sent to this number or URI, whoever asks for it; undefined for others. */
export function deniedProblem(pinned: PinnedTable, target: string): string | undefined {
  const number = normaliseNumber(target)
  if (number !== undefined && numberKind(number) === 'premium') return `${number} is a premium-rate number`
  const written = target.toLowerCase()
  const denied = pinned.settings.adhocDeny.find(
    (prefix) => number?.startsWith(prefix) === true || written.startsWith(prefix.toLowerCase()),
  )

  return denied === undefined
    ? undefined
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
