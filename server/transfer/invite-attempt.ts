import { defined } from '../../base/defined.ts'
import type { Timer } from '../../engine/index.ts'
import { isScreened, type Step } from '../../routes/index.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { statusLine } from '../legs/status-line.ts'
import { sessionOf } from '../sip/body-part.ts'
import { refusesAllMedia } from '../media/session-state.ts'
import { PromptInvite, ProvisionalLimiter } from '../sip/invite-limits.ts'
import { causeOf } from '../sip/local-response.ts'
import type { IncomingReinvite, IncomingRequest, SipDialog, SipDialogEnd, SipResponse } from '../sip/stack.ts'
import type { AttemptContext } from './attempt.ts'
import { BridgingAttempt, moveCaller } from './bridging-attempt.ts'
import type { OfferedSession } from '../media/offered-sessions.ts'
import type { Destination } from './destination.ts'
import { SessionOffers, EarlySessions } from './session-offers.ts'
import { Handover, needsHandover } from './handover.ts'
import { keptInvite, type KeptAttempt } from './kept-transfer.ts'
import { answered, failed, reasonOfResponse, type TransferOutcome } from './outcome.ts'
import { Redirects } from './redirects.ts'
import { TargetSearch } from './target-search.ts'

/** How long the 487 to a cancelled INVITE is awaited before the next destination is called: some peers never send it. */
const cancelGraceMs = 500

/** Calls the destination and, once it has answered, moves the caller's media there. The agent stays until then. */
export class InviteAttempt extends BridgingAttempt {
  readonly #step: Step
  readonly #destination: Destination
  readonly #redirects: Redirects
  /** The Request-URI of the present INVITE. */
  #target = ''
  /** The sessions for the present target. */
  #offers: SessionOffers | undefined
  /** The caller's session as the destination was offered it; '' asks the destination for an offer. */
  #offer = ''
  #early = new EarlySessions()
  #leg: PartyLeg | undefined
  #invite: PromptInvite | undefined
  readonly #targets: TargetSearch
  #hasRung = false
  #timer: Timer | undefined
  #rangOut = false
  /** What follows the answer; undefined where the caller is moved at once. */
  #handover: Handover | undefined
  /** The outcome, while the caller's media is moved back to the agent. */
  #pending: TransferOutcome | undefined

