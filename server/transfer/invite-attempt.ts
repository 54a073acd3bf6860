import type { Timer } from '../../engine/index.ts'
import type { Step } from '../../routes/index.ts'
import { isSuccess, type Leg, type LegOwner } from '../calls/leg.ts'
import { mustBeTold } from '../media/session-change.ts'
import { isEncrypted } from '../media/session-state.ts'
import type { DialogEnd, IncomingReinvite, IncomingRequest, OutgoingInvite, SipResponse } from '../sip/stack.ts'
import { AttemptRecord, statusLine, type Attempt, type AttemptContext } from './attempt.ts'
import type { Destination } from './destination.ts'
import { glareRetries, waitOutGlare } from './glare.ts'
import { abandoned, failed, reasonOf, type Verdict } from './verdict.ts'

/** Calls the destination and, once it has answered, moves the caller's media there. The agent stays until then. */
export class InviteAttempt implements Attempt, LegOwner {
  readonly record: AttemptRecord
  readonly #context: AttemptContext
  readonly #step: Step
  readonly #destination: Destination
  /** The caller's session as the destination was offered it; '' asks the destination for an offer. */
  readonly #offer: string
  #leg: Leg | undefined
  #invite: OutgoingInvite | undefined
  #timer: Timer | undefined
  #callerMoved = false
  #rangOut = false

  constructor(context: AttemptContext, step: Step) {
    this.#context = context
    this.#step = step
    this.#destination = context.destination(step)
    this.#offer = context.caller.remoteSdp
    this.record = new AttemptRecord(step, 'invite', context.clock)
  }

  /** The destination, to be talked to once the attempt has succeeded. */
  get destination(): Leg | undefined {
    return this.#leg
  }

  run(): Promise<Verdict> {
    this.#timer = this.#context.clock.after(this.#step.ringTimeout * 1000, () => {
      this.#ringTimeout()
    })
    this.#callNext()

    return this.record.ended
  }

  callerGone(end: DialogEnd): void {
    this.record.note(end.by === 'peer' ? 'caller' : 'baton', end.by === 'peer' ? 'BYE' : `dialog ended: ${end.reason}`)
    this.stop(abandoned)
  }

  stop(verdict: Verdict): void {
    if (!this.record.isOver()) this.#giveUp(verdict)
  }

  notify(notify: IncomingRequest): void {
    notify.respond(481)
  }

  // The destination's own wishes wait until it has been put through.
  request(_leg: Leg, incoming: IncomingRequest): void {
    const { method } = incoming.request
    if (method === 'OPTIONS' || method === 'INFO') incoming.respond(200)
    else incoming.respond(500, { headers: [['Retry-After', '1']] })
  }

  reinvite(_leg: Leg, invite: IncomingReinvite): void {
    invite.respond(491)
  }

  ack(): void {
    // We make the calls here: no 2xx of ours waits for an ACK.
  }

  ended(_leg: Leg, end: DialogEnd): void {
    this.record.note(
      end.by === 'peer' ? 'destination' : 'baton',
      end.by === 'peer' ? 'BYE' : `dialog ended: ${end.reason}`,
    )
    if (!this.record.isOver()) this.#giveUp(failed('destination_hung_up'))
  }

  #callNext(): void {
    const { targets, invite, problem } = this.#destination
    const target = targets.shift()
    if (target === undefined) {
      this.#settle(failed(problem ?? 'no_gateway'))

      return
    }

    if (this.#step.encryption === 'required' && !isEncrypted(this.#offer)) {
      this.record.note('baton', 'the caller’s session is not SRTP, and the handoff requires it')
      this.#settle(failed('not_encrypted'))

      return
    }

    const { stack } = this.#context
    const leg = this.#context.newDestination(target)
    leg.owner = this
    this.#leg = leg
    this.record.note('baton', `INVITE ${target}`)
    this.#invite = stack.invite(
      target,
      { ...invite, ...leg.describe(this.#offer), callId: leg.callId },
      {
        dialog: leg,
        progress: (response) => {
          this.#progress(response)
        },
        accepted: (response, dialog) => {
          leg.dialog = dialog
          leg.heard(response.body)
          this.record.note('destination', statusLine(response))
          void this.#connect(leg)
        },
        failed: (response) => {
          this.#failed(response)
        },
      },
    )
  }

  #progress(response: SipResponse): void {
    if (this.record.isOver()) return
    this.record.note('destination', statusLine(response))
    this.#context.progress(response.status, response.reason)
  }

  #failed(response: SipResponse): void {
    this.record.note(response.local ? 'baton' : 'destination', statusLine(response))
    if (this.record.isOver()) return
    const gatewayDown = response.status === 503 || (response.local && response.status === 408)
    if (this.#rangOut) this.#settle(failed('no_answer', response.status))
    else if (gatewayDown && this.#destination.targets.length > 0) this.#callNext()
    else this.#settle(failed(unheard(response) ? 'unreachable' : reasonOf(response.status), response.status))
  }

  #ringTimeout(): void {
    this.record.note('baton', `CANCEL: no answer for ${this.#step.ringTimeout} s`)
    this.#rangOut = true
    this.#invite?.cancel({ headers: [['Reason', 'SIP;cause=408;text="No answer"']] })
  }

  /** The destination has answered: bring the caller to it. */
  async #connect(destination: Leg): Promise<void> {
    this.#timer?.cancel()
    if (this.#offer !== '') destination.dialog?.ack()
    const response = await this.#moveCaller(destination.remoteSdp)
    if (this.#offer === '') destination.dialog?.ack(destination.describe(isSuccess(response) ? response.body : ''))
    if (this.record.isOver()) return

    if (!isSuccess(response)) {
      const gone = response.status === 481 || (response.local && response.status !== 491)
      this.#giveUp(gone ? { ...abandoned, code: response.status } : failed('media_refused', response.status))

      return
    }

    this.#callerMoved = true
    const { caller } = this.#context
    // The caller's answer may name another address or codec than the session that the destination was offered.
    if (this.#offer !== '' && mustBeTold(this.#offer, caller.remoteSdp, destination.remoteSdp)) {
      const update = await destination.offer(caller.remoteSdp)
      this.record.note('destination', `${statusLine(update)} to the re-INVITE`)
      if (this.record.isOver()) return
      if (!isSuccess(update)) {
        this.#giveUp(failed('media_refused', update.status))

        return
      }
    }
    this.#settle({ result: 'succeeded', reason: 'answered', code: 200, then: 'stop' })
  }

  async #moveCaller(sdp: string): Promise<SipResponse> {
    const { caller, clock } = this.#context
    for (let retry = 0; ; retry++) {
      const response = await caller.offer(sdp)
      this.record.note(response.local ? 'baton' : 'caller', `${statusLine(response)} to the re-INVITE`)
      if (response.status !== 491 || retry === glareRetries || this.record.isOver()) return response
      await waitOutGlare(clock)
      if (this.record.isOver()) return response
    }
  }

  /** Release the destination and, if the caller's media already went there, bring it back to the agent. */
  #giveUp(verdict: Verdict): void {
    this.#settle(verdict)
    if (this.#leg?.dialog) void this.#leg.bye()
    else this.#invite?.cancel()
    const { caller, agent } = this.#context
    if (this.#callerMoved && caller.up && agent.up) void caller.offer(agent.remoteSdp)
  }

  #settle(verdict: Verdict): void {
    this.#timer?.cancel()
    this.record.end(verdict)
  }
}

/** Nobody there, rather than somebody who let it ring. */
function unheard(response: SipResponse): boolean {
  return response.local && (response.status === 408 || response.status === 503)
}
