import { wallTime } from '../../engine/index.ts'
import { noSwitches, type PinnedTable } from '../../routes/index.ts'
import { identify } from '../legs/caller.ts'
import { byeReason, unanswered } from '../legs/termination.ts'
import { restoredDialog } from '../sip/filtered/index.ts'
import type { DialogEvents, DialogRestorer, IncomingInvite, InviteEvents, SipDialog, SipRequest } from '../sip/stack.ts'
import type { Guard } from '../guard.ts'
import type { Admission, Refused } from './admission.ts'
import { Call } from './call.ts'
import type { CallParts } from './call-parts.ts'
import { consultFor } from './consultation.ts'
import type { KeptCall, RestoredCall } from './kept-call.ts'
import { takeUpNumber, type KeptNumber } from './reserved-numbers.ts'
import { UntrustedRequest } from './untrusted-request.ts'

/** The calls that the process before has left. */
export interface KeptCalls {
  readonly calls: readonly KeptCall[]
  /** The numbers of pools that calls which had ended have left held. */
  readonly leftNumbers: readonly KeptNumber[]
  /** The release that a call is pinned to; undefined when its project has none any more. */
  pinnedOf(call: KeptCall): PinnedTable | undefined
}

/** The live calls, and how one begins whose caller is refused. */
interface RestoringHost {
  readonly live: Map<string, Call>
  begin(invite: IncomingInvite, admission: Refused, lost: KeptCall): void
}

/** Makes calls of what the process before has kept of them. */
export class CallRestorer {
  readonly #parts: CallParts
  readonly #restorer: DialogRestorer
  readonly #guard: Guard
  readonly #host: RestoringHost
  /** The call whose INVITE is served again, to be refused. */
  #lost: KeptCall | undefined

  constructor(parts: CallParts, restorer: DialogRestorer, guard: Guard, host: RestoringHost) {
    this.#parts = parts
    this.#restorer = restorer
    this.#guard = guard
    this.#host = host
  }

  /** Takes up the calls of callers first: an agent's own call needs its caller's. */
  restore(kept: KeptCalls): void {
    const ofCallers = kept.calls.filter(({ consults }) => consults === undefined)
    const ofAgents = kept.calls.filter(({ consults }) => consults !== undefined)
    for (const call of [...ofCallers, ...ofAgents]) {
      if (call.state === 'setup') this.#refuse(call)
      else this.#takeUp(call, kept.pinnedOf(call))
    }
    this.#holdNumbers(kept.leftNumbers)
    for (const { transfer } of kept.calls) if (transfer?.joins !== undefined) this.#bringBack(transfer.joins)
  }

