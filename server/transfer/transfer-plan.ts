import { Refusal } from '../../base/refusal.ts'
import type { Trunk } from '../../config/index.ts'
import {
  adhocPlan,
  adhocProblem,
  bridgeStep,
  plan,
  withReferUri,
  type CallFacts,
  type PinnedTable,
  type Plan,
  type Step,
  type Switches,
} from '../../routes/index.ts'
import { traitsOf } from '../legs/trunks.ts'
import type { SipAddress } from '../sip/stack.ts'
import type { OtherCall } from './attempt.ts'
import { isOwnUri } from './destination.ts'
import type { TransferRequest } from './transfer-request.ts'

/** The call whose caller is transferred. */
export interface PlannedCall {
  pinned: PinnedTable
  facts: CallFacts
  trunk: Trunk
  /** Baton's own listeners. */
  own: readonly SipAddress[]
  /** Chooses among gateways by their weights. */
  random?: (() => number) | undefined
  /** The switches of the call's environment, as they are now. */
  switches: Switches
}

/**
 * The plan of a transfer to a handoff by name, or to a number or URI where the project allows that.
 * @param now the time that schedules see, in milliseconds since the epoch
 * @throws TransferRefused for a number or URI that may not be asked for
 */
export function planTransfer(request: TransferRequest, call: PlannedCall, now?: number): Plan {
  const { pinned, facts, trunk, own, random, switches } = call
  const options = { trunk: traitsOf(trunk, random), now, switches }
  if (pinned.handoff(request.handoff) || !isRawTarget(request.handoff)) return plan(pinned, request, facts, options)

  const problem = isOwnUri(request.handoff, own)
    ? `${request.handoff} leads back to Baton itself`
    : adhocProblem(pinned, request.handoff, trunk.gateways)
  if (problem !== undefined) throw TransferRefused.rawTarget(problem)

  return adhocPlan(pinned, request.handoff, request, facts, options)
}

/** The handoff's name, in plans, metrics and reports, where two callers of one agent are joined. */
const attendedName = 'attended'

/** The one step of an attended transfer: the far end of `other` is connected already, and no INVITE is sent. */
export function joinPlan({ handoff: requested }: TransferRequest, other: OtherCall | undefined): Plan {
  const handoff = other?.handoff ?? attendedName
  const target = other?.farEnd.uri ?? ''

  return { requested, matched: 'hit', handoff, deadline: 60, steps: [bridgeStep(handoff, target)], warnings: [] }
}

/** The same plan with another destination in the place of every route: that of a rehearsal. */
export function reroutedPlan(planned: Plan, target: string): Plan {
  const steps = planned.steps.map((step): Step =>
    step.method === 'bye'
      ? step
      : withReferUri({ ...step, target, otherReferUris: undefined, pool: undefined }, target),
  )

  return { ...planned, steps }
}

/** Whether a request names a URI or a number rather than a handoff. */
export function isRawTarget(handoff: string): boolean {
  return /^(?:sips?:|tel:)/i.test(handoff) || /^\+?[\d().\- ]{3,}$/.test(handoff)
}

/** Why a transfer cannot begin: the API's problem details, and the final response to the agent's REFER. */
export class TransferRefused extends Refusal {
  readonly sipStatus: number

  constructor(parts: { status: number; sipStatus: number; slug: string; title: string; detail: string }) {
    super(parts)
    this.sipStatus = parts.sipStatus
  }

  static running(handoff: string): TransferRefused {
    return new TransferRefused({
      status: 409,
      // RFC 3261 21.4.27: 491 lets the agent send its REFER again.
      sipStatus: 491,
      slug: 'transfer-running',
      title: 'Another transfer is running',
      detail: `the call is being transferred to ${handoff}; wait for transfer.ended`,
    })
  }

  static notConnected(state: string): TransferRefused {
    return new TransferRefused({
      status: 409,
      sipStatus: 403,
      slug: 'call-not-connected',
      title: 'The call is not with its agent',
      detail: `the call is in state ${state}; only a connected call can be transferred`,
    })
  }

  static otherAgent(): TransferRefused {
    return new TransferRefused({
      status: 403,
      sipStatus: 403,
      slug: 'other-agents-call',
      title: 'That call is not of this agent',
      detail: 'Replaces must name the dialog of another call of the same agent, in the same project and environment',
    })
  }

  static noneRuns(): TransferRefused {
    return new TransferRefused({
      status: 409,
      sipStatus: 481,
      slug: 'no-transfer-running',
      title: 'No transfer is running',
      detail: 'the call is not being transferred, so that there is nothing to call off',
    })
  }

  static noneAsked(): TransferRefused {
    return new TransferRefused({
      status: 409,
      sipStatus: 403,
      slug: 'no-person-asked',
      title: 'No person is being asked to accept the caller',
      detail:
        'the destination has not answered, or the caller has been accepted or declined; see the evidence of the call',
    })
  }

  static internalError(): TransferRefused {
    return new TransferRefused({
      status: 500,
      sipStatus: 500,
      slug: 'internal-error',
      title: 'Something went wrong in Baton',
      detail: 'the transfer could not be planned; the log of Baton says more',
    })
  }

  static rawTarget(detail: string): TransferRefused {
    return new TransferRefused({
      status: 403,
      sipStatus: 403,
      slug: 'adhoc-forbidden',
      title: 'This number or URI is not allowed',
      detail,
    })
  }
}
