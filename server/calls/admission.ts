import type { Trunk } from '../../config/index.ts'
import type { PinnedTable, Plan, Routing } from '../../routes/index.ts'
import type { SipRequest } from '../sip/stack.ts'
import { sessionBodyProblem } from '../sip/body-part.ts'
import { identify, type CallerIdentity } from '../legs/caller.ts'
import { unanswered, type Termination } from '../legs/termination.ts'
import type { DestinationParts } from '../transfer/destination.ts'

/** A call that an agent makes itself, to ask a handoff's destination before it hands its caller over (RFC 5589 7). */
export interface Consultation {
  /** The id of the caller's call. */
  readonly about: string
  /** The agent's URI in that call. */
  readonly agent: string
  readonly plan: Plan
  /** The destination is called as a transfer of that call would call it. */
  readonly parts: DestinationParts
}

/** A call that Baton serves: its caller, its trunk, and the routing table that it keeps to its end. */
export interface Admitted {
  readonly caller: CallerIdentity
  readonly trunk: Trunk
  readonly pinned: PinnedTable
  /** Present in a call that the agent of another call has made. */
  readonly consultation?: Consultation
}

/** Finds the environment of a dialled number, the release that the environment runs, and its switches. */
export type CallRouting = Pick<Routing, 'findNumber' | 'current'> & { switches: Pick<Routing['switches'], 'of'> }

/** A call that Baton refuses. */
export interface Refused {
  readonly caller: CallerIdentity
  readonly trunk: Trunk
  /** `none` while the number's environment is unknown. */
  readonly project: string
  readonly environment: string
  readonly refusal: Termination
}

export type Admission = Admitted | Refused

export function isRefused(admission: Admission): admission is Refused {
  return 'refusal' in admission
}

/** Whether no project has the dialled number. */
export function isForUnknownNumber(admission: Admission): boolean {
  return isRefused(admission) && admission.refusal === unanswered.unknown_number
}

/**
 * Dialled number → project and environment → version, all from memory.
 * @param rehearsed the table of a rehearsal, which has no number of its own
 */
export function admit(
  request: SipRequest,
  trunk: Trunk,
  routing: CallRouting,
  draining: boolean,
  rehearsed?: PinnedTable,
): Admission {
  const caller = identify(request, trunk.defaultCountry)
  const refuse = (refusal: Termination, project = 'none', environment = 'none'): Refused => ({
    caller,
    trunk,
    project,
    environment,
    refusal,
  })
  if (sessionBodyProblem(request)) return refuse(unanswered.unsupported_body)

  const place = rehearsed ?? routing.findNumber(caller.called, trunk.defaultCountry)
  if (!place) return refuse(unanswered.unknown_number)
  const { project, environment } = place
  if (draining) return refuse(unanswered.draining, project, environment)

  const pinned = rehearsed ?? routing.current(project, environment, caller.number)
  if (pinned === undefined || pinned === 'unknown') return refuse(unanswered.no_version, project, environment)

  return { caller, trunk, pinned }
}

/** Whether an agent consults about a sips call. */
export function isSecureConsultation(admission: Admission): boolean {
  return !isRefused(admission) && admission.consultation?.parts.isSecure === true
}
