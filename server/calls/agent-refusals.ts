import type { SipResponse } from '../sip/stack.ts'
import type { Termination } from '../legs/termination.ts'

/** The consequence of an agent's refusal for the caller. */
export type AgentRefusal =
  /** The refusal's Contacts are called where the trunk's `redirects` allows, then the next agent. */
  | { then: 'follow' }
  /** The refusal is about this agent or its leg: the next agent is called, then `agent_down`. */
  | { then: 'next' }
  /** The refusal is about the call: no other agent is called, and the caller gets this status, or the agent's. */
  | { then: 'refuse'; status?: number }

/** Some statuses, or a class of statuses without those that have a row of their own. */
interface RefusalRow {
  statuses: readonly number[] | '3xx' | '4xx' | '5xx' | '6xx'
  refusal: AgentRefusal
  /** The meaning of the status, for docs/calls.md. */
  says: string
}

/** The consequences of an agent's refusal for its caller; docs/calls.md prints this table. */
export const agentRefusals: readonly RefusalRow[] = [
  { statuses: [300, 301, 302], refusal: { then: 'follow' }, says: 'the agent can be reached elsewhere' },
  { statuses: '3xx', refusal: { then: 'next' }, says: 'the agent asks for more than another address' },
  { statuses: [401, 407], refusal: { then: 'next' }, says: 'the agent’s leg lacks credentials' },
  { statuses: [404, 410, 416, 484, 485, 604], refusal: { then: 'next' }, says: 'the agent is not at that address' },
  { statuses: [408, 430], refusal: { then: 'next' }, says: 'the agent did not answer in time' },
  {
    statuses: [400, 405, 413, 414, 420, 421, 422, 423, 428, 436, 437, 438, 439, 440, 469, 489, 493, 494],
    refusal: { then: 'next' },
    says: 'the agent does not understand what Baton sends, or wants what Baton does not do',
  },
  { statuses: [481, 482, 483, 491], refusal: { then: 'next' }, says: 'the agent’s dialog or hops are in disorder' },
  { statuses: [406, 415], refusal: { then: 'refuse', status: 488 }, says: 'the agent cannot do the session' },
  {
    statuses: [487],
    refusal: { then: 'refuse', status: 480 },
    says: 'the agent was called off; the caller did not cancel',
  },
  { statuses: '4xx', refusal: { then: 'refuse' }, says: 'the agent refuses this call: 403, 480, 486, 488 …' },
  { statuses: '5xx', refusal: { then: 'next' }, says: 'the agent is not able to, or sent a 200 that is of no use' },
  { statuses: '6xx', refusal: { then: 'refuse' }, says: 'the agent refuses this call: 600, 603, 606, 607 …' },
]

/** The consequence of a final response, 300 to 699. */
export function agentRefusalOf(status: number): AgentRefusal {
  const group = `${Math.floor(status / 100)}xx`
  const row =
    agentRefusals.find(({ statuses }) => typeof statuses !== 'string' && statuses.includes(status)) ??
    agentRefusals.find(({ statuses }) => statuses === group)

  return row?.refusal ?? { then: 'next' }
}

/** The end of a call that an agent has refused for all agents. */
export function refusedByAgent({ status }: SipResponse): Termination {
  const refusal = agentRefusalOf(status)
  const sipStatus = (refusal.then === 'refuse' ? refusal.status : undefined) ?? status

  return { result: 'rejected', reason: reasonOfRefusal(status), sipStatus, level: 'info' }
}

function reasonOfRefusal(status: number): string {
  if (status === 486 || status === 600) return 'agent_busy'

  return status === 603 ? 'agent_declined' : 'agent_refused'
}
