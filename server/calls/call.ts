import { copyText, ignore, isoTime, momentOf } from '../../engine/index.ts'
import { Guard } from '../guard.ts'
import { callOriginOf, type CallOrigin } from '../legs/caller.ts'
import { reasonHeaders } from '../legs/headers.ts'
import type { PartyLeg, PartyLegOwner } from '../legs/party-leg.ts'
import { serveReinvite, serveRequest } from '../legs/relay.ts'
import { answered, reasonOfEnd, releaseCause, unanswered, type Termination } from '../legs/termination.ts'
import type { AgentState, EndedBy, TransferView, TriedParty } from '../legs/views.ts'
import { sessionOf } from '../sip/body-part.ts'
import { isSipsInvite } from '../sip/secure-uri.ts'
import type {
  HeadersToSend,
  IncomingInvite,
  IncomingReinvite,
  IncomingRequest,
  SipDialogEnd,
  SipRequest,
} from '../sip/stack.ts'
import { byeCancels } from '../transfer/agent-refer.ts'
import type { OtherCall } from '../transfer/attempt.ts'
import type { DestinationParts } from '../transfer/destination.ts'
import { cancelled, internalError } from '../transfer/outcome.ts'
import type { Transfer } from '../transfer/transfer.ts'
import type { TransferRequest } from '../transfer/transfer-request.ts'
import type { AcceptedTransfer, Transfers } from '../transfer/transfers.ts'
import { isRefused, isSecureConsultation, type Admission, type Admitted, type Consultation } from './admission.ts'
import { type FarEnd, settledFarEnd } from './attended.ts'
import { keepCall } from './call-keeper.ts'
import { CallLegs } from './call-legs.ts'
import { CallRecording } from './call-recording.ts'
import { callMachine, type CallAction, type CallInput, type CallState } from './call-machine.ts'
import { type CallBeginning, type CallOverride, type CallParts, setupParts } from './call-parts.ts'
import { noStates, withAgentState } from './call-view.ts'
import { beginningOf, type KeptCall, type RestoredCall } from './kept-call.ts'
import type { ObservedCall } from './observed-call.ts'
import { ReservedNumbers } from './reserved-numbers.ts'
import { CallSetup, type SetupFailure, type SetupResult } from './call-setup.ts'
import { CallTransfers } from './call-transfers.ts'

const noTransfers: readonly Transfer[] = []

/** One caller, from INVITE to the end: its parties, what they send to each other, and one termination. */
export class Call implements ObservedCall, PartyLegOwner {
  readonly id: string
  readonly guard = new Guard((error) => {
    this.#fail(error)
  })
  readonly admission: Admission
  readonly legs: CallLegs
  readonly recording: CallRecording
  readonly project: string
  readonly environment: string
  readonly isSecure: boolean
  readonly origin: CallOrigin
  readonly startedAt: number
  /** When this process took the call up from the one before. */
  readonly recoveredAt: number | undefined
  readonly pastTransfers: readonly TransferView[]
  answeredAt: number | undefined
  endedAt: number | undefined
  endedBy: EndedBy | undefined
  termination: Termination | undefined
  releaseCause: ObservedCall['releaseCause']
  states: readonly AgentState[] = noStates
  readonly numbers: ReservedNumbers | undefined
  readonly #parts: CallParts
  readonly #setup: CallSetup
  readonly #override: CallOverride | undefined
  /** Undefined before the first request that concerns transfers. */
  #transfers: CallTransfers | undefined
  #state: CallState = 'setup'
  #farEnd: FarEnd | undefined
  /** Whether the ACK to a party waits for the caller's, which brings the answer of a late offer. */
  #isAckPending: boolean
  /** The reason that a party has given for the end, for the BYE to the others. */
  #byeHeaders: HeadersToSend = []

