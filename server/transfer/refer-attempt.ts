import type { KeptRefer } from './kept-transfer.ts'
import { defined } from '../../base/defined.ts'
import { firstLineOf, ignore, isSuccess, statusOf, type Timer } from '../../engine/index.ts'
import { requestHeaders, type Step } from '../../routes/index.ts'
import { isFull, type Lease } from '../limits/index.ts'
import { glareRetries, waitOutGlare } from '../legs/glare.ts'
import { statusLine, withPassedOver } from '../legs/status-line.ts'
import { needsUnderCaps } from '../legs/trunks.ts'
import { held } from '../media/session-state.ts'
import { isSecureUri } from '../sip/secure-uri.ts'
import type { HeadersToSend, IncomingRequest, SipDialogEnd, SipRequest, SipResponse } from '../sip/stack.ts'
import { AttemptRecord, isDialogGone, type Attempt, type AttemptContext } from './attempt.ts'
import { isOwnUri } from './destination.ts'
import type { KeptAttempt } from './kept-transfer.ts'
import { abandoned, failed, reasonOf, type TransferOutcome } from './outcome.ts'
import { referIdOf, sipfragOf } from './refer-event.ts'
import { referMachine, type ReferAction, type ReferInput, type ReferState } from './refer-machine.ts'
import { refusedOutcome, secondsRemembered } from './refer-refusals.ts'

/** How long a response or a NOTIFY that crosses the BYE of the caller's side is awaited. */
const crossingByeGraceMs = 1000

/** Asks the caller's side, by REFER, to call the destination itself. */
export class ReferAttempt implements Attempt {
  readonly record: AttemptRecord
  readonly #context: AttemptContext
  readonly #step: Step
  readonly #kept: KeptRefer | undefined
  #isSent = false
  #state: ReferState = 'asked'
  #timer: Timer | undefined
  #response: SipResponse | undefined
  /** The outcome, while the caller is taken off hold. */
  #pending: TransferOutcome | undefined
  /** The highest status that a sipfrag has carried. */
  #heard: number | undefined
  #hasRung = false

  /** @param kept a REFER of the process before */
  constructor(context: AttemptContext, step: Step, kept?: KeptAttempt) {
    this.#context = context
    this.#step = step
    this.record = new AttemptRecord(step, 'refer', context.clock, kept?.view)
    this.#kept = kept?.refer
  }

