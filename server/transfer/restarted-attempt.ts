import type { Step } from '../../routes/index.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { statusLine } from '../legs/status-line.ts'
import type { InviteEvents, OutgoingInvite, SipDialogEnd } from '../sip/stack.ts'
import type { AttemptContext } from './attempt.ts'
import { BridgingAttempt, moveCaller } from './bridging-attempt.ts'
import type { KeptAttempt } from './kept-transfer.ts'
import { failed, type TransferOutcome } from './outcome.ts'

/** How long the destination's response to the CANCEL is waited for. */
const cancelGraceMs = 2000

/** The parties of an attempt that the process before had begun. */
export interface RestartedParties {
  /** The destination that had answered. */
  readonly leg?: PartyLeg | undefined
  /** Goes on with the INVITE that had no final response. */
  readonly invite?: ((events: InviteEvents) => OutgoingInvite | undefined) | undefined
}

/**
 * An attempt by INVITE or BYE that the process before had begun. A destination that rings is cancelled, and the next handoff
 * has its turn; to one that had answered, the caller is moved.
 */
export class RestartedAttempt extends BridgingAttempt {
  readonly destination: PartyLeg | undefined
  readonly #isUnaccepted: boolean
  readonly #invite: RestartedParties['invite']
  #isGivingUp = false

  constructor(context: AttemptContext, step: Step, kept: KeptAttempt, { leg, invite }: RestartedParties) {
    super(context, step, kept.view)
    this.destination = leg
    this.#invite = invite
    this.#isUnaccepted = kept.isUnaccepted === true
    if (leg) leg.owner = this
  }

  run(): void {
    const { destination } = this
    this.record.note('baton', 'Baton was restarted')
    if (destination?.up && !this.#isUnaccepted) this.guard.run(() => this.#connect(destination))
    else if (this.#invite) this.#cancel(this.#invite)
    // RFC 3261 15.1: a BYE ends the call even if its response is lost; what the PBX made of it is not known.
    else if (this.record.method === 'bye') this.record.end({ result: 'unknown', reason: 'restarted', then: 'stop' })
    else this.#giveUp(failed('restarted'))
  }

  stop(outcome: TransferOutcome): void {
    this.#giveUp(outcome)
    this.record.end(outcome)
  }

  ended(_leg: PartyLeg, end: SipDialogEnd): void {
    this.record.noteEnd(end, 'destination')
    this.#giveUp(failed('destination_hung_up'))
  }

  #cancel(resume: NonNullable<RestartedParties['invite']>): void {
    const over = (): void => {
      timer.cancel()
      this.#giveUp(failed('restarted'))
    }
    const timer = this.context.clock.after(cancelGraceMs, over)
    const invite = resume({
      progress: () => undefined,
      // The stack has ended the dialog of a 2xx that crossed the CANCEL.
      accepted: over,
      failed: (response) => {
        this.record.note(response.local ? 'baton' : 'destination', statusLine(response))
        over()
      },
      dialog: {
        request: (request) => request.respond(481),
        reinvite: (reinvite) => reinvite.respond(481),
        ended: over,
      },
    })
    this.record.note('baton', 'CANCEL')
    invite?.cancel()
  }

  async #connect(destination: PartyLeg): Promise<void> {
    const moved = await moveCaller(destination, this.context, {
      ...{ offer: destination.localSdp, wasAsked: false, note: this.note },
      isOver: () => this.#isGivingUp || this.record.isOver(),
    })
    if (moved?.result === 'succeeded') await this.connected(destination)
    if (moved?.result === 'succeeded') this.record.end(moved)
    else if (moved) this.#giveUp(moved)
  }

  #giveUp(outcome: TransferOutcome): void {
    if (this.#isGivingUp || this.record.isOver()) return
    this.#isGivingUp = true
    this.guard.run(() => this.destination?.bye())
    this.guard.run(async () => {
      await this.context.callerMedia.bringBack(this.note)
      this.record.end(outcome)
    })
  }
}
