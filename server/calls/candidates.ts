import type { Choice } from '../../base/choice.ts'
import { plan, type Step, type Switches } from '../../routes/index.ts'
import { needsOfAgent, needsOfStep } from '../limits/index.ts'
import { isSecureUri } from '../sip/secure-uri.ts'
import type { SipAddress, SipRequest } from '../sip/stack.ts'
import { destinationOf, redirectRules, type DestinationParts } from '../transfer/destination.ts'
import { Redirects } from '../transfer/redirects.ts'
import { traitsOf, type Trunks } from '../legs/trunks.ts'
import type { Admitted, Consultation } from './admission.ts'
import { agentHeaders, factsOf, hopsLeft } from '../legs/caller.ts'
import { supportsReplaces } from '../legs/headers.ts'
import type { Candidate } from './hunt.ts'

/** The agents, in order; of a sips call, those that are reached by TLS. */
export function agentCandidates(
  agents: readonly Choice[],
  invite: SipRequest,
  callId: string,
  { caller, pinned, trunk }: Admitted,
  {
    own,
    trunks,
    isSecure,
    timeout,
  }: { own: readonly SipAddress[]; trunks: Trunks; isSecure: boolean; timeout: number },
): Candidate[] {
  const headers = [...agentHeaders(invite, callId, pinned), supportsReplaces]

  const shared = { from: caller.from, to: caller.to, headers, maxForwards: hopsLeft(invite) }
  // Property by property: V8 builds an object that ends in a spread slowly, and this one is made for each call.
  const { redirectProblem, redirectReach } = redirectRules(pinned, trunk, trunks)
  const { redirects } = trunk
  const rules = { trunk, invite: shared, redirects, isSecure, redirectProblem, redirectReach }

  const called = isSecure ? agents.filter(({ uri }) => isSecureUri(uri)) : agents

  const { progressTimeout } = pinned.settings

  return called.map((agent) => ({
    uri: agent.uri,
    timeout,
    progressTimeout,
    invite: shared,
    redirects: new Redirects(rules, own),
    needs: needsOfAgent(agent, pinned),
  }))
}

/**
 * Destinations in the place of agents: the project's `agent_down` handoff, and those that it falls back to.
 * @param options `numbered`: the step with a number of its pool; undefined when all are taken, and the step is passed over
 */
export function agentDownCandidates(
  parts: DestinationParts,
  callId: string,
  { pinned, caller }: Admitted,
  { switches, numbered }: { switches: Switches; numbered: (step: Step) => Step | undefined },
): Candidate[] {
  const handoff = pinned.settings.agentDown
  if (handoff === undefined) return []
  const facts = factsOf(callId, parts.invite, caller)
  const options = { trunk: traitsOf(parts.trunk), switches }
  const { steps } = plan(pinned, { handoff, reason: 'agent_down' }, facts, options)

  return destinationCandidates(
    steps.flatMap((step) => (step.pool && !step.passedOver ? (numbered(step) ?? []) : step)),
    parts,
  )
}

/** The destinations that an agent consults, in order; of a sips call, those that are reached by TLS. */
export function consultedCandidates({ plan: { steps }, parts }: Consultation, isSecure: boolean): Candidate[] {
  return destinationCandidates(steps, { ...parts, isSecure })
}

/** A handoff by BYE gives the call back: it has no destination to call. One that a switch closes is not called. */
function destinationCandidates(steps: readonly Step[], parts: DestinationParts): Candidate[] {
  return steps
    .filter(({ method, passedOver }) => method !== 'bye' && !passedOver)
    .flatMap((step) => {
      const destination = destinationOf(step, parts)
      const redirects = new Redirects(destination, parts.own)
      const { targets, invite, progressTimeout, needs: needsOfTarget } = destination
      const { ringTimeout: timeout, handoff, encryption } = step
      const ofHandoff = parts.pinned ? needsOfStep(step, parts.pinned) : []

      return targets.map((uri) => {
        const needs = [...ofHandoff, ...(needsOfTarget?.(uri) ?? [])]

        return { uri, invite, timeout, progressTimeout, handoff, encryption, redirects, needs }
      })
    })
}