  run(): Promise<void> | undefined {
    if (!this.#kept) return this.#refer()
    this.#resume(this.#kept)

    return undefined
  }

  keep(): KeptAttempt {
    const isSent = this.#isSent && this.#state !== 'ended'
    const refer = isSent
      ? defined({ id: this.#id, isTaken: this.#state === 'accepted' || this.#state === 'left', heard: this.#heard })
      : undefined

    return { view: this.record.view(), ...defined({ refer }) }
  }

  /** The REFER is not sent again: its NOTIFYs are waited for. */
  #resume({ isTaken, heard }: KeptRefer): void {
    this.#isSent = true
    this.#state = 'accepted'
    this.#heard = heard
    this.#hasRung = heard !== undefined && heard >= 180 && heard < 200
    this.record.note(
      'baton',
      `Baton was restarted: ${isTaken ? '' : 'whether the REFER was taken is not known; '}its NOTIFYs are waited for`,
    )
    this.#waitFor(this.#step.notifyTimeout * 1000)
  }

  notify(notify: IncomingRequest): void {
    const { request } = notify
    const refusal = this.#refusalOf(request)
    if (refusal !== undefined) {
      this.record.note('baton', `${refusal} to a NOTIFY that is not of this REFER`)
      notify.respond(refusal)

      return
    }

    // The 200 goes out before a BYE that the NOTIFY leads to: Teams answers 481 to a BYE that overtakes it.
    notify.respond(200)
    const status = statusOf(sipfragOf(request))?.status
    this.record.note('caller', notifyText(request, status))
    if (status === undefined) {
      if (isLast(request)) this.#input('closed')

      return
    }

    // A provisional status may come after a final one.
    this.#heard = Math.max(status, this.#heard ?? 0)
    this.#hasRung ||= status >= 180 && status < 200
    this.#input(inputOf(status))
    if (status < 200 && this.#state === 'accepted') this.#context.progress(status)
  }

  /** Whether a NOTIFY names this REFER by its CSeq (RFC 3515 2.4.6). */
  isNamedBy(request: SipRequest): boolean {
    const id = referIdOf(request)

    return id !== undefined && id === this.#id
  }

  callerGone(end: SipDialogEnd): void {
    this.record.noteEnd(end, 'caller')
    this.#input('bye')
  }

  stop(outcome: TransferOutcome): void {
    // An accepted REFER cannot be cancelled: its outcome is not known until a NOTIFY tells it.
    const isAccepted = this.#state === 'accepted' || this.#state === 'left'
    if (!this.#pending) {
      this.#state = 'guessed'
      this.#settle(isAccepted ? { ...outcome, result: 'unknown' } : outcome)
    }
    // The outcome does not wait for the end of a hold.
    this.record.end(this.#pending ?? outcome)
  }

  /** The status that refuses a NOTIFY from elsewhere, or of another REFER (RFC 3515 2.4.6). */
  #refusalOf(request: SipRequest): number | undefined {
    if (!this.#context.isFromTrunk(request)) return 403

    return referIdOf(request) === undefined || this.#id === undefined || this.isNamedBy(request) ? undefined : 481
  }

  /** The REFER's CSeq, once it has been answered: until then it may be sent again with credentials. */
  get #id(): string | undefined {
    return this.#kept?.id ?? /^\d+/.exec(this.#response?.header('CSeq') ?? '')?.[0]
  }

  async #refer(): Promise<void> {
    const refusal = this.#refusal()
    if (refusal) {
      this.#state = 'ended'
      this.#settle(refusal)

      return
    }

    const { caller, trunk } = this.#context
    if (trunk.holdBeforeRefer) await this.#hold()
    if (this.record.isOver()) return
    const headers = referHeaders(this.#step, this.#context.agent.uri)
    this.record.note('baton', `REFER to ${this.#step.referTo ?? ''}`)
    this.#isSent = true
    this.#context.changed()
    const ask = async (): Promise<SipResponse | undefined> => caller.dialog?.request('REFER', { headers })
    let response = await ask()
    for (let retry = 0; response?.status === 491 && retry < glareRetries && this.#state === 'asked'; retry++) {
      this.record.note('caller', statusLine(response))
      await waitOutGlare(this.#context.clock, caller)
      if (this.record.isOver()) return
      response = await ask()
    }
    if (!response) {
      this.#input('bye')

      return
    }
    this.#response = response
    this.#context.changed()
    this.record.note(response.local ? 'baton' : 'caller', statusLine(response))
    this.#input(responseInput(response))
  }

  /** A re-INVITE that changes nothing shows whether the dialog is there: some peers answer 481 to REFER for its method. */
  async #probe(): Promise<void> {
    const response = await this.#context.callerMedia.refresh(this.#note)
    this.#input(response && isDialogGone(response) ? 'bye' : 'alive')
  }

  /** The outcome when no REFER is sent. */
  #refusal(): TransferOutcome | undefined {
    const { referUri = '' } = this.#step
    if (typeof referUri !== 'string') {
      const { code, detail } = referUri
      this.record.note('baton', `no REFER: ${detail}`)

      // The trunk that the handoff names for bridging may have a way to write the number.
      return { ...failed(code), detail, then: this.#step.fallback === 'invite' ? 'bridge' : 'next' }
    }
    if (isOwnUri(referUri, this.#context.own)) return failed('loop')

    return this.#context.isSecure && !isSecureUri(referUri) ? this.#notSecure(referUri) : this.#overCap()
  }

  /** The caller's side calls the number over its trunk: that counts under the caps of the trunk, unless it fails. */
  #overCap(): TransferOutcome | undefined {
    const { limits, trunk } = this.#context
    const { target, fallback } = this.#step
    const needs = needsUnderCaps(trunk, target)
    if (!limits || needs.length === 0) return undefined
    const taken = limits.take(needs)
    if (!isFull(taken)) {
      this.#context.guard.run(async () => {
        settleRoom(taken, await this.record.ended)
      })

      return undefined
    }
    limits.noteRefusal(taken)
    this.record.note('baton', `no REFER: ${taken.what}`)

    // The trunk that the handoff names for bridging may have room.
    return { ...failed('overflow'), detail: taken.what, then: fallback === 'invite' ? 'bridge' : 'next' }
  }

  /** A number may still be bridged by a gateway that is reached by TLS. */
  #notSecure(uri: string): TransferOutcome {
    const { target, fallback } = this.#step
    const isNumber = target.slice(0, 4).toLowerCase() === 'tel:'
    this.record.note('baton', `no REFER to ${uri}: the caller’s call is sips, and it is neither sips nor TLS`)

    return { ...failed('not_secure'), then: isNumber && fallback === 'invite' ? 'bridge' : 'next' }
  }

  /** Some peers transfer only a caller that is on hold. The REFER is sent even when the hold is refused. */
  async #hold(): Promise<void> {
    const { caller, callerMedia } = this.#context
    await callerMedia.moveTo(held(caller.localSdp), this.#note, 'to the hold')
    if (this.record.isOver()) await this.#endHold()
  }

  #endHold(): Promise<void> {
    return this.#context.callerMedia.bringBack(this.#note, 'to the end of the hold')
  }

