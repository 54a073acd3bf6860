import { defined } from '../../base/defined.ts'
import type { Trunk } from '../../config/index.ts'
import { copyText, isoTime, type Clock, momentOf } from '../../engine/index.ts'
import type { HandoffMedia, Step } from '../../routes/index.ts'
import type { CallStack, Guard } from '../guard.ts'
import type { TargetHealth } from '../targets/index.ts'
import type { CallerMedia } from '../legs/caller-media.ts'
import type { EvidenceNote } from '../legs/glare.ts'
import type { PartyLeg, PartyLegOwner } from '../legs/party-leg.ts'
import type { LimitNeed, RoomBook } from '../limits/index.ts'
import type { MediaAnchors } from '../media/index.ts'
import type { CallAudio } from './played-media.ts'
import { withPassedOver } from '../legs/status-line.ts'
import type { AttemptView, Evidence, PartyRole, TransferMethod } from '../legs/views.ts'
import type { IncomingRequest, SipAddress, SipDialogEnd, SipRequest, SipResponse } from '../sip/stack.ts'
import type { Destination } from './destination.ts'
import type { KeptAttempt } from './kept-transfer.ts'
import type { TransferOutcome } from './outcome.ts'
import type { RememberedRefusal, TrunkMemories } from './trunk-memory.ts'

/** A step as its resolver has decided it, and what was decided, for the evidence; the step of the table where it decided nothing. */
export interface ResolvedStep {
  step: Step
  evidence: readonly string[]
}

/** Asks the resolver of a step. Does not reject because of anything that the endpoint does. */
export type StepResolver = (step: Step, cancelled: AbortSignal) => Promise<ResolvedStep>

/** What an attempt uses of its call and its transfer. */
export interface AttemptContext {
  /** The call's id. */
  readonly call: string
  readonly stack: CallStack
  /** Starts asynchronous work; a rejection ends the transfer. */
  readonly guard: Guard
  readonly clock: Clock
  readonly caller: PartyLeg
  readonly agent: PartyLeg
  readonly trunk: Trunk
  /** Undefined where MEDIA names no media server. */
  readonly media: MediaAnchors | undefined
  readonly audio: CallAudio
  readonly recording: CallRecorder
  /** Moves the caller's media to a destination, and back. */
  readonly callerMedia: CallerMedia
  /** The latest refusals: of REFER, by trunk, and of SRTP, by trunk and destination. */
  readonly memory: TrunkMemories
  /** Baton's own listeners: a Refer-To that names one would bring the caller back in a circle. */
  readonly own: readonly SipAddress[]
  /** Whether the caller's call is sips: the caller is moved to secure targets alone. */
  readonly isSecure: boolean
  /** Counts calls against the limits of targets, trunks, handoffs and projects; undefined for a rehearsal. */
  readonly limits: RoomBook | undefined
  /** The room that a step's handoff needs. */
  needsOf: (step: Step) => readonly LimitNeed[]
  /** The step with a number of its pool, which is this transfer's until it is over; undefined when all are taken. */
  numbered(step: Step): Step | undefined
  /** Asks the resolvers of steps; undefined in a rehearsal, and where no step has one. */
  readonly resolve?: StepResolver | undefined
  /** Whether a NOTIFY comes from an address of the caller's trunk. */
  isFromTrunk(request: SipRequest): boolean
  /** How a step's destination is called. */
  destination(step: Step): Destination
  /** Whether the addresses that calls are sent to are up; without it, all of them are called. */
  readonly targets: TargetHealth | undefined
  /** Whether a later step of the plan may be tried in the place of this one, whose targets are all down. */
  hasOpenAlternative(step: Step): boolean
  /** Makes a leg for a destination; the call's ladder has its messages from the first one. */
  newDestination(uri: string): PartyLeg
  /** Puts a leg of another call on this call's ladder, as its destination, from now on. */
  adopt(leg: PartyLeg): void
  /** An attended transfer: the call whose far end the caller is joined with. */
  readonly other?: OtherCall | undefined
  /** Tells the agent (by a sipfrag, where there is a status) and the operators how the attempt goes. */
  progress(status?: number, reason?: string): void
  /** The attempt has changed in a way that the next process must know. */
  changed(): void
  /** Replaces the outcome of an attempt that had ended without proof. */
  amended(record: AttemptRecord, outcome: TransferOutcome): void
}

/** Records the caller's talk with each of its parties, where that is wanted. */
export interface CallRecorder {
  /** Whether the talk with a destination of these terms is recorded; with the agent, without terms. */
  wants(terms?: HandoffMedia): boolean
  /** The caller talks with this party from now on: it is recorded where that is wanted, and nothing waits for that. */
  talksWith(leg: PartyLeg, terms?: HandoffMedia, note?: EvidenceNote): void
}

/** One REFER, INVITE or BYE of a transfer. Its record ends exactly once, in whatever order messages come. */
export interface Attempt {
  readonly record: AttemptRecord
  /** The leg that takes the agent's place, once the attempt has succeeded by bridging. */
  readonly destination?: PartyLeg | undefined
  run(): unknown
  /** The caller's dialog has ended. */
  callerGone(end: SipDialogEnd): void
  /** The agent's dialog has ended. */
  agentGone?(end: SipDialogEnd): void
  /** The API accepts or declines the caller in the place of the person; false when neither is possible now. */
  decide?(decision: 'accepted' | 'declined'): boolean
  /** Ends the attempt with this outcome, and releases what it has begun. */
  stop(outcome: TransferOutcome): void
  /** The attempt as the next process needs it; its view alone when left out. */
  keep?(): KeptAttempt
  /** A NOTIFY of the `refer` event on the caller's dialog. */
  notify(request: IncomingRequest): void
}