  /** Numbers of calls that are not taken up are held for as long as those that a transfer has released. */
  #holdNumbers(numbers: readonly KeptNumber[]): void {
    const { clock, numbers: reserver } = this.#parts
    const releasedAt = wallTime(clock.now())
    for (const number of numbers) if (reserver) takeUpNumber(reserver, { releasedAt, ...number }, clock)
  }

  /** The far end of a call whose attended transfer had begun may have been moved: it is offered its agent's session. */
  #bringBack(id: string): void {
    const { farEnd: far, agent } = this.#host.live.get(id)?.farEnd ?? {}
    if (far?.up && agent?.up) this.#guard.run(() => far.offer(agent.remoteSdp))
  }

  /** Whether an INVITE is that of a call which rang when the process before ended; it is refused then. */
  refuses(invite: IncomingInvite): boolean {
    const lost = this.#lost
    if (!lost) return false
    const { project, environment } = lost
    const { trunks } = this.#parts
    const trunk = trunks.named(lost.trunk) ?? trunks.first
    const refusal = unanswered.lost_in_restart
    if (!trunk) invite.reject(refusal.sipStatus)
    else {
      const caller = identify(invite.request, trunk.defaultCountry)
      this.#host.begin(invite, { caller, trunk, project, environment, refusal }, lost)
    }

    return true
  }

  /** The caller of a call that rang gets the final response that is due, and the party that rings CANCEL. */
  #refuse(lost: KeptCall): void {
    const { invite, ringing, numbers = [] } = lost
    this.#holdNumbers(numbers)
    this.#lost = lost
    this.#guard.run(() => {
      this.#restorer.repeat(invite.bytes, invite.source)
    })
    this.#lost = undefined
    if (ringing) this.#guard.run(() => this.#restorer.invite(ringing, ignoredInvite)?.cancel())
  }

  #takeUp(kept: KeptCall, pinned: PinnedTable | undefined): void {
    const { live } = this.#host
    let call: Call | undefined
    this.#guard.run(() => {
      call = this.#callOf(kept, pinned)
      if (call) live.set(call.id, call)
    })
    this.#parts.observer.recovered(kept, call)
    this.#guard.run(() => call?.legs.repairMedia())
    const agent = call?.state === 'bridged' ? call.agent : undefined
    if (agent?.up) this.#guard.run(() => agent.bye({ headers: byeReason('transferred') }))
    if (call && !hasTwoParties(call) && call.state !== 'transferring') call.hangUp('lost_in_restart')
  }

  /** Undefined when its INVITE cannot be read, or there is no trunk. */
  #callOf(kept: KeptCall, pinned: PinnedTable | undefined): Call | undefined {
    const { bytes, source } = kept.invite
    const received = this.#restorer.request(bytes, source)
    const { trunks, targets, limits } = this.#parts
    const trunk = trunks.named(kept.trunk) ?? trunks.of(source.address) ?? trunks.first
    if (!received || !trunk) return undefined
    const request = trunk.trust ? received : new UntrustedRequest(received)
    const admission = this.#admission(kept, request, trunk, pinned)
    const credentials = trunks.credentialsOn(trunk)
    const restored: RestoredCall = {
      call: kept,
      restorer: this.#restorer,
      takeUpLeg: (leg, { dialog, needs }) => {
        if (dialog) {
          const take = (events: DialogEvents) => this.#restorer.dialog(dialog, { credentials }, events)
          leg.dialog = leg.media ? restoredDialog(leg.media, leg, take) : take(leg)
        }
        if (dialog && leg.isCalledByUs) leg.targetCall = targets?.begin(leg.uri)
        if (dialog && needs) leg.hold(limits.takeUp(needs))
      },
    }

    return new Call(this.#parts, new AnsweredInvite(request), admission, { kept: restored })
  }

  #admission(
    kept: KeptCall,
    request: SipRequest,
    trunk: Admission['trunk'],
    pinned: PinnedTable | undefined,
  ): Admission {
    const caller = identify(request, trunk.defaultCountry)
    const { project, environment } = kept
    // The call goes on, and cannot be transferred.
    if (!pinned) return { caller, trunk, project, environment, refusal: unanswered.no_version }
    // Its handoff may be closed now, and the caller's call is being transferred, perhaps: it goes on.
    const about = kept.consults === undefined ? undefined : this.#host.live.get(kept.consults)
    const consultation = about && consultFor(about, request, () => noSwitches)

    return consultation ?? { caller, trunk, pinned }
  }
}

/** The INVITE of a call that was answered by the process before. */
class AnsweredInvite implements IncomingInvite {
  request: SipRequest
  onCancel: IncomingInvite['onCancel'] = () => undefined
  onUnacknowledged: IncomingInvite['onUnacknowledged'] = () => undefined

  constructor(request: SipRequest) {
    this.request = request
  }

  progress(): void {
    // Its final response is out.
  }

  accept(): SipDialog {
    throw new Error('the INVITE was answered by the process before')
  }

  reject(): void {
    // Its final response is out.
  }
}

function hasTwoParties({ caller, agent, destination }: Call): boolean {
  return caller.up && (agent?.up === true || destination?.up === true)
}

/** A party that is cancelled: the stack ends the dialog of a 2xx that crosses the CANCEL. */
const ignoredInvite: InviteEvents = {
  progress: () => undefined,
  accepted: () => undefined,
  failed: () => undefined,
  dialog: { request: () => undefined, reinvite: () => undefined, ended: () => undefined },
}
