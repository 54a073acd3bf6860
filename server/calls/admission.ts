import type { Trunk } from '../../config/index.ts'
import type { PinnedTable, Routing } from '../../routes/index.ts'
import type { SipRequest } from '../sip/stack.ts'
import { sessionBodyProblem } from '../media/session-body.ts'
import type { Consultation } from './consultation.ts'
import { identify, type CallerIdentity } from '../legs/caller.ts'
import { unanswered, type Termination } from '../legs/termination.ts'

/** What is known of a call before anybody is rung: whose it is, and the table that it keeps to its end. */
export interface Admitted {
  readonly caller: CallerIdentity
  readonly trunk: Trunk
  readonly pinned: PinnedTable
  /** The agent of another call has made it, to ask somebody. */
  readonly consultation?: Consultation
}

/** Whose a dialled number is, and the table that a call of it keeps to. */
export type CallRouting = Pick<Routing, 'findNumber' | 'current'>

export interface Refused {
  readonly caller: CallerIdentity
  readonly trunk: Trunk
  /** Where the number belongs, as far as that is known. */
  readonly project: string
  readonly environment: string
  readonly refusal: Termination
}

export function isRefused(admission: Admitted | Refused): admission is Refused {
  return 'refusal' in admission
}

/** For a number that no project has. */
export function isForUnknownNumber(admission: Admitted | Refused): boolean {
  return isRefused(admission) && admission.refusal === unanswered.unknown_number
}

/**
 * Dialled number → project and environment → version. All from memory.
 * @param rehearsed the table of a rehearsal, whatever was dialled
 */
export function admit(
  request: SipRequest,
  trunk: Trunk,
  routing: CallRouting,
  draining: boolean,
  rehearsed?: PinnedTable,
): Admitted | Refused {
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
