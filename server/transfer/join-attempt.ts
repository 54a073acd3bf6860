import { isSuccess } from '../../engine/index.ts'
import type { Step } from '../../routes/index.ts'
import { offerPastGlare } from '../legs/glare.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { SipDialogEnd, SipResponse } from '../sip/stack.ts'
import { isDialogGone, type AttemptContext, type OtherCall } from './attempt.ts'
import { BridgingAttempt } from './bridging-attempt.ts'
import { abandoned, failed, type TransferOutcome } from './outcome.ts'

/**
 * An attended transfer (RFC 5589 7) joins the far ends of two calls of one agent. The caller is offered the session of the
 * other far end, which is then offered the caller's answer; until both have accepted, each can go back to the agent.
 */
export class JoinAttempt extends BridgingAttempt {
  readonly #other: OtherCall | undefined
  /** The legs whose media no longer goes to the agent. */
  readonly #moved: PartyLeg[] = []

  constructor(context: AttemptContext, step: Step) {
    super(context, step)
    this.#other = context.other
  }

  get destination(): PartyLeg | undefined {
    return this.#other?.farEnd
  }

  run(): Promise<void> | undefined {
    if (this.#other && this.#isInsecure(this.#other)) {
      this.record.note('baton', `${this.#other.farEnd.uri} is not joined: only one of the two calls is sips`)
      this.record.end({ ...failed('not_secure'), then: 'stop' })

      return undefined
    }
    if (this.#other) {
      this.record.note('baton', `joins the caller with ${this.#other.farEnd.uri}, of call ${this.#other.id}`)
      this.#other.detach(this)
      this.context.adopt(this.#other.farEnd)

      return this.#join(this.#other)
    }
    this.record.note('baton', 'Replaces names no call that is up')
    this.record.end({ ...failed('no_such_dialog', 481), then: 'stop' })

    return undefined
  }

  stop(outcome: TransferOutcome): void {
    if (!this.record.isOver()) this.#giveUp(outcome)
  }

  override changed(leg?: PartyLeg): void {
    if (this.#other && leg === this.#other.farEnd) this.#other.changed()
    else super.changed()
  }

  ended(_leg: PartyLeg, end: SipDialogEnd): void {
    this.record.noteEnd(end, 'destination')
    this.stop(failed('destination_hung_up'))
  }

  /**
   * A sips caller is joined with another sips call only; so is the caller at the far end of a sips call. The destination of
   * the agent's own call, though, was promised no sips.
   */
  #isInsecure({ isSecure, handoff }: OtherCall): boolean {
    return this.context.isSecure ? !isSecure : isSecure && handoff === undefined
  }

  async #join(other: OtherCall): Promise<void> {
    const { caller } = this.context
    if (!(await this.#move(caller, other.farEnd.preferredSdp, 'caller'))) return
    if (!(await this.#move(other.farEnd, caller.remoteSdp, 'destination'))) return
    this.record.end({ result: 'succeeded', reason: 'joined', code: 200, then: 'stop' })
  }

  /** Resolves with whether that party has accepted the session, and the attempt goes on. */
  async #move(leg: PartyLeg, sdp: string, who: 'caller' | 'destination'): Promise<boolean> {
    const response = await this.#offer(leg, sdp, who)
    if (isSuccess(response.status)) {
      this.#moved.push(leg)
      // The evidence is the caller's call's, whichever call has the leg: that call has changed.
      this.context.changed()
    }
    if (this.record.isOver()) this.#restore()
    else if (isSuccess(response.status)) return true
    else this.#giveUp(outcomeOf(response, who))

    return false
  }

  #offer(leg: PartyLeg, sdp: string, who: 'caller' | 'destination'): Promise<SipResponse> {
    return offerPastGlare(leg, sdp, this.context.clock, { note: this.note, who }, () => !this.record.isOver())
  }

  #giveUp(outcome: TransferOutcome): void {
    const { guard } = this.context
    guard.run(() => this.record.end({ ...outcome, then: 'stop' }))
    guard.run(() => this.#other?.reattach())
    guard.run(() => this.#restore())
  }

  /** Moves the media of each leg that is still there back to its agent. */
  #restore(): void {
    const { caller, agent } = this.context
    for (const leg of this.#moved.splice(0)) {
      const own = leg === caller ? agent : this.#other?.agent
      if (leg.up && own?.up) this.context.guard.run(() => leg.offer(own.remoteSdp))
    }
  }
}

function outcomeOf(response: SipResponse, who: 'caller' | 'destination'): TransferOutcome {
  if (!isDialogGone(response)) return failed('media_refused', response.status)

  return who === 'caller' ? { ...abandoned, code: response.status } : failed('destination_hung_up')
}
