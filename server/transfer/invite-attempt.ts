import { defined } from '../../base/defined.ts'
import { isSuccess, type Timer } from '../../engine/index.ts'
import type { Step } from '../../routes/index.ts'
import type { Guard } from '../guard.ts'
import { RoomSearch } from '../limits/index.ts'
import { offerPastGlare } from '../legs/glare.ts'
import { OpenChoices } from '../legs/open-choices.ts'
import type { PartyLeg, PartyLegOwner } from '../legs/party-leg.ts'
import { statusLine } from '../legs/status-line.ts'
import { sessionOf } from '../sip/body-part.ts'
import { needsNewOffer, refusesAllMedia } from '../media/session-state.ts'
import { isEncrypted, maybeRefusesSrtp, sessionOffers } from '../media/srtp.ts'
import { deferRequest } from '../sip/defer-request.ts'
import { PromptInvite, ProvisionalLimiter } from '../sip/invite-limits.ts'
import { causeOf } from '../sip/local-response.ts'
import type { IncomingReinvite, IncomingRequest, SipDialog, SipDialogEnd, SipResponse } from '../sip/stack.ts'
import { AttemptRecord, isDialogGone, type Attempt, type AttemptContext } from './attempt.ts'
import type { Destination } from './destination.ts'
import { abandoned, failed, reasonOfResponse, type TransferOutcome } from './outcome.ts'
import { Redirects } from './redirects.ts'

/** How long the 487 to a cancelled INVITE is awaited before the next destination is called: some peers never send it. */
const cancelGraceMs = 500

/** Calls the destination and, once it has answered, moves the caller's media there. The agent stays until then. */
export class InviteAttempt implements Attempt, PartyLegOwner {
  readonly record: AttemptRecord
  readonly guard: Guard
  readonly #context: AttemptContext
  readonly #step: Step
  readonly #destination: Destination
  readonly #redirects: Redirects
  /** The Request-URI of the present INVITE. */
  #target = ''
  /** The sessions that the present target is offered next when it refuses the one before. */
  #offers: string[] = []
  /** The caller's session as the destination was offered it; '' asks the destination for an offer. */
  #offer = ''
  /** Whether the present target is offered plain RTP after it had refused SRTP. */
  #fellBack = false
  /** The sessions of provisional responses, by To tag: the 200 of that tag may have none then (RFC 3262 5). */
  #early = new Map<string, string>()
  /** The provisional responses that are noted, by status and To tag. */
  readonly #progressed = new Set<string>()
  #leg: PartyLeg | undefined
  #invite: PromptInvite | undefined
  /** Undefined where neither the trunk nor a gateway has a limit. */
  readonly #room: RoomSearch<string> | undefined
  readonly #targets: OpenChoices<string>
  #hasRung = false
  #timer: Timer | undefined
  #rangOut = false
  /** The outcome, while the caller's media is moved back to the agent. */
  #pending: TransferOutcome | undefined

  constructor(context: AttemptContext, step: Step) {
    this.#context = context
    this.guard = context.guard
    this.#step = step
    this.#destination = context.destination(step)
    this.#redirects = new Redirects(this.#destination, context.own)
    this.record = new AttemptRecord(step, 'invite', context.clock)
    const { needs, targets: choices } = this.#destination
    const { limits, guard, targets } = context
    this.#room = limits && needs && new RoomSearch(limits, guard, needs)
    const mayCallDown = (): boolean => !context.hasOpenAlternative(step)
    this.#targets = new OpenChoices(
      { choices, uriOf: (uri) => uri, targets, room: this.#room, mayCallDown },
      {
        passedOver: (target, why) => {
          this.record.note('baton', `passed over: ${why}`)
          this.record.noteFailover(target, failed('target_down'))
        },
        full: (target, what) => {
          this.record.note('baton', `no INVITE to ${target}: ${what}`)
          this.record.noteFailover(target, failed('overflow'))
        },
        downCalled: () => {
          this.record.note('baton', 'no other destination is left: those that are down are called all the same')
        },
      },
    )
  }

  get destination(): PartyLeg | undefined {
    return this.#leg
  }

  run(): void {
    this.#startRingTimer()
    for (const target of this.#destination.insecure) {
      this.record.note('baton', `${target} is not called: the caller’s call is sips, and it is neither sips nor TLS`)
    }
    this.#callNext()
  }

  callerGone(end: SipDialogEnd): void {
    this.record.noteEnd(end, 'caller')
    this.stop(abandoned)
  }

