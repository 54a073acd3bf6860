/** A step whose route and headers a resolver has named for one transfer. Pure. */
import { defined } from '../../base/defined.ts'
import { headerNameProblem, headerValueProblem, textProblem } from '../schema/header.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { withMedia } from '../table/handoff-media.ts'
import { renderHeaders, type PlanWarning } from '../table/render.ts'
import { forbiddenProblem, writtenProblem } from './adhoc.ts'
import { variablesOf, type CallFacts, type TransferFacts } from './facts.ts'
import { mediaOf, stepTo, withRoute, type Step, type TrunkTraits } from './plan.ts'

/** What a resolver may decide. */
export interface ResolverAnswer {
  route?: string | undefined
  /** Over those of the handoff and of the transfer request; '' removes one. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Said or played to the person who answers, in the place of that of handoff and request; '' for none. */
  announce?: string | undefined
}

/** Why an answer is not used: `invalid` is a mistake in it, `denied` a destination that the project does not allow. */
export interface AnswerProblem {
  result: 'invalid' | 'denied'
  detail: string
}

export interface AnsweredTransfer {
  pinned: PinnedTable
  request: TransferFacts
  facts: CallFacts
  /** The trunk that the caller came in by. */
  trunk: TrunkTraits
}

/**
 * The step as the answer has it, or why the answer is not used. Its route is held to the rules for a URI that an agent asks
 * for (`adhoc_deny`, `adhoc_allow`, `adhoc_hosts`), its headers to those of a transfer request.
 */
export function resolvedStep(
  step: Step,
  { route, headers = {}, announce }: ResolverAnswer,
  { pinned, request, facts, trunk }: AnsweredTransfer,
): { step: Step; warnings: readonly PlanWarning[] } | AnswerProblem {
  const problem =
    routeMistake(step, route) ?? headersMistake(headers) ?? textMistake(announce) ?? denial(pinned, route, trunk)
  if (problem) return problem
  const handoff = pinned.handoff(step.handoff)
  // Without a route of the table, the headers alone lead nowhere.
  if (!handoff || (step.passedOver && route === undefined)) return { step, warnings: [] }
  const lookup = variablesOf(pinned, request, facts)(handoff.name)
  const { headers: rendered, warnings } = renderHeaders(handoff, lookup, {
    perCall: merged(request.headers ?? {}, headers),
    contextId: request.contextId,
    limits: trunk.headerLimits,
  })
  const media = withMedia(mediaOf(handoff, request, lookup), defined({ announce }))
  if (route === undefined) {
    // The route of the table may have had variables: its text has been filled in.
    const decided = stepTo(handoff, rendered, trunk, media)

    return { step: withRoute(decided, step.target, trunk), warnings }
  }

  return {
    step: { ...stepTo({ ...handoff, pool: undefined, route }, rendered, trunk, media), isResolved: true },
    warnings,
  }
}

function routeMistake({ method }: Step, route: string | undefined): AnswerProblem | undefined {
  if (route === undefined) return undefined
  const mistake = method === 'bye' ? 'method bye has no route' : writtenProblem(route)

  return mistake === undefined ? undefined : { result: 'invalid', detail: `its route: ${mistake}` }
}

function headersMistake(headers: Readonly<Record<string, string>>): AnswerProblem | undefined {
  for (const [name, value] of Object.entries(headers)) {
    const mistake = headerNameProblem(name)?.problem ?? headerValueProblem(value)?.problem
    if (mistake !== undefined) return { result: 'invalid', detail: `its header ${JSON.stringify(name)}: ${mistake}` }
  }

  return undefined
}

function textMistake(announce = ''): AnswerProblem | undefined {
  const mistake = textProblem(announce)?.problem

  return mistake === undefined ? undefined : { result: 'invalid', detail: `its announce: ${mistake}` }
}

function denial(pinned: PinnedTable, route: string | undefined, { gateways }: TrunkTraits): AnswerProblem | undefined {
  const forbidden = route === undefined ? undefined : forbiddenProblem(pinned, route, gateways)

  return forbidden === undefined ? undefined : { result: 'denied', detail: forbidden }
}

/** Names are compared without case. */
function merged(
  requested: Readonly<Record<string, string>>,
  answered: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = new Set(Object.keys(answered).map((name) => name.toLowerCase()))
  const kept = Object.entries(requested).filter(([name]) => !names.has(name.toLowerCase()))

  return { ...Object.fromEntries(kept), ...answered }
}
