import { type KeptInvite, wallTime } from '../../engine/index.ts'
import type { CallView } from '../legs/views.ts'
import type { SipRequest } from '../sip/stack.ts'
import { isRefused } from './admission.ts'
import type { CallLegs } from './call-legs.ts'
import { callView, type CallSnapshot } from './call-view.ts'
import type { KeptCall } from './kept-call.ts'
import type { ObservedCall } from './observed-call.ts'

/** Keeps calls for the process after this one. Neither method throws, or waits for a disk. */
export interface CallKeeper {
  /** The call has been answered, rings for long, or is not what it was when it was kept last. */
  changed(call: ObservedCall): void
  /** @param cdr what its CDR will say, until that is written */
  ended(call: ObservedCall, cdr: CallSnapshot): void
}

/** What the next process needs of a call; undefined for one that it cannot take up, such as a rehearsal's. */
export function keepCall(
  call: ObservedCall & { readonly legs: CallLegs },
  invite: SipRequest,
  ringing: KeptInvite | undefined,
): KeptCall | undefined {
  const { admission, startedAt, ringingAt, answeredAt, agentDown, tried, states, consultation } = call
  const { bytes } = invite
  if (isRefused(admission) || call.isRehearsal || bytes === undefined) return undefined
  const { trunk, pinned } = admission
  const { id, project, environment, isSecure, state, origin } = call
  const { node, source } = origin
  const { release, version } = pinned
  const over = call.transfers.filter(({ running }) => !running)
  const running = call.transfers.find((transfer) => transfer.running)
  const transfers = call.pastTransfers.length + over.length > 0

  return {
    id,
    node,
    project,
    environment,
    release,
    version,
    trunk: trunk.name,
    isSecure,
    state,
    startedAt: wallTime(startedAt),
    ringingAt: ringingAt === undefined ? undefined : wallTime(ringingAt),
    answeredAt: answeredAt === undefined ? undefined : wallTime(answeredAt),
    invite: { bytes, source },
    legs: call.legs.keep(),
    ringing,
    agentDown: agentDown === '' ? undefined : agentDown,
    tried: tried.length > 0 ? tried : undefined,
    states: states.length > 0 ? states : undefined,
    consults: consultation?.about,
    numbers: call.numbers?.keep(),
    recording: call.recording.keep(),
    transfers: transfers ? [...call.pastTransfers, ...over.map((transfer) => transfer.view())] : undefined,
    transfer: running?.keep(),
  }
}

/** What the CDR needs of a drachtio server's call, which ends with this process. */
export function keepView(call: ObservedCall): CallView | undefined {
  return call.state === 'ended' || isRefused(call.admission) || call.isRehearsal ? undefined : callView(call)
}
