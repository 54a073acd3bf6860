import type { CallOrigin } from '../legs/caller.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { ReleaseCause, Termination } from '../legs/termination.ts'
import type { AgentState, EndedBy, RecordingView, TransferView, TriedParty } from '../legs/views.ts'
import type { SipRequest } from '../sip/stack.ts'
import type { AttemptRecord, CallRecorder } from '../transfer/attempt.ts'
import type { TransferOutcome } from '../transfer/outcome.ts'
import type { Transfer } from '../transfer/transfer.ts'
import type { Admission, Consultation } from './admission.ts'
import type { CallState } from './call-machine.ts'
import type { AgentAttemptResult } from './call-setup.ts'
import type { KeptCall, KeptRecording } from './kept-call.ts'
import type { Ladder } from './ladders.ts'
import type { ReservedNumbers } from './reserved-numbers.ts'

/** The recording of a call. */
interface ObservedRecording extends CallRecorder {
  /** Undefined for a call of which nothing was to be recorded. */
  view(): RecordingView | undefined
  keep(): KeptRecording | undefined
}

/** The facts of a call, for views, metrics, events and CDRs. Times are milliseconds of the clock. */
export interface ObservedCall {
  readonly id: string
  readonly project: string
  readonly environment: string
  readonly admission: Admission
  readonly origin: CallOrigin
  /** Present when an agent makes the call; undefined for a caller's call. */
  readonly consultation: Consultation | undefined
  /** Whether it is a synthetic call of a rehearsal. */
  readonly isRehearsal: boolean
  /** Whether it is a sips call: each of its legs must be secure. */
  readonly isSecure: boolean
  readonly state: CallState
  readonly caller: PartyLeg
  readonly agent: PartyLeg | undefined
  readonly destination: PartyLeg | undefined
  readonly startedAt: number
  /** When the caller got its first provisional response above 100. */
  readonly ringingAt: number | undefined
  readonly answeredAt: number | undefined
  readonly endedAt: number | undefined
  readonly endedBy: EndedBy | undefined
  readonly termination: Termination | undefined
  readonly releaseCause: ReleaseCause | undefined
  /** The handoff under `agent_down` that was called; '' while agents are called. */
  readonly agentDown: string
  /** The last parties that were called in vain before the answer, and their responses. */
  readonly tried: readonly TriedParty[]
  readonly transfers: readonly Transfer[]
  /** The transfers that ended before this process took the call up. */
  readonly pastTransfers: readonly TransferView[]
  readonly recoveredAt: number | undefined
  /** The states that the agent's platform has set, oldest first. */
  readonly states: readonly AgentState[]
  readonly recording: ObservedRecording
  readonly legs: { readonly ladder: Ladder }
  /** The numbers of pools that it has reserved; undefined where it reserves none. */
  readonly numbers: ReservedNumbers | undefined
  /** The call as the next process needs it; undefined for one that it cannot take up. */
  keep(): KeptCall | undefined
}

/** Observes calls: events, metrics, CDRs and log lines are made from what it is told. None of its methods throws. */
export interface CallObserver {
  started(call: ObservedCall): void
  answered(call: ObservedCall): void
  /** @param call the call that was taken up; undefined when it could not be */
  recovered(kept: KeptCall, call: ObservedCall | undefined): void
  /** The next process must know that the caller waits for a final response: the call has rung for some seconds, or this one ends. */
  callerWaits(call: ObservedCall): void
  /** A party has another session or another address, or its leg is over. */
  changed(call: ObservedCall): void
  /** An agent was called for the caller; a call may try several. */
  agentTried(call: ObservedCall, result: AgentAttemptResult, reason: string): void
  ended(call: ObservedCall): void
  transferRequested(call: ObservedCall, transfer: Transfer): void
  transferProgress(call: ObservedCall, transfer: Transfer): void
  attemptEnded(call: ObservedCall, record: AttemptRecord, outcome: TransferOutcome): void
  transferEnded(call: ObservedCall, transfer: Transfer): void
  /** Proof has come after the outcome `was`, during the call or just after its end. */
  transferAmended(call: ObservedCall, transfer: Transfer, was: TransferOutcome): void
  /** The agent's platform has set a state of its own. */
  stateSet(call: ObservedCall): void
  /** The recording has begun, is paused, is over, or has failed. */
  recordingChanged(call: ObservedCall): void
  /** An INVITE got 500: an exception came before its call began. */
  failedBeforeCall(): void
  /** An INVITE from an address that no trunk has was refused; its source is blocked for `blocked` seconds, 0 for not at all. */
  refusedSource(
    request: SipRequest,
    termination: Pick<Termination, 'result' | 'reason' | 'sipStatus'>,
    blocked: number,
  ): void
  /** An exception ends this call, or its transfer. */
  defect(error: unknown, call?: Pick<ObservedCall, 'id' | 'project' | 'environment'>, transfer?: Transfer): void
  /** The credentials of a request were wrong, from a trunk that authenticates. */
  credentialsRefused(trunk: string, request: SipRequest): void
}