  constructor(context: AttemptContext, step: Step) {
    super(context, step)
    this.#step = step
    this.#destination = context.destination(step)
    this.#redirects = new Redirects(this.#destination, context.own)
    this.#targets = new TargetSearch(context, step, this.#destination, this.record, {
      queued: (seconds) => {
        this.#timer?.cancel()
        this.record.noteQueued(seconds)
        context.progress(182, 'Queued')
      },
      granted: (target) => {
        this.#startRingTimer()
        this.#callTarget(target)
      },
      overflow: (what) => {
        this.#giveUp({ ...failed('overflow'), detail: what })
      },
    })
  }

  get destination(): PartyLeg | undefined {
    return this.#leg
  }

  run(): void {
    this.#startRingTimer()
    this.guard.run(() => this.music.begin())
    this.announcement?.prepare()
    for (const target of this.#destination.insecure) {
      this.record.note('baton', `${target} is not called: the caller’s call is sips, and it is neither sips nor TLS`)
    }
    this.#callNext()
  }

  agentGone(end: SipDialogEnd): void {
    if (!this.#handover || this.#isOver()) return
    this.record.noteEnd(end, 'agent')
    this.#handover.input('agentLeft')
  }

  decide(decision: 'accepted' | 'declined'): boolean {
    return !this.#isOver() && this.#handover?.decide(decision) === true
  }

  override request(leg: PartyLeg, incoming: IncomingRequest): void {
    if (leg !== this.#leg || this.#handover?.request(incoming) !== true) super.request(leg, incoming)
  }

  override reinvite(leg: PartyLeg, invite: IncomingReinvite): void {
    if (leg !== this.#leg || this.#handover?.reinvite(invite) !== true) super.reinvite(leg, invite)
  }

  keep(): KeptAttempt {
    return keptInvite(this.record, this.#leg, this.#invite, this.#handover !== undefined)
  }

  stop(outcome: TransferOutcome): void {
    if (this.#handover?.concludes(outcome) === true) return
    this.#giveUp(outcome)
    // The outcome does not wait for the caller's media to be back.
    this.record.end(this.#pending ?? outcome)
  }

  ended(leg: PartyLeg, end: SipDialogEnd): void {
    this.record.noteEnd(end, 'destination')
    if (leg === this.#leg) this.#giveUp(failed('destination_hung_up'))
  }

  #isOver(): boolean {
    return this.#pending !== undefined || this.record.isOver()
  }

  #callNext(): void {
    const target = this.#targets.next()
    if (target === undefined) {
      if (this.#targets.waitForRoom()) return
      const { problem } = this.#destination
      const { reason, detail } = problem ?? { reason: this.#targets.hasPassedOver ? 'target_down' : 'no_gateway' }
      if (detail !== undefined) this.record.note('baton', `no INVITE: ${detail}`)
      this.#giveUp({ ...failed(reason), ...defined({ detail }) })

      return
    }
    this.#callTarget(target)
  }

  #callTarget(target: string): void {
    this.#target = target
    const { context, note } = this
    this.#offers = new SessionOffers({ context, step: this.#step, trunk: this.#destination.trunk, note }, target)
    const offer = this.#offers.first()
    if (offer) this.#call(offer)
    else this.#giveUp(failed('not_encrypted'))
  }

  /** What follows after the present target has failed; undefined when no other is left. */
  #callAfter(outcome: TransferOutcome): (() => void) | undefined {
    return this.#targets.after(this.#target, outcome, (next) => {
      this.#callTarget(next)
    })
  }

  /** Each INVITE is a call of its own, with a Call-ID of its own. */
  #call(offered: OfferedSession): void {
    this.#offer = offered.sdp
    this.#early = new EarlySessions()
    const provisionals = new ProvisionalLimiter(this.context.clock)
    const leg = this.context.newDestination(this.#target)
    leg.owner = this
    leg.keepalive = this.#destination.trunk.keepalive
    leg.targetCall = this.context.targets?.begin(this.#target)
    this.#offers?.begin(leg, offered)
    this.#leg = leg
    this.record.note('baton', `INVITE ${this.#target}`)
    this.#redirects.noteCalled(this.#target)
    const invite = this.#redirects.inviteTo(this.#target)
    this.#hasRung = false
    const { stack, clock } = this.context
    const sent = new PromptInvite(
      { stack, clock, progressTimeout: this.#destination.progressTimeout },
      this.#target,
      {
        ...invite,
        ...leg.describe(this.#offer),
        callId: leg.callId,
        addresses: leg.targetCall?.addresses,
        filter: leg.media,
      },
      {
        dialog: leg,
        progress: (response) => {
          if (!provisionals.admits(response)) return
          leg.targetCall?.heard(response)
          this.#progress(response)
        },
        retried: (response) => {
          this.record.note('destination', statusLine(response))
        },
        accepted: (response, dialog) => {
          leg.targetCall?.responded(response, true)
          this.#accepted(leg, response, dialog)
        },
        failed: (response) => {
          leg.targetCall?.responded(response, sent.isHeard)
          leg.targetCall?.end()
          this.#failed(response)
        },
      },
    )
    this.#invite = sent
  }

  #progress(response: SipResponse): void {
    if (this.#isOver()) return
    this.#hasRung ||= response.status >= 180
    if (this.#early.isNew(response)) this.record.note('destination', statusLine(response))
    this.#passEarly(response)
    this.context.progress(response.status, response.reason)
  }

  /** The caller hears the first early session until the answer. */
  #passEarly(response: SipResponse): void {
    const session = this.#early.firstIn(response)
    if (
      this.#destination.earlyMedia === 'hold' ||
      isScreened(this.#step.media) ||
      this.music.isOn ||
      session === undefined ||
      this.#offer === '' ||
      this.#rangOut
    ) {
      return
    }
    if (this.#leg && this.#offers?.breaksPromise(this.#leg, session)) {
      this.record.note('baton', 'the early session is not SRTP, and the handoff requires it: held back')
    } else this.context.guard.run(() => this.context.callerMedia.moveTo(session, this.note))
  }

  /** RFC 3261 13.2.2.4: a 2xx is acknowledged in any case. */
  #accepted(leg: PartyLeg, response: SipResponse, dialog: SipDialog): void {
    leg.dialog = dialog
    if (leg === this.#leg) this.#targets.keepBy(leg)
    leg.noteRemoteSdp(sessionOf(response) || this.#early.of(dialog.remoteTag))
    this.#timer?.cancel()
    this.record.note('destination', statusLine(response))
    if (this.#offer !== '') dialog.ack()
    this.#offers?.accepted()
    if (this.#isOver()) this.guard.run(() => leg.bye())
    else if (leg.remoteSdp === '' || refusesAllMedia(this.#offer, leg.remoteSdp)) {
      this.record.note('baton', leg.remoteSdp === '' ? 'its answer has no session' : 'its answer refuses all media')
      if (this.#offer === '') dialog.ack()
      this.#giveUp(failed('media_refused'))
    } else if (this.#offers?.breaksPromise(leg, leg.remoteSdp)) {
      this.record.note('baton', 'its session is not SRTP, and the handoff requires it')
      this.#giveUp(failed('not_encrypted'))
    } else if (needsHandover(this.#step.media)) this.#handOver(leg)
    else this.guard.run(() => this.#connect(leg))
  }

  #failed(response: SipResponse): void {
    this.record.note(response.local ? 'baton' : 'destination', statusLine(response))
    if (this.#isOver()) return
    const { status } = response
    if (this.#rangOut) {
      this.#giveUp({ ...failed('no_answer', status), ...this.#rang })

      return
    }
    const instead = this.#offers?.nextAfter(status)
    if (instead) {
      this.#again(() => {
        this.#call(instead)
      })

      return
    }
    const onward = this.#redirects.nextTargets(response, this.#target, (what) => {
      this.record.note('baton', what)
    })
    if (onward.length > 0) this.#targets.replace(onward)
    // A contact of a redirection gives way to the next one, unless its response is a 6xx, which holds for all (RFC 3261 21.6).
    const isOnward = onward.length > 0 || (this.#redirects.isRedirected && status < 600)
    const gatewayDown = isOnward || status === 503 || (response.local && status === 408)
    const outcome = this.#outcomeOf(response)
    const callNext = gatewayDown ? this.#callAfter(outcome) : undefined
    if (callNext) this.#again(callNext)
    else this.#giveUp(outcome)
  }

  #outcomeOf(response: SipResponse): TransferOutcome {
    const { status, local } = response
    const reason = reasonOfResponse(response, this.#invite?.isHeard === true)
    const detail = reason === 'no_response' ? undefined : causeOf(response)

    return {
      ...failed(reason, status),
      ...defined({ local: local || undefined, detail }),
      ...this.#rang,
    }
  }

  get #rang(): { rang?: true } {
    return this.#hasRung ? { rang: true } : {}
  }

  #startRingTimer(): void {
    this.#timer = this.context.clock.after(this.#step.ringTimeout * 1000, () => {
      this.#ringTimeout()
    })
  }

  /** Sends another INVITE; a caller that heard the destination before is with its agent meanwhile. */
  #again(call: () => void): void {
    const { callerMedia, guard } = this.context
    this.#invite = undefined
    guard.run(async () => {
      await callerMedia.bringBack(this.note)
      if (!this.#isOver() && !this.#rangOut) call()
      else if (!this.#isOver()) this.#giveUp(failed('no_answer'))
    })
  }

  #ringTimeout(): void {
    if (this.#invite?.isHeard === false) {
      this.#silentTimeout()

      return
    }
    this.record.note('baton', `CANCEL: no answer for ${this.#step.ringTimeout} s`)
    this.#rangOut = true
    this.#invite?.cancel({ headers: [['Reason', 'SIP;cause=408;text="No answer"']] })
    this.#timer = this.context.clock.after(cancelGraceMs, () => {
      this.record.note('baton', `no answer to the INVITE for ${cancelGraceMs / 1000} s after the CANCEL`)
      // A 200 that still comes is ACKed and released by the stack.
      this.#giveUp({ ...failed('no_answer', 408), ...this.#rang })
    })
    this.context.guard.run(() => this.context.callerMedia.bringBack(this.note))
  }

  /** The target has not even sent 100: the next one gets a ring timeout of its own. */
  #silentTimeout(): void {
    this.record.note('baton', `no response at all for ${this.#step.ringTimeout} s`)
    const silent = this.#invite
    this.#leg?.targetCall?.silent()
    this.#leg?.targetCall?.end()
    const outcome = { ...failed('no_response', 408), local: true } as const
    const callNext = this.#callAfter(outcome)
    if (!callNext) {
      this.#giveUp(outcome)

      return
    }
    this.#startRingTimer()
    this.#invite = undefined
    callNext()
    silent?.abandon()
  }

  #handOver(leg: PartyLeg): void {
    this.#handover = new Handover(
      this.#step.media,
      leg,
      { context: this.context, note: this.note, announcement: this.announcement },
      {
        join: () => {
          this.guard.run(() => this.#connect(leg))
        },
        succeeded: () => {
          this.record.end(answered)
        },
        failed: (outcome) => {
          this.#giveUp(outcome)
        },
      },
    )
    this.#handover.input('answered')
  }

  async #connect(destination: PartyLeg): Promise<void> {
    const { note } = this
    await this.music.pause()
    const moved = await moveCaller(destination, this.context, {
      ...{ offer: this.#offer, wasAsked: isScreened(this.#step.media), note },
      isOver: () => this.#isOver(),
    })
    if (moved?.result === 'succeeded') await this.connected(destination)
    if (moved?.result === 'succeeded' && this.#handover) this.#handover.input('moved')
    else if (moved?.result === 'succeeded') this.record.end(moved)
    else if (moved) this.#giveUp(moved)
  }

  /** Releases the destination, moves the caller's media back to the agent, and ends with this outcome. */
  #giveUp(outcome: TransferOutcome): void {
    if (this.#isOver()) return
    this.#pending = outcome
    const { callerMedia, guard } = this.context
    this.#handover?.input('stopped')
    guard.run(() => this.#timer?.cancel())
    guard.run(() => this.#leg?.targetCall?.end())
    this.#targets.release()
    guard.run(() => (this.#leg?.dialog ? this.#leg.bye() : this.#invite?.cancel()))
    guard.run(async () => {
      await callerMedia.bringBack(this.note)
      await this.music.end()
      this.record.end(outcome)
    })
  }
}
