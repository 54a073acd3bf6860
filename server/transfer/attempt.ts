import { withPassedOver } from '../legs/status-line.ts'
import { copyText, isoTime, type Clock } from '../../engine/index.ts'
import type { Step } from '../../routes/index.ts'
import type { PartyLeg, PartyLegOwner } from '../legs/party-leg.ts'
import type { AttemptView, Evidence, PartyRole, TransferMethod } from '../legs/views.ts'
import type { Trunk } from '../../config/index.ts'
import type { CallStack, Guard } from '../guard.ts'
import type { SipDialogEnd, IncomingRequest, SipAddress, SipRequest } from '../sip/stack.ts'
import type { Destination } from './destination.ts'
import type { CallerMedia } from '../legs/caller-media.ts'
import type { RememberedRefusal, TrunkMemory } from './trunk-memory.ts'
import type { TransferOutcome } from './outcome.ts'

/** What an attempt has to work with. */
export interface AttemptContext {
  readonly stack: CallStack
  /** Starts what is asynchronous; what that rejects with ends the transfer. */
  readonly guard: Guard
  readonly clock: Clock
  readonly caller: PartyLeg
  readonly agent: PartyLeg
  readonly trunk: Trunk
  /** Moves the caller's media to a destination, and back. */
  readonly callerMedia: CallerMedia
  /** Who has lately refused REFER, by trunk, and SRTP, by trunk and destination. */
  readonly memory: Readonly<Record<'refer' | 'srtp', TrunkMemory>>
  /** Where we listen: a Refer-To that names us would bring the caller back in a circle. */
  readonly own: readonly SipAddress[]
  /** Whether the caller's call is sips: it is moved to secure targets alone. */
  readonly isSecure: boolean
  /** Whether a NOTIFY comes from where the caller's trunk speaks. */
  isFromTrunk(request: SipRequest): boolean
  /** How a step's destination is called. */
  destination(step: Step): Destination
  /** A leg for a destination, known to the call's ladder from its first message. */
  newDestination(uri: string): PartyLeg
  /** A leg of another call is on this call's ladder, as its destination, from now on. */
  adopt(leg: PartyLeg): void
  /** An attended transfer: the call whose far end the caller is joined with. */
  readonly other?: OtherCall | undefined
  /** Something happened that the agent and the operators should see; a status is one that a sipfrag can carry. */
  progress(status?: number, reason?: string): void
  /** An attempt that has ended without proof has a outcome with proof now. */
  amended(record: AttemptRecord, outcome: TransferOutcome): void
}

/** One REFER, INVITE or BYE of a transfer. Its record ends once, whatever comes in what order. */
export interface Attempt {
  readonly record: AttemptRecord
  /** Who takes the agent's place, once the attempt has succeeded by bridging. */
  readonly destination?: PartyLeg | undefined
  /** Begins it. */
  run(): unknown
  /** The caller's dialog has ended. */
  callerGone(end: SipDialogEnd): void
  /** Stop now, with this outcome, and leave nothing behind. */
  stop(outcome: TransferOutcome): void
  /** A NOTIFY of the `refer` event on the caller's dialog. */
  notify(request: IncomingRequest): void
}

/** What is known of an attempt, for the API and the CDR. */
export class AttemptRecord {
  readonly step: Step
  readonly method: TransferMethod
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #evidence: Evidence[] = []
  #tried: NonNullable<AttemptView['tried']> | undefined
  #remembered: RememberedRefusal | undefined
  /** Resolves with the outcome. */
  readonly ended: Promise<TransferOutcome>
  #resolve: (outcome: TransferOutcome) => void = () => undefined
  #outcome: TransferOutcome | undefined
  #endedAt: number

  constructor(step: Step, method: TransferMethod, clock: Clock) {
    this.step = step
    this.method = method
    this.#clock = clock
    this.#startedAt = this.#endedAt = clock.now()
    this.ended = new Promise((resolve) => (this.#resolve = resolve))
  }

  /** Whether the outcome is there; it may come while something else is awaited. */
  isOver(): boolean {
    return this.#outcome !== undefined
  }

  note(from: PartyRole | 'baton', what: string): void {
    this.#evidence.push({ at: isoTime(this.#clock.now()), from, what: copyText(what) })
  }

  /** A target has given way to the next of the same destination. */
  noteFailover(target: string, { reason, code }: TransferOutcome): void {
    this.#tried ??= []
    this.#tried.push({ target: copyText(target), reason, ...(code !== undefined && { code }) })
  }

  /** The caller is bridged because its trunk has refused REFER before. */
  noteRememberedRefusal(refusal: RememberedRefusal): void {
    this.#remembered = refusal
    this.note('baton', `bridged at once: this trunk has lately refused REFER (${refusal.what})`)
  }

  /** Somebody's dialog has ended: by a BYE, or because the stack gave it up. */
  noteEnd(end: SipDialogEnd, who: PartyRole): void {
    if (end.by === 'peer') this.note(who, withPassedOver('BYE', end.request))
    else this.note('baton', `dialog ended: ${end.reason}`)
  }

  /** The first outcome stands. Returns whether this was it. */
  end(outcome: TransferOutcome): boolean {
    if (this.#outcome) return false
    this.#outcome = outcome
    this.#resolve(outcome)
    this.#endedAt = this.#clock.now()

    return true
  }

  /** Proof has come after the outcome, and takes its place. */
  amend(outcome: TransferOutcome): void {
    this.#outcome = outcome
  }

  view(): AttemptView {
    const outcome = this.#outcome

    return {
      handoff: this.step.handoff,
      method: this.method,
      target: this.step.target,
      ...(outcome && { result: outcome.result, reason: outcome.reason }),
      ...(outcome?.code !== undefined && { code: outcome.code }),
      ...(outcome?.detail !== undefined && { detail: outcome.detail }),
      ...(outcome?.local && { local: true as const }),
      ...(outcome?.rang && { rang: true as const }),
      ...(this.#remembered && {
        remembered: { what: this.#remembered.what, until: isoTime(this.#remembered.until) },
      }),
      ...(this.#tried && { tried: [...this.#tried] }),
      startedAt: isoTime(this.#startedAt),
      ...(outcome && { endedAt: isoTime(this.#endedAt) }),
      headers: Object.fromEntries(this.step.headers),
      evidence: [...this.#evidence],
    }
  }
}

/** Another call of the same agent, whose far end is to take the agent's place in an attended transfer. */
export interface OtherCall {
  readonly id: string
  /** Who is to be joined with the caller. */
  readonly farEnd: PartyLeg
  readonly agent: PartyLeg
  /** The handoff that was consulted; undefined when another caller is at the far end. */
  readonly handoff: string | undefined
  /** Whether it is a sips call. */
  readonly isSecure: boolean
  /** From now on nothing that the agent does ends the far end's dialog: `owner` looks after it. */
  detach(owner: PartyLegOwner): void
  /** It came to nothing: the far end is with its agent again, or released when the agent has gone. */
  reattach(): void
  /** The far end has been joined: this call is over. */
  complete(): void
}
