import type { PinnedTable } from '../../routes/index.ts'
import { identify } from '../legs/caller.ts'
import { unanswered } from '../legs/termination.ts'
import type { DialogRestorer, IncomingInvite, SipDialog, SipRequest } from '../sip/stack.ts'
import type { Admission } from './admission.ts'
import { Call } from './call.ts'
import type { CallParts } from './call-parts.ts'
import { consult } from './consultation.ts'
import type { KeptCall, RestoredCall } from './kept-call.ts'
import { UntrustedRequest } from './untrusted-request.ts'

/** The calls that the process before has left. */
export interface KeptCalls {
  readonly calls: readonly KeptCall[]
  /** The release that a call is pinned to; undefined when its project has none any more. */
  pinnedOf(call: KeptCall): PinnedTable | undefined
}

/** Makes calls of what the process before has kept of them. */
export class CallRestorer {
  readonly #parts: CallParts
  readonly #restorer: DialogRestorer

  constructor(parts: CallParts, restorer: DialogRestorer) {
    this.#parts = parts
    this.#restorer = restorer
  }

  /**
   * Undefined when its INVITE cannot be read, or there is no trunk.
   * @param live the calls that were restored before: an agent's call needs its caller's
   */
  restore(kept: KeptCall, pinned: PinnedTable | undefined, live: Iterable<Call>): Call | undefined {
    const { bytes, source } = kept.invite
    const received = this.#restorer.request(bytes, source)
    const { trunks, targets, limits } = this.#parts
    const trunk = trunks.named(kept.trunk) ?? trunks.of(source.address) ?? trunks.first
    if (!received || !trunk) return undefined
    const request = trunk.trust ? received : new UntrustedRequest(received)
    const admission = this.#admission(kept, request, trunk, pinned, live)
    const credentials = trunks.credentialsOn(trunk)
    const restored: RestoredCall = {
      call: kept,
      restorer: this.#restorer,
      takeUpLeg: (leg, { dialog, needs }) => {
        if (dialog) leg.dialog = this.#restorer.dialog(dialog, { credentials }, leg)
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
    live: Iterable<Call>,
  ): Admission {
    const caller = identify(request, trunk.defaultCountry)
    const { project, environment } = kept
    // The call goes on, and cannot be transferred.
    if (!pinned) return { caller, trunk, project, environment, refusal: unanswered.no_version }
    const consultation = kept.consults === undefined ? undefined : consult(request, live, this.#parts.switches)

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