  stop(outcome: TransferOutcome): void {
    this.#giveUp(outcome)
    // The outcome does not wait for the caller's media to be back.
    this.record.end(this.#pending ?? outcome)
  }

  notify(notify: IncomingRequest): void {
    notify.respond(481)
  }

  request(_leg: PartyLeg, incoming: IncomingRequest): void {
    deferRequest(incoming)
  }

  reinvite(_leg: PartyLeg, invite: IncomingReinvite): void {
    invite.respond(491)
  }

  ack(): void {
    // Baton sends the INVITE here: no 2xx of its own waits for an ACK.
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
      if (this.#waitForRoom()) return
      const { problem } = this.#destination
      const { reason, detail } = problem ?? { reason: this.#targets.hasPassedOver ? 'target_down' : 'no_gateway' }
      if (detail !== undefined) this.record.note('baton', `no INVITE: ${detail}`)
      this.#giveUp({ ...failed(reason), ...defined({ detail }) })

      return
    }
    this.#callTarget(target)
  }

  /** The caller stays with its agent until one of the targets has room, or for as long as their limits say. */
  #waitForRoom(): boolean {
    return (
      this.#room?.waitForAny({
        queued: (seconds) => {
          this.#timer?.cancel()
          this.record.noteQueued(seconds)
          this.#context.progress(182, 'Queued')
        },
        granted: (target) => {
          this.#startRingTimer()
          this.#callTarget(target)
        },
        overflow: ({ what }) => {
          this.#giveUp({ ...failed('overflow'), detail: what })
        },
      }) ?? false
    )
  }

  #callTarget(target: string): void {
    this.#target = target
    this.#fellBack = false
    const { caller, memory } = this.#context
    const refusesSrtp = memory.srtp.refusal(this.#memoryKey) !== undefined
    this.#offers = sessionOffers(caller.preferredSdp, this.#step.encryption, refusesSrtp)
    if (this.#offers.length === 0) {
      this.record.note('baton', 'the caller’s session is not SRTP, and the handoff requires it')
      this.#giveUp(failed('not_encrypted'))
    } else {
      if (refusesSrtp) this.record.note('baton', 'it has lately refused SRTP: offered plain RTP')
      this.#call()
    }
  }

  /** Calls the next target after the present one has failed, or waits for one that was full; undefined when none is left. */
  #callAfter(outcome: TransferOutcome): (() => void) | undefined {
    const failedTarget = this.#target
    if (this.#targets.hasRemaining || this.#room?.mayWait) this.record.noteFailover(failedTarget, outcome)
    const next = this.#targets.next()
    if (next !== undefined) {
      return () => {
        this.#callTarget(next)
      }
    }

    return this.#room?.mayWait ? () => this.#waitForRoom() : undefined
  }

  /** Each INVITE is a call of its own, with a Call-ID of its own. */
  #call(): void {
    this.#offer = this.#offers.shift() ?? ''
    this.#early = new Map()
    this.#progressed.clear()
    const provisionals = new ProvisionalLimiter(this.#context.clock)
    const leg = this.#context.newDestination(this.#target)
    leg.owner = this
    leg.keepalive = this.#destination.trunk.keepalive
    leg.targetCall = this.#context.targets?.begin(this.#target)
    leg.isSrtpOnly = this.#step.encryption === 'required'
    this.#leg = leg
    this.record.note('baton', `INVITE ${this.#target}`)
    this.#redirects.noteCalled(this.#target)
    const invite = this.#redirects.inviteTo(this.#target)
    this.#hasRung = false
    const { stack, clock } = this.#context
    const sent = new PromptInvite(
      { stack, clock, progressTimeout: this.#destination.progressTimeout },
      this.#target,
      { ...invite, ...leg.describe(this.#offer), callId: leg.callId, addresses: leg.targetCall?.addresses },
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
    this.#noteProgress(response)
    this.#passEarly(response)
    this.#context.progress(response.status, response.reason)
  }

  /** RFC 3261 13.3.1.1: a peer repeats its provisional response each minute; each is noted once. */
  #noteProgress(response: SipResponse): void {
    const key = `${response.status} ${tagOf(response.header('To'))}`
    if (this.#progressed.has(key)) return
    this.#progressed.add(key)
    this.record.note('destination', statusLine(response))
  }

  /** The caller hears the first early session until the answer. */
  #passEarly(response: SipResponse): void {
    const session = sessionOf(response)
    if (session === '') return
    const isFirst = this.#early.size === 0
    this.#early.set(tagOf(response.header('To')), session)
    if (this.#destination.earlyMedia === 'hold' || !isFirst || this.#offer === '' || this.#rangOut) return
    if (this.#step.encryption === 'required' && !isEncrypted(session)) {
      this.record.note('baton', 'the early session is not SRTP, and the handoff requires it: held back')
    } else this.#context.guard.run(() => this.#context.callerMedia.moveTo(session, this.#note))
  }

  /** RFC 3261 13.2.2.4: a 2xx is acknowledged in any case. */
  #accepted(leg: PartyLeg, response: SipResponse, dialog: SipDialog): void {
    leg.dialog = dialog
    if (leg === this.#leg) this.#room?.keepBy(leg)
    leg.noteRemoteSdp(sessionOf(response) || (this.#early.get(dialog.remoteTag) ?? ''))
    this.#timer?.cancel()
    this.record.note('destination', statusLine(response))
    if (this.#offer !== '') dialog.ack()
    const { memory, guard } = this.#context
    const { trunk } = this.#destination
    // The target has refused SRTP and taken plain RTP.
    if (this.#fellBack) memory.srtp.remember(this.#memoryKey, trunk.srtpMemory, 'SRTP')

    if (this.#isOver()) guard.run(() => leg.bye())
    else if (leg.remoteSdp === '' || refusesAllMedia(this.#offer, leg.remoteSdp)) {
      this.record.note('baton', leg.remoteSdp === '' ? 'its answer has no session' : 'its answer refuses all media')
      if (this.#offer === '') dialog.ack()
      this.#giveUp(failed('media_refused'))
    } else if (this.#step.encryption === 'required' && !isEncrypted(leg.remoteSdp)) {
      this.record.note('baton', 'its session is not SRTP, and the handoff requires it')
      this.#giveUp(failed('not_encrypted'))
    } else guard.run(() => this.#connect(leg))
  }

  #failed(response: SipResponse): void {
    this.record.note(response.local ? 'baton' : 'destination', statusLine(response))
    if (this.#isOver()) return
    const { status } = response
    if (this.#rangOut) {
      this.#giveUp({ ...failed('no_answer', status), ...this.#rang })

      return
    }
    if (maybeRefusesSrtp(status) && this.#offers.length > 0) {
      this.record.note('baton', 'the handoff prefers SRTP and does not require it: offered plain RTP')
      this.#fellBack = true
      this.#again(() => {
        this.#call()
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
    this.#timer = this.#context.clock.after(this.#step.ringTimeout * 1000, () => {
      this.#ringTimeout()
    })
  }

  /** Sends another INVITE; a caller that heard the destination before is with its agent meanwhile. */
  #again(call: () => void): void {
    const { callerMedia, guard } = this.#context
    this.#invite = undefined
    guard.run(async () => {
      await callerMedia.bringBack(this.#note)
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
    this.#timer = this.#context.clock.after(cancelGraceMs, () => {
      this.record.note('baton', `no answer to the INVITE for ${cancelGraceMs / 1000} s after the CANCEL`)
      // A 200 that still comes is ACKed and released by the stack.
      this.#giveUp({ ...failed('no_answer', 408), ...this.#rang })
    })
    this.#context.guard.run(() => this.#context.callerMedia.bringBack(this.#note))
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

  /** The destination has answered: moves the caller's media there. */
  async #connect(destination: PartyLeg): Promise<void> {
    const { caller, callerMedia } = this.#context
    const response = await callerMedia.moveTo(destination.remoteSdp, this.#note)
    if (this.#offer === '') {
      destination.dialog?.ack(destination.describe(response && isSuccess(response.status) ? sessionOf(response) : ''))
    }
    if (this.#isOver() || !response) return

    if (!isSuccess(response.status)) {
      this.#giveUp(
        isDialogGone(response) ? { ...abandoned, code: response.status } : failed('media_refused', response.status),
      )

      return
    }

    // The caller's answer may name another address or codec than the session that the destination was offered.
    if (this.#offer !== '' && needsNewOffer(this.#offer, caller.remoteSdp, destination.remoteSdp)) {
      const heard = { note: this.#note, who: 'destination' } as const
      const { clock } = this.#context
      const update = await offerPastGlare(destination, caller.remoteSdp, clock, heard, () => !this.#isOver())
      if (this.#isOver()) return
      if (!isSuccess(update.status)) {
        this.#giveUp(failed('media_refused', update.status))

        return
      }
    }
    this.record.end({ result: 'succeeded', reason: 'answered', code: 200, then: 'stop' })
  }

  /** Releases the destination, moves the caller's media back to the agent, and ends with this outcome. */
  #giveUp(outcome: TransferOutcome): void {
    if (this.#isOver()) return
    this.#pending = outcome
    const { callerMedia, guard } = this.#context
    guard.run(() => this.#timer?.cancel())
    guard.run(() => this.#leg?.targetCall?.end())
    this.#room?.release()
    guard.run(() => (this.#leg?.dialog ? this.#leg.bye() : this.#invite?.cancel()))
    guard.run(async () => {
      await callerMedia.bringBack(this.#note)
      this.record.end(outcome)
    })
  }

  readonly #note: AttemptRecord['note'] = (from, what) => {
    this.record.note(from, what)
  }

  /** The gateway is part of the key: one gateway of a trunk may know SRTP where another does not. */
  get #memoryKey(): string {
    return `${this.#destination.trunk.name} ${this.#target.replace(/^[^@]*@/, '').split(';', 1)[0]}`
  }
}

function tagOf(to = ''): string {
  return /;\s*tag\s*=\s*([^;\s]+)/i.exec(to)?.[1] ?? ''
}