  readonly #note: AttemptRecord['note'] = (from, what) => {
    this.record.note(from, what)
  }

  #input(input: ReferInput): void {
    const transition = referMachine[this.#state][input]
    if (transition === ignore) return
    this.#state = transition.state
    for (const action of transition.actions) this.#actions[action]()
  }

  readonly #actions: Record<ReferAction, () => void> = {
    listen: () => {
      this.#waitFor(this.#step.notifyTimeout * 1000)
    },
    linger: () => {
      this.#waitFor(crossingByeGraceMs)
    },
    probe: () => {
      this.#context.guard.run(() => this.#probe())
    },
    refused: () => {
      const response = this.#response
      if (!response) return
      const { memory, trunk } = this.#context
      memory.refer.remember(trunk.name, secondsRemembered(response, trunk.referMemory), statusLine(response))
      this.#settle(refusedOutcome(response, this.#step.fallback))
    },
    succeeded: () => {
      this.#settle({ result: 'succeeded', reason: 'answered', then: 'stop', ...this.#code })
    },
    failed: () => {
      const rang = this.#hasRung ? { rang: true as const } : {}
      this.#settle({ ...failed(reasonOf(this.#heard ?? 0), this.#heard), ...rang })
    },
    abandoned: () => {
      const response = this.#response
      this.#settle({ ...abandoned, ...defined({ code: response?.local ? undefined : response?.status }) })
    },
    unreported: () => {
      this.record.note('baton', `no NOTIFY for ${this.#step.notifyTimeout} s`)
      const declined = /^\s*false\b/i.test(this.#response?.header('Refer-Sub') ?? '')
      const unreported = declined ? 'no_subscription' : 'no_notify'
      this.#settle({
        result: 'unknown',
        reason: this.#kept?.isTaken === false ? 'restarted' : unreported,
        then: 'stop',
        ...this.#code,
      })
    },
    judgeBye: () => {
      this.#settle(this.#judgeBye())
    },
  }

  // A BYE after 180 is the caller's. Before that, it may also be a carrier's way to say that it has taken the call: the
  // trunk's setting tells which.
  #judgeBye(): TransferOutcome {
    if (this.#heard !== undefined && this.#heard > 100) return { ...abandoned, ...this.#code }
    const result = this.#context.trunk.byeAfterRefer === 'success' ? 'succeeded' : 'unknown'

    return { result, reason: 'bye_after_refer', then: 'stop', ...this.#code }
  }

  get #code(): { code?: number } {
    const code = this.#heard ?? this.#response?.status

    return code === undefined ? {} : { code }
  }

  #waitFor(ms: number): void {
    this.#timer?.cancel()
    this.#timer = this.#context.clock.after(ms, () => {
      this.#input('silence')
    })
  }

  #settle(outcome: TransferOutcome): void {
    this.#timer?.cancel()
    if (this.record.isOver()) {
      this.#context.amended(this.record, outcome)

      return
    }
    this.#pending = outcome
    const { callerMedia, guard } = this.#context
    if (callerMedia.isAway && outcome.result !== 'succeeded') {
      guard.run(async () => {
        await this.#endHold()
        this.record.end(outcome)
      })
    } else this.record.end(outcome)
  }
}

function inputOf(sipfragStatus: number): ReferInput {
  if (sipfragStatus < 200) return 'progress'

  return sipfragStatus < 300 ? 'success' : 'failure'
}

function isLast(request: SipRequest): boolean {
  return /^\s*terminated\b/i.test(request.header('Subscription-State') ?? '')
}

function notifyText(request: SipRequest, status: number | undefined): string {
  const line = firstLineOf(sipfragOf(request))

  const what = `NOTIFY ${status === undefined ? 'without a status' : line}${isLast(request) ? ', terminated' : ''}`

  return withPassedOver(what, request)
}

/** The headers of the REFER that a step sends. A handoff's own Referred-By takes the place of the agent's (RFC 3892: one). */
function referHeaders(step: Step, referredBy: string): HeadersToSend {
  const headers = requestHeaders(step, 'refer')
  const isNamed = headers.some(([name]) => name.toLowerCase() === 'referred-by')

  return [
    ['Refer-To', step.referTo ?? ''],
    ...(isNamed ? [] : [['Referred-By', `<${referredBy}>`] as const]),
    ...headers,
  ]
}

function responseInput(response: SipResponse): 'accepted' | 'refused' | 'doubtful' {
  if (isSuccess(response.status)) return 'accepted'
  // RFC 5057 5.1: a 408 that the peer sends to REFER ends neither the dialog nor the session.
  if (response.status === 408 && !response.local) return 'refused'

  return isDialogGone(response) ? 'doubtful' : 'refused'
}

function settleRoom(room: Lease, { result }: TransferOutcome): void {
  if (result === 'succeeded' || result === 'unknown') room.noteAnswered()
  room.release()
}
