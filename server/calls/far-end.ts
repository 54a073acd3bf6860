import type { OtherCall } from '../transfer/attempt.ts'
import type { Call } from './call.ts'
import type { PartyLeg, PartyLegOwner } from '../legs/party-leg.ts'
import { answered } from '../legs/termination.ts'

/** A call as an attended transfer sees it: an agent on one side, and somebody whom another call may take over. */
export class FarEnd implements OtherCall {
  readonly farEnd: PartyLeg
  readonly agent: PartyLeg
  readonly #call: Call
  #isLent = false

  constructor(call: Call, far: PartyLeg, agent: PartyLeg) {
    this.#call = call
    this.farEnd = far
    this.agent = agent
  }

  get id(): string {
    return this.#call.id
  }

  get handoff(): string | undefined {
    return this.#call.consultation?.plan.handoff
  }

  get isSecure(): boolean {
    return this.#call.isSecure
  }

  /** Whether another call looks after the far end just now. */
  get isDetached(): boolean {
    return this.#isLent
  }

  detach(owner: PartyLegOwner): void {
    this.#isLent = true
    this.farEnd.owner = owner
    this.#call.forgetLeg(this.farEnd)
  }

  reattach(): void {
    const { farEnd, agent } = this
    const call = this.#call
    this.#isLent = false
    farEnd.owner = call
    call.adopt(farEnd, call.consultation ? 'destination' : 'caller')
    if (call.state === 'ended') call.guard.run(() => farEnd.bye())
    else if (!farEnd.up) call.finish(answered('hangup'), farEnd.role)
    else if (!agent.up) call.finish(answered('hangup'), agent.role)
  }

  complete(): void {
    this.#call.finish(answered('joined'), 'baton')
  }
}
