import { plan, requestHeaders } from '../../routes/index.ts'
import type { SipRequest } from '../sip/stack.ts'
import { inviteTargets } from '../transfer/targets.ts'
import { byName } from '../transfer/wire.ts'
import type { Admitted } from './admission.ts'
import { agentHeaders, factsOf, identityOf } from './caller.ts'
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

  return agents.map((uri) => ({ uri, timeout, invite: { from: caller.from, to: caller.to, headers } }))
}

/** Where callers go when no agent answers: the project's `agent_down` handoff and those that it falls back to. */
export function agentDownCandidates(
  invite: SipRequest,
  callId: string,
  { caller, pinned, trunk }: Admitted,
): Candidate[] {
  const handoff = pinned.settings.agentDown
  if (handoff === undefined) return []
  const { steps } = plan(pinned, { handoff, reason: 'agent_down' }, factsOf(callId, invite, caller))
  const identity = identityOf(invite)

  return steps
    .filter(({ method }) => method !== 'bye')
    .flatMap((step) =>
      inviteTargets(step.target, trunk).map((uri) => ({
        uri,
        timeout: step.ringTimeout,
        invite: { from: caller.from, headers: { ...identity, ...byName(requestHeaders(step, 'invite')) } },
      })),
    )
}

/** 408 and 5xx say that this agent cannot; anything else is an answer about the call itself. */
export function anotherAgentMayAnswer(status: number): boolean {
  return status === 408 || (status >= 500 && status < 600)
}
