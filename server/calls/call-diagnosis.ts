import type { unanswered } from '../legs/termination.ts'
import type { CallView } from '../legs/views.ts'

/** The reasons of calls that were never answered. */
type UnansweredReason = keyof typeof unanswered | 'agent_busy' | 'agent_declined' | 'agent_refused'

interface CallFinding {
  /** A sentence: what happened, and which side caused it. `{called}` and `{code}` are filled in. */
  says: string
  /** A sentence: the change by which the next call is answered. */
  change?: string
}

const lookAtAgents =
  'See that the agents of the environment run, and that their addresses are right; `baton doctor` asks them.'

/** The meaning of each reason. */
export const callFindings: Readonly<Record<UnansweredReason, CallFinding>> = {
  unknown_trunk: {
    says: 'The INVITE came from an address that no trunk has.',
    change: 'Add the address to the `peers` of a trunk, if it is one of yours.',
  },
  unsupported_body: {
    says: 'The caller’s INVITE requires a body that Baton cannot read ({code}).',
    change: 'Have the trunk send SDP, alone or in multipart/mixed.',
  },
  unknown_number: {
    says: '{called} reaches no environment of any project.',
    change:
      'Put it among the `numbers` of an environment, and promote that; see the trunk’s `default_country` for numbers written nationally.',
  },
  no_version: {
    says: '{called} reaches an environment that runs no version of its routing table.',
    change: 'Promote one.',
  },
  draining: {
    says: 'Baton was being stopped, and took no new calls.',
    change: 'Send calls to another Baton meanwhile.',
  },
  overflow: {
    says: 'The project, its environment or all of its agents had as many calls as their limits allow.',
    change: 'Raise the `limit`, give it a `queue`, or set `agent_down`.',
  },
  no_agent: { says: 'No agent took the call.', change: lookAtAgents },
  consult_forbidden: {
    says: 'An agent called a handoff or number itself, which its project does not allow.',
    change: 'Set the project’s `consult`, or `adhoc`, if agents may.',
  },
  not_secure: {
    says: 'The call is sips, and there is no agent or destination that is reached over TLS.',
    change: 'Give agents sips URIs or `transport=tls`; SIP_SIPS=any calls them all the same.',
  },
  not_reached: { says: 'The agent called a handoff, and no destination of it answered.' },
  cancelled: { says: 'The caller hung up before an agent had answered.' },
  max_duration: { says: 'The call was set up for as long as MAX_CALL_DURATION allows.' },
  no_prack: {
    says: 'The caller’s side never acknowledged a provisional response that it wanted to be reliable (no PRACK).',
    change: 'Ask the operator of the caller’s trunk, or have it not require 100rel.',
  },
  hung_up_by_api: { says: 'The call was ended by the API before an agent had answered.' },
  connection_lost: {
    says: 'Baton lost the connection to its SIP server while the call was set up.',
    change: 'See that the drachtio server runs.',
  },
  lost_in_restart: { says: 'Baton was restarted while the call was set up.' },
  internal_error: {
    says: 'Baton failed, which is a defect.',
    change: 'Report it with the log of this call.',
  },
  agent_busy: {
    says: 'The agent was busy ({code}), for all agents.',
    change: 'Have agents answer 503 when another one may take the call.',
  },
  agent_declined: { says: 'The agent declined the call ({code}), for all agents.' },
  agent_refused: {
    says: 'The agent refused the call, for all agents, and the caller got {code}.',
    change: 'docs/calls.md has which statuses speak of one agent alone.',
  },
}

/** One paragraph about a call that ended without an answer: what happened, what each party answered, what to change. */
export function diagnoseCall({
  reason,
  sipStatus,
  called,
  agentDown,
  tried = [],
}: Pick<CallView, 'reason' | 'sipStatus' | 'called' | 'agentDown' | 'tried'>): string {
  const { says, change } = isUnanswered(reason) ? callFindings[reason] : callFindings.internal_error
  const said = says.replace('{called}', () => called).replace('{code}', String(sipStatus ?? 'no status'))
  const answers = tried.map(({ uri, what }) => `${uri}: ${what}`).join('; ')

  return [
    said,
    ...(answers === '' ? [] : [`What each answered: ${answers}.`]),
    ...(agentDown === undefined ? [] : [`The handoff under \`agent_down\`, ${agentDown}, did not take it either.`]),
    ...(change === undefined ? [] : [change]),
  ].join(' ')
}

function isUnanswered(reason: string | undefined): reason is UnansweredReason {
  return reason !== undefined && Object.hasOwn(callFindings, reason)
}
