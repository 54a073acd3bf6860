import { plan } from '../../routes/index.ts'
import type { SipRequest } from '../sip/stack.ts'
import { destinationOf, type DestinationParts } from '../transfer/destination.ts'
import type { Admitted } from './admission.ts'
import { agentHeaders, factsOf, hopsLeft } from './caller.ts'
import type { Candidate } from './hunt.ts'

/** The agents of the environment, in order. */
export function agentCandidates(
  agents: readonly string[],
  invite: SipRequest,
  callId: string,
  { caller, pinned }: Admitted,
  timeout: number,
): Candidate[] {
  const headers = agentHeaders(invite, callId, pinned)

  const shared = { from: caller.from, to: caller.to, headers, maxForwards: hopsLeft(invite) }

  return agents.map((uri) => ({ uri, timeout, invite: shared }))
}

/** Where callers go when no agent answers: the project's `agent_down` handoff and those that it falls back to. */
export function agentDownCandidates(
  parts: DestinationParts,
  callId: string,
  { pinned, caller }: Admitted,
): Candidate[] {
  const handoff = pinned.settings.agentDown
  if (handoff === undefined) return []
  const { steps } = plan(pinned, { handoff, reason: 'agent_down' }, factsOf(callId, parts.invite, caller))

  return steps
    .filter(({ method }) => method !== 'bye')
    .flatMap((step) => {
      const { targets, invite } = destinationOf(step, parts)

      return targets.map((uri) => ({ uri, invite, timeout: step.ringTimeout, handoff: step.handoff }))
    })
}

/** 408 and 5xx say that this agent cannot; anything else is an answer about the call itself. */
export function anotherAgentMayAnswer(status: number): boolean {
  return status === 408 || (status >= 500 && status < 600)
}
