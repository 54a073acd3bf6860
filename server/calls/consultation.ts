import { isTelUri, parseNameAddr, parseSipUri, parseUri } from '../../engine/index.ts'
import { sessionBodyProblem } from '../sip/body-part.ts'
import type { SipRequest } from '../sip/stack.ts'
import { isRawTarget, planTransfer, TransferRefused } from '../transfer/transfer-plan.ts'
import { isRefused, type Admission, type Refused } from './admission.ts'
import type { Call } from './call.ts'
import type { CallParts } from './call-parts.ts'
import { factsOf, identify } from '../legs/caller.ts'
import { byName, extensionHeaders } from '../legs/headers.ts'
import { unanswered, type Termination } from '../legs/termination.ts'

/**
 * Admits the INVITE of an agent that consults a handoff while it has a caller: `INVITE sip:front-desk@baton`, from the agent's
 * address. The consultation uses the version of the caller's call. Undefined when the INVITE is not of such an agent.
 */
export function consult(
  request: SipRequest,
  live: Iterable<Call>,
  switches: CallParts['switches'],
): Admission | undefined {
  const call = callOfAgent(request, live)

  return call && consultFor(call, request, switches)
}

/** Admits the INVITE of the agent of this call as a consultation; undefined when the call has no agent. */
export function consultFor(call: Call, request: SipRequest, switches: CallParts['switches']): Admission | undefined {
  if (!call.agent || isRefused(call.admission)) return undefined
  const { trunk, pinned, caller: about } = call.admission
  const caller = identify(request, trunk.defaultCountry)
  const place = { project: pinned.project, environment: pinned.environment }
  const refuse = (refusal: Termination): Refused => ({ caller, trunk, ...place, refusal })
  if (!pinned.settings.consult) return refuse(unanswered.consult_forbidden)
  if (sessionBodyProblem(request)) return refuse(unanswered.unsupported_body)
  const handoff = userOf(request.uri)
  if (!pinned.handoff(handoff) && !isRawTarget(handoff)) return refuse(unanswered.unknown_number)

  try {
    const requested = { handoff, requestedBy: 'refer' as const, headers: byName(extensionHeaders(request)) }
    const parts = call.destinationParts(call.admission)
    const plan = planTransfer(requested, {
      pinned,
      facts: factsOf(call.id, call.invite, about),
      trunk,
      own: parts.own,
      random: parts.random,
      switches: switches(pinned),
    })

    return { caller, trunk, pinned, consultation: { about: call.id, agent: call.agent.uri, plan, parts } }
  } catch (error) {
    if (error instanceof TransferRefused) return refuse(unanswered.consult_forbidden)
    throw error
  }
}

/** The agent's latest call, unless the INVITE names one. */
function callOfAgent(request: SipRequest, live: Iterable<Call>): Call | undefined {
  return [...live].findLast((call) => call.state === 'connected' && isFromAgent(request, call))
}

/** Whether an INVITE comes from the address of the call's agent, and names the call or has the agent's Contact. */
function isFromAgent(request: SipRequest, { id, agent }: Call): boolean {
  if (!agent?.up) return false
  // The INVITE of an unknown source is compared with every live call: most are told apart before a URI is parsed.
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

  // RFC 3261 19.1.1: parameters of the user follow a semicolon; no handoff's name holds one.
  return (parseSipUri(uri)?.user ?? '').replace(/;.*/s, '')
}