/** RFC 3261 12.2.1.2: 408 or 481 to a re-INVITE, or no response at all, says that the dialog is gone. */
export function isDialogGone({ status, local }: SipResponse): boolean {
  return status === 408 || status === 481 || (local && status !== 491)
}

/** What an attempt did and met, for the API and the CDR. */
export class AttemptRecord {
  readonly step: Step
  readonly method: TransferMethod
  readonly #clock: Clock
  #startedAt: number
  readonly #evidence: Evidence[] = []
  #tried: NonNullable<AttemptView['tried']> | undefined
  #remembered: RememberedRefusal | undefined
  /** Resolves with the outcome. */
  readonly ended: Promise<TransferOutcome>
  #resolve: (outcome: TransferOutcome) => void = () => undefined
  #outcome: TransferOutcome | undefined
  #endedAt: number

  /** @param kept what the process before has noted */
  constructor(step: Step, method: TransferMethod, clock: Clock, kept?: AttemptView) {
    this.step = step
    this.method = method
    this.#clock = clock
    this.#startedAt = this.#endedAt = kept ? momentOf(Date.parse(kept.startedAt), clock) : clock.now()
    if (kept) this.#evidence.push(...kept.evidence)
    this.#tried = kept?.tried && [...kept.tried]
    this.ended = new Promise((resolve) => (this.#resolve = resolve))
  }

  isOver(): boolean {
    return this.#outcome !== undefined
  }

  note(from: PartyRole | 'baton', what: string): void {
    this.#evidence.push({ at: isoTime(this.#clock.now()), from, what: copyText(what) })
  }

  /** Puts what was noted before the attempt had a record in front of its own evidence. @param startedAt when that began */
  beginsWith(evidence: readonly Evidence[], startedAt: number): void {
    this.#evidence.unshift(...evidence)
    this.#startedAt = startedAt
  }

  /** Notes that a target has given way to the next one of the same destination. */
  noteFailover(target: string, { reason, code }: TransferOutcome): void {
    this.#tried ??= []
    this.#tried.push({ target: copyText(target), reason, ...defined({ code }) })
  }

  /** Notes that the caller waits for room; the agent keeps it meanwhile. */
  noteQueued(seconds: number): void {
    this.note('baton', `waits for room, for ${seconds} s at most; the caller stays with its agent`)
  }

  /** Notes that the caller is bridged because its trunk has refused REFER before. */
  noteRememberedRefusal(refusal: RememberedRefusal): void {
    this.#remembered = refusal
    this.note('baton', `bridged at once: this trunk has lately refused REFER (${refusal.what})`)
  }

  /** Notes that a party's dialog has ended: by a BYE, or because the stack gave it up. */
  noteEnd(end: SipDialogEnd, who: PartyRole): void {
    if (end.by === 'peer') this.note(who, withPassedOver('BYE', end.request))
    else this.note('baton', `dialog ended: ${end.reason}`)
  }

  /** The first outcome stands. Returns whether this was the first. */
  end(outcome: TransferOutcome): boolean {
    if (this.#outcome) return false
    this.#outcome = outcome
    this.#resolve(outcome)
    this.#endedAt = this.#clock.now()

    return true
  }

  /** Proof has come after an outcome without proof, and takes its place. */
  amend(outcome: TransferOutcome): void {
    this.#outcome = outcome
  }

  view(): AttemptView {
    const outcome = this.#outcome

    return {
      handoff: this.step.handoff,
      method: this.method,
      target: this.step.target,
      ...defined({
        result: outcome?.result,
        reason: outcome?.reason,
        code: outcome?.code,
        detail: outcome?.detail,
        local: outcome?.local,
        rang: outcome?.rang,
        remembered: this.#remembered && {
          what: this.#remembered.what,
          until: isoTime(this.#remembered.until),
        },
        tried: this.#tried && [...this.#tried],
      }),
      startedAt: isoTime(this.#startedAt),
      ...defined({ endedAt: outcome && isoTime(this.#endedAt) }),
      headers: Object.fromEntries(this.step.headers),
      evidence: [...this.#evidence],
    }
  }
}

/** Another call of the same agent, whose far end takes the agent's place in an attended transfer (RFC 5589 7). */
export interface OtherCall {
  readonly id: string
  /** The leg that is to be joined with the caller. */
  readonly farEnd: PartyLeg
  readonly agent: PartyLeg
  /** The handoff that was consulted; undefined when another caller is at the far end. */
  readonly handoff: string | undefined
  readonly isSecure: boolean
  /** Gives the far end's dialog to `owner`: nothing that the agent does ends it from now on. */
  detach(owner: PartyLegOwner): void
  /** The far end has another session. */
  changed(): void
  /** The join has failed: the far end is with its agent again, or released when the agent has gone. */
  reattach(): void
  /** The far end has been joined: the other call is over. */
  complete(): void
}
