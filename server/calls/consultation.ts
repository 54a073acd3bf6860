import { isTelUri, parseNameAddr, parseSipUri, parseUri } from '../../engine/index.ts'
import type { Plan } from '../../routes/index.ts'
import { sessionBodyProblem } from '../media/session-body.ts'
import type { SipRequest } from '../sip/stack.ts'
import { destinationOf, type DestinationParts } from '../transfer/destination.ts'
import { Redirects } from '../transfer/redirects.ts'
import { isRawTarget, planTransfer } from '../transfer/transfer-plan.ts'
import { TransferRefused } from '../transfer/transfer-refused.ts'
import { isRefused, type Admitted, type Refused } from './admission.ts'
import type { Call } from './call.ts'
import { factsOf, identify } from '../legs/caller.ts'
import type { Candidate } from './hunt.ts'
import { byName } from '../legs/headers.ts'
import { extensionHeaders } from '../legs/headers.ts'
import { unanswered, type Termination } from '../legs/termination.ts'

/** A call that an agent makes itself: it asks somebody before it hands its caller over (RFC 5589 7). */
export interface Consultation {
  /** The id of the call that it is about. */
  readonly about: string
  /** The agent's URI, as that call has it. */
  readonly agent: string
  readonly plan: Plan
  /** The destination is called as a transfer of that call would call it. */
  readonly parts: DestinationParts
}

/**
 * Reads an INVITE as an agent's that has a caller: `INVITE sip:front-desk@baton`, from where that agent is. It keeps to
 * the version that the caller's call is pinned to. Undefined when it is not of such an agent.
 */
export function consult(request: SipRequest, live: Iterable<Call>): Admitted | Refused | undefined {
  const call = callOfAgent(request, live)
  if (!call?.agent || isRefused(call.admission)) return undefined
  const { trunk, pinned, caller: about } = call.admission
  const caller = identify(request, trunk.defaultCountry)
  const place = { project: pinned.project, environment: pinned.environment }
  const refuse = (refusal: Termination): Refused => ({ caller, trunk, ...place, refusal })
  if (!pinned.settings.consult) return refuse(unanswered.consult_forbidden)
  if (sessionBodyProblem(request)) return refuse(unanswered.unsupported_body)
  const handoff = userOf(request.uri)
  if (!pinned.handoff(handoff) && !isRawTarget(handoff)) return refuse(unanswered.unknown_number)

  try {
    const wish = { handoff, requestedBy: 'refer' as const, headers: byName(extensionHeaders(request)) }
    const parts = call.destinationParts(call.admission)
    const plan = planTransfer(wish, { pinned, facts: factsOf(call.id, call.invite, about), trunk, own: parts.own })

    return { caller, trunk, pinned, consultation: { about: call.id, agent: call.agent.uri, plan, parts } }
  } catch (error) {
    if (error instanceof TransferRefused) return refuse(unanswered.consult_forbidden)
    throw error
  }
}

/** Whom the agent rings, in order, over TLS alone if its own call is sips. A handoff that gives calls back by BYE has nobody to ask. */
export function consultedCandidates({ plan, parts }: Consultation, isSecure: boolean): Candidate[] {
  return plan.steps
    .filter(({ method }) => method !== 'bye')
    .flatMap((step) => {
      const destination = destinationOf(step, { ...parts, isSecure })
      const redirects = new Redirects(destination, parts.own)
      const { targets, invite, progressTimeout } = destination

      return targets.map((uri) => ({ uri, invite, timeout: step.ringTimeout, progressTimeout, redirects }))
    })
}

// The latest call is the one that the agent is about to hand over, unless it says which.
function callOfAgent(request: SipRequest, live: Iterable<Call>): Call | undefined {
  return [...live].findLast((call) => call.state === 'connected' && isFromAgent(request, call))
}

/** From the address of the call's agent; and it names the call, or can be reached where that agent is. */
function isFromAgent(request: SipRequest, { id, agent }: Call): boolean {
  if (!agent?.up) return false
  // Any stranger's INVITE is compared with every live call: most are told apart before anything is parsed.
  const known = [agent.dialog?.remoteTarget ?? '', agent.uri]
    .filter((uri) => uri.includes(request.source.address))
    .map((uri) => parseSipUri(uri))
  if (known.length === 0) return false
  const named = request.header('X-Baton-Call-Id')
  const contact = parseSipUri(parseNameAddr(request.header('Contact') ?? '')?.uri ?? '')

  return known.some(
    (uri) =>
      uri?.host === request.source.address &&
      (named === undefined ? contact?.host === uri.host && contact.port === uri.port : named === id),
  )
}

function userOf(uri: string): string {
  const parsed = parseUri(uri)
  if (parsed && isTelUri(parsed)) return parsed.number

  // RFC 3261 19.1.1: what follows a semicolon are parameters of the user; no name holds one.
  return (parseSipUri(uri)?.user ?? '').replace(/;.*/s, '')
}