  constructor(
    parts: CallParts,
    invite: IncomingInvite,
    admission: Admission,
    { override, kept, lost }: CallBeginning = {},
  ) {
    const clock = this.guard.clock(parts.clock)
    const { settings, ladders, media } = parts
    this.#parts = parts
    this.numbers = parts.numbers && new ReservedNumbers(parts.numbers, parts.clock)
    this.admission = admission
    ;({ project: this.project, environment: this.environment } = isRefused(admission) ? admission : admission.pinned)
    const begun = beginningOf(kept?.call ?? lost, parts.clock)
    ;({ id: this.id, startedAt: this.startedAt, recoveredAt: this.recoveredAt } = begun)
    this.pastTransfers = begun.pastTransfers
    const { request } = invite
    this.origin = callOriginOf(request, settings.nodeName)
    this.isSecure =
      kept?.call.isSecure === true ||
      (settings.sip.sips === 'secure' && (isSipsInvite(request) || isSecureConsultation(admission)))
    const parties = { owner: this, ladders, media, clock, keepalive: admission.trunk.keepalive }
    this.legs = new CallLegs(parties, admission.caller.uri, copyText(request.callId))
    this.caller.noteRemoteSdp(sessionOf(request))
    this.#override = override
    this.recording = new CallRecording(this, { clock, media, changed: () => parts.observer.recordingChanged(this) })
    this.#setup = new CallSetup(
      setupParts(this, parts, { clock, invite, limits: override ? undefined : parts.limits }),
      {
        createPartyLeg: (role, uri, dialled) => {
          if (dialled) parts.contexts?.agentDownDialled(this, dialled.handoff, dialled.number)

          return this.legs.createPartyLeg(role, uri)
        },
        agentTried: (result, reason) => parts.observer.agentTried(this, result, reason),
        done: (result) => this.#setUp(result),
        withdrawn: (failure) => this.#endUnanswered(failure),
      },
    )
    this.#isAckPending = !kept && this.#setup.isLateOffer
    if (kept) this.#takeUp(kept)
  }

  /** The call as the next process needs it; undefined for one that it cannot take up. */
  keep(): KeptCall | undefined {
    return this.#state === 'ended' ? undefined : keepCall(this, this.#setup.request, this.#setup.keep())
  }

  get state(): CallState {
    return this.#state
  }

  get caller(): PartyLeg {
    return this.legs.caller
  }

  get agent(): PartyLeg | undefined {
    return this.legs.agent
  }

  get destination(): PartyLeg | undefined {
    return this.legs.destination
  }

  get consultation(): Consultation | undefined {
    return isRefused(this.admission) ? undefined : this.admission.consultation
  }

  /** The leg that an attended transfer may take over; undefined unless two parties talk, and neither is being moved. */
  get farEnd(): FarEnd | undefined {
    return this.#isDetached ? undefined : (this.#farEnd = settledFarEnd(this, this.#farEnd, this.#finishDetached))
  }

  get ringingAt(): number | undefined {
    return this.#setup.ringingAt
  }

  get agentDown(): string {
    return this.#setup.agentDown
  }

  get tried(): readonly TriedParty[] {
    return this.#setup.tried
  }

  get transfers(): readonly Transfer[] {
    return this.#transfers?.transfers.all ?? noTransfers
  }

  /** The caller's INVITE, until the call has ended. */
  get invite(): SipRequest {
    return this.#setup.request
  }

  get isRehearsal(): boolean {
    return this.#override !== undefined
  }

  /** Calls the agents, or refuses the caller. */
  begin(): void {
    this.#parts.observer.started(this)
    this.guard.run(() => {
      this.#setup.start(this.#override?.agents)
    })
  }

  /**
   * Moves the caller. A request for the same handoff joins the transfer that runs.
   * @throws TransferRefused when the caller is not with its agent, or another transfer runs
   */
  transfer(request: TransferRequest): { transfer: Transfer; joined: boolean } {
    const accepted = this.#transfersOfCall.transfers.accept(request)
    accepted.run()

    return accepted
  }

  /**
   * Joins the caller with the far end of another call of the agent: an attended transfer.
   * @throws TransferRefused as `transfer` does
   */
  join(request: TransferRequest, other: OtherCall): AcceptedTransfer {
    return this.#transfersOfCall.transfers.accept(request, other)
  }

  /** Cancels the running transfer, or decides in the place of the person. Each throws TransferRefused when there is nothing to do. */
  get transferControl(): Pick<Transfers, 'cancel' | 'decide'> {
    return this.#transfersOfCall.transfers
  }

  setState(state: string, detail?: string): void {
    this.states = withAgentState(this.states, isoTime(this.#parts.clock.now()), state, detail)
    this.#parts.observer.stateSet(this)
    this.#parts.contexts?.stateSet(this)
  }

  /** Ends the call. A running transfer is stopped, and has its outcome first. */
  hangUp(reason: 'hung_up_by_api' | 'shutdown' | 'connection_lost' | 'max_duration' | 'lost_in_restart'): void {
    this.guard.run(() => {
      if (this.#state === 'setup') {
        this.#finish(reason === 'shutdown' ? unanswered.draining : unanswered[reason], 'baton')
      } else {
        this.#end(answered(reason), 'baton')
        this.#runningTransfer?.stop({ result: 'failed', reason, then: 'stop' })
      }
    })
  }

  /** The facts that decide how a destination of this call is called. */
  destinationParts(admitted: Admitted): DestinationParts {
    return this.#setup.destinationParts(admitted)
  }

  request(leg: PartyLeg, request: IncomingRequest): unknown {
    const { method } = request.request
    if (method === 'REFER') this.#transfersOfCall.transfers.refer(leg, request)
    else if (method === 'NOTIFY') this.#transfersOfCall.transfers.notify(leg, request)
    else if (method === 'SUBSCRIBE') this.#transfersOfCall.transfers.subscribe(leg, request)
    else return serveRequest(leg, this.#peerOf(leg), request, this.#runningTransfer?.hasCallerAway)

    return undefined
  }

  reinvite(leg: PartyLeg, invite: IncomingReinvite): unknown {
    return serveReinvite(leg, this.#peerOf(leg), invite, this.#runningTransfer?.hasCallerAway)
  }

  ack(leg: PartyLeg, ack: SipRequest): void {
    if (leg === this.caller) this.#setup.settle()
    const party = this.#peerOf(leg)
    if (leg !== this.caller || !this.#isAckPending || !party) return
    this.#isAckPending = false
    party.dialog?.ack(party.describe(sessionOf(ack)))
  }

  changed(): void {
    this.#parts.observer.changed(this)
  }

  ended(leg: PartyLeg, end: SipDialogEnd): void {
    if (end.by === 'peer') this.#byeHeaders = reasonHeaders(end.request)
    const running = this.#runningTransfer
    // The agent may leave while its transfer runs, unless its BYE cancels the transfer.
    const agentLeaves = leg === this.agent && !byeCancels(end)
    if (running && agentLeaves) running.agentGone(end)
    if ((running && agentLeaves) || this.#isDetached) return
    this.#end(answered(reasonOfEnd(end)), end.by === 'peer' ? leg.role : 'baton')
    if (leg === this.caller) running?.callerGone(end)
    else running?.stop(cancelled)
  }

  #takeUp({ call, ...parties }: RestoredCall): void {
    const { answeredAt, states = noStates, legs, transfer } = call
    this.#state = call.state === 'transferring' && !transfer ? 'connected' : call.state
    if (answeredAt !== undefined) this.answeredAt = momentOf(answeredAt, this.#parts.clock)
    this.states = states
    this.#setup.takeUp(call, this.#parts.clock)
    this.legs.takeUp(legs, parties.takeUpLeg)
    if (call.recording) this.recording.takeUp(call.recording, this.legs.peerOf(this.caller))
    if (transfer) this.#transfersOfCall.resume(transfer, parties)
  }

  get #transfersOfCall(): CallTransfers {
    return (this.#transfers ??= new CallTransfers(
      this,
      {
        guard: this.guard,
        isMovable: () => this.farEnd !== undefined,
        legs: this.legs,
        setup: this.#setup,
        proceed: (input) => {
          this.#proceed(input)
        },
        bridge: (destination) => {
          this.legs.bridge(destination)
          this.#proceed('destinationBridged')
        },
        finish: (termination, by) => {
          this.#finish(termination, by)
        },
      },
      { ...this.#parts, clock: this.guard.clock(this.#parts.clock), stack: this.guard.stack(this.#parts.stack) },
      this.#override,
    ))
  }

  get #runningTransfer(): Transfer | undefined {
    return this.#transfers?.transfers.running
  }

  #peerOf(leg: PartyLeg): PartyLeg | undefined {
    // No peer while the far end is detached to another call.
    return this.#isDetached ? undefined : this.legs.peerOf(leg)
  }

  get #isDetached(): boolean {
    return this.#farEnd?.isDetached === true
  }

  readonly #finishDetached = (reason: 'joined' | 'hangup', by: EndedBy): void => {
    this.#finish(answered(reason), by)
  }

  #setUp(result: SetupResult): void {
    if ('answeredBy' in result) {
      this.answeredAt = result.at
      this.#proceed(result.answeredBy.role === 'agent' ? 'agentAnswered' : 'destinationAnswered')
    } else {
      if (result.reasons) this.#byeHeaders = result.reasons
      this.#finish(result.termination, result.by)
    }
  }

  /** A party may have answered already: it is released, and the call counts as unanswered. */
  #endUnanswered({ termination, by, reasons }: SetupFailure): void {
    if (this.#state === 'ended') return
    if (reasons) this.#byeHeaders = reasons
    this.answeredAt = undefined
    this.#end(termination, by)
    this.#runningTransfer?.callerGone({ by: 'stack', reason: 'refused' })
  }

  /** A call whose transfer runs ends once the transfer has its outcome. */
  #end(termination: Termination, by: EndedBy): void {
    if (this.#runningTransfer) this.#transfers?.endAfterTransfer(termination, by)
    else this.#finish(termination, by)
  }

  #finish(termination: Termination, by: EndedBy): void {
    if (this.#state === 'ended') return
    this.termination = termination
    this.endedBy = by
    this.#proceed('over')
  }

  /** The last resort: an exception ends the call, and all its parties are released. */
  #fail(error: unknown): void {
    this.#parts.observer.defect(error, this)
    this.#end(this.#state === 'setup' ? unanswered.internal_error : answered('internal_error'), 'baton')
    this.#runningTransfer?.stop(internalError)
  }

  #proceed(input: CallInput): void {
    const transition = callMachine[this.#state][input]
    if (transition === ignore) return
    this.#state = transition.state
    for (const action of transition.actions) this.#act(action)
  }

  #act(action: CallAction): void {
    const { guard, termination } = this
    if (action === 'reportAnswer') this.#parts.observer.answered(this)
    else if (action === 'release') this.#release()
    else if (!termination) return
    else if (action === 'record') {
      guard.run(() => (this.releaseCause = releaseCause(termination, this.#byeHeaders)))
      guard.run(() => (this.endedAt = this.#parts.clock.now()))
    } else guard.run(() => this.#setup.reject(termination, this.#byeHeaders))
  }

  #release(): void {
    const { guard, termination } = this
    // RFC 3261 13.2.2.4: a 2xx is acknowledged before BYE, also when the caller never answered its late offer.
    if (this.#isAckPending) guard.run(() => this.#peerOf(this.caller)?.dialog?.ack())
    const headers = this.#byeHeaders.length > 0 ? this.#byeHeaders : termination?.byeHeaders
    // The owner of a detached far end releases it.
    const own = this.legs.all.filter((leg) => leg.owner === this)
    for (const leg of own) if (leg.up) guard.run(() => this.#parts.released(leg.bye({ headers })))
    // Many ended calls are kept for the API: parts that their record does not show are let go.
    this.#setup.release()
    for (const leg of own) leg.release()
    guard.run(() => this.#parts.ended(this))
  }
}
