import type { Replaces } from '../../engine/index.ts'
import type { PartyLeg, PartyLegOwner } from '../legs/party-leg.ts'
import type { EndedBy } from '../legs/views.ts'
import type { OtherCall } from '../transfer/attempt.ts'
import { TransferRefused } from '../transfer/transfer-plan.ts'
import type { CallLegs } from './call-legs.ts'
import type { ObservedCall } from './observed-call.ts'

/** The operations of a call that the owner of its detached far end needs. */
export interface FarEndHost {
  /** The call gives its far end away: the leg's messages leave the call's ladder. */
  detached(): void
  /** The far end has another session. */
  changed(): void
  /** The far end is with its agent again, or released when the agent has left. */
  reattached(): void
  /** The far end has been joined with another caller. */
  joined(): void
}

/** One call of an agent in an attended transfer: another call of the agent may take over its far end. */
export class FarEnd implements OtherCall {
  readonly id: string
  readonly handoff: string | undefined
  readonly isSecure: boolean
  readonly farEnd: PartyLeg
  readonly agent: PartyLeg
  readonly #host: FarEndHost
  #isDetached = false

  constructor({ id, consultation, isSecure }: ObservedCall, farEnd: PartyLeg, agent: PartyLeg, host: FarEndHost) {
    this.id = id
    this.handoff = consultation?.plan.handoff
    this.isSecure = isSecure
    this.farEnd = farEnd
    this.agent = agent
    this.#host = host
  }

  /** Whether another call handles the far end. */
  get isDetached(): boolean {
    return this.#isDetached
  }

  detach(owner: PartyLegOwner): void {
    this.#isDetached = true
    this.farEnd.owner = owner
    this.#host.detached()
  }

  changed(): void {
    this.#host.changed()
  }

  reattach(): void {
    this.#isDetached = false
    this.#host.reattached()
  }

  complete(): void {
    this.#host.joined()
  }
}

/**
 * The far end of a call that another call may take over; undefined unless two parties talk, and neither is being moved.
 * @param known what this gave before for this call
 * @param finish ends the call, when its far end has been joined elsewhere or a party has left meanwhile
 */
export function settledFarEnd(
  call: AttendedParts,
  known: FarEnd | undefined,
  finish: (reason: 'joined' | 'hangup', by: EndedBy) => void,
): FarEnd | undefined {
  const pair = settledPair(call)
  if (!pair) return undefined
  const [far, agent] = pair
  const { legs, guard } = call

  return (
    known ??
    new FarEnd(call, far, agent, {
      detached: () => {
        legs.detach(far)
      },
      changed: () => call.changed?.(far),
      reattached: () => {
        far.owner = call
        legs.adopt(far, call.consultation ? 'destination' : 'caller')
        if (call.state === 'ended') guard.run(() => far.bye())
        else if (!far.up) finish('hangup', far.role)
        else if (!agent.up) finish('hangup', agent.role)
      },
      joined: () => {
        finish('joined', 'baton')
      },
    })
  )
}

/** A call whose far end may be taken over. */
interface AttendedParts extends ObservedCall, PartyLegOwner {
  readonly legs: CallLegs
}

/** The legs of two parties that talk, of which neither is being moved: the one that another call may take over, and the agent's. */
function settledPair({
  consultation,
  state,
  caller,
  agent,
  destination,
}: ObservedCall): [far: PartyLeg, agent: PartyLeg] | undefined {
  const [far, own] = consultation ? [destination, caller] : [caller, agent]
  const isSettled = state === (consultation ? 'bridged' : 'connected')

  return isSettled && far && own ? [far, own] : undefined
}

/** A call that an agent's Replaces may name. */
interface AttendedCall extends ObservedCall {
  readonly legs: CallLegs
  readonly farEnd: FarEnd | undefined
}

/** A dialog that an agent's Replaces names, and its call. */
export interface NamedDialog<Call> {
  call: Call
  leg: PartyLeg
}

/**
 * The dialog that Replaces names (RFC 3891 3), among calls that are up. Agents write the tags from either side; Call-ID and
 * both tags must match.
 */
export function dialogNamed<Call extends AttendedCall>(
  { callId, toTag, fromTag }: Replaces,
  live: Iterable<Call>,
): NamedDialog<Call> | undefined {
  for (const call of live) {
    const leg = call.legs.all.find(({ dialog }) => {
      if (dialog?.callId !== callId || dialog.ended) return false
      const { localTag, remoteTag } = dialog

      return (localTag === toTag && remoteTag === fromTag) || (localTag === fromTag && remoteTag === toTag)
    })
    if (leg) return { call, leg }
  }

  return undefined
}

/**
 * The call whose caller is moved, and the call whose far end joins it: the agent may send its REFER in either call.
 * @param referred the call in which the agent has sent REFER
 * @throws TransferRefused when the dialog is not of this agent, or one of the calls is being transferred
 */
export function attendedPair<Call extends AttendedCall>(
  referred: Call,
  { call, leg }: NamedDialog<Call>,
): { call: Call; other: OtherCall } {
  const [moved, other] = referred.consultation ? [call, referred] : [referred, call]
  const isAgentLeg = leg === (call.consultation ? call.caller : call.agent)
  const isSameAgent =
    agentUriOf(referred) === agentUriOf(call) &&
    referred.project === call.project &&
    referred.environment === call.environment
  if (!isAgentLeg || !isSameAgent || call === referred || moved.consultation) throw TransferRefused.otherAgent()
  const { farEnd } = other
  if (!farEnd) throw TransferRefused.running('another destination')

  return { call: moved, other: farEnd }
}

/** The agent's URI as its environment has it. */
function agentUriOf({ consultation, agent }: ObservedCall): string | undefined {
  return consultation?.agent ?? agent?.uri
}
