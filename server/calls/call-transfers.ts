import { defined } from '../../base/defined.ts'
import { wallTime, type Replaces } from '../../engine/index.ts'
import type { Trunk } from '../../config/index.ts'
import { noSwitches, type Plan, type Step } from '../../routes/index.ts'
import type { Guard } from '../guard.ts'
import { needsOfStep } from '../limits/index.ts'
import { factsOf } from '../legs/caller.ts'
import { traitsOf } from '../legs/trunks.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { answered, byeReason, type Termination } from '../legs/termination.ts'
import type { EndedBy } from '../legs/views.ts'
import type { SipRequest } from '../sip/stack.ts'
import { requestedHandoff } from '../transfer/agent-refer.ts'
import type { Attempt, AttemptContext, OtherCall, StepResolver } from '../transfer/attempt.ts'
import { ReferAttempt } from '../transfer/refer-attempt.ts'
import { AgentSubscription } from '../transfer/refer-event.ts'
import { RestartedAttempt } from '../transfer/restarted-attempt.ts'
import type { KeptTransfer } from '../transfer/kept-transfer.ts'
import { callAudio } from '../transfer/played-media.ts'
import { destinationOf, destinationProblem, referProblem } from '../transfer/destination.ts'
import { cancelled, type TransferOutcome } from '../transfer/outcome.ts'
import { stepResolver, type ResolvedTransfer } from '../transfer/step-resolver.ts'
import { joinPlan, planTransfer, reroutedPlan, TransferRefused } from '../transfer/transfer-plan.ts'
import { Transfer, type RestartedTransfer } from '../transfer/transfer.ts'
import { type TransferRequest } from '../transfer/transfer-request.ts'
import { Transfers, type AcceptedTransfer, type TransferHost } from '../transfer/transfers.ts'
import { isRefused, type Admitted } from './admission.ts'
import type { ReservedNumbers } from './reserved-numbers.ts'
import type { CallLegs } from './call-legs.ts'
import type { CallInput } from './call-machine.ts'
import type { CallOverride, CallParts } from './call-parts.ts'
import type { CallSetup } from './call-setup.ts'
import type { RestoredCall } from './kept-call.ts'
import type { ObservedCall } from './observed-call.ts'

/** How long the agent's response to the last NOTIFY may delay the BYE that follows it. */
const lastNotifyTimeoutMs = 2000

const transferred = { headers: byeReason('transferred') }

/** What a transfer needs beside its plan. */
interface PlannedTransfer extends Pick<ResolvedTransfer, 'facts' | 'request' | 'context'> {
  admission: Admitted
  agent: PartyLeg
  other: OtherCall | undefined
}

/** What takes up the parties of the process before. */
export type RestoredParties = Pick<RestoredCall, 'restorer' | 'takeUpLeg'>

/** How transfers change their call. */
export interface TransferredCall {
  readonly guard: Guard
  /** Whether caller and agent are connected, and neither of them is detached. */
  isMovable(): boolean
  /** A leg for a destination takes no place in the call until it is bridged. */
  readonly legs: Pick<CallLegs, 'create' | 'adopt'>
  readonly setup: Pick<CallSetup, 'request' | 'destinationParts'>
  proceed(input: CallInput): void
  bridge(destination: PartyLeg): void
  finish(termination: Termination, by: EndedBy): void
}

/** Plans the transfers of one call, and does with the call what each outcome means. */
export class CallTransfers implements TransferHost {
  readonly transfers: Transfers
  readonly #record: ObservedCall
  readonly #call: TransferredCall
  readonly #parts: CallParts
  readonly #override: CallOverride | undefined
  /** The transfers of the call. */
  readonly #numbers: ReservedNumbers | undefined
  /** The end of the call, once the running transfer has its outcome. */
  #pendingEnd: { termination: Termination; by: EndedBy } | undefined

  constructor(record: ObservedCall, call: TransferredCall, parts: CallParts, override: CallOverride | undefined) {
    this.#record = record
    this.#call = call
    this.#parts = parts
    this.#override = override
    this.#numbers = record.numbers
    this.transfers = new Transfers(this)
  }

  get guard(): Guard {
    return this.#call.guard
  }

  get caller(): PartyLeg {
    return this.#record.caller
  }

  get referrer(): PartyLeg | undefined {
    const { consultation, caller, agent } = this.#record

    return consultation ? caller : agent
  }

  /** The running transfer comes to its outcome first; then the call ends in this way. */
  endAfterTransfer(termination: Termination, by: EndedBy): void {
    this.#pendingEnd ??= { termination, by }
  }

  handoffOf({ handoff }: TransferRequest, refer: SipRequest): string {
    const { admission } = this.#record

    return isRefused(admission)
      ? handoff
      : requestedHandoff(handoff, refer, admission.pinned, this.#parts.stack.addresses)
  }

  join(request: TransferRequest, replaces: Replaces): AcceptedTransfer | undefined {
    return this.#parts.join(this.#record.id, request, replaces)
  }

  /** An exception refuses the transfer; the caller stays with the agent. */
  plan(request: TransferRequest, other: OtherCall | undefined): Transfer {
    try {
      const { contexts } = this.#parts
      const contextId = request.replaces ? undefined : contexts?.idFor(request, this.#record)
      const { context, ...requested } = request
      const transfer = this.#newTransfer({ ...requested, ...defined({ contextId }) }, other, context)
      contexts?.keep(this.#record, transfer, context)

      return transfer
    } catch (error) {
      if (error instanceof TransferRefused) throw error
      this.#parts.observer.defect(error, this.#record)
      throw TransferRefused.internalError()
    }
  }

  accepted(transfer: Transfer): void {
    this.#call.proceed('transferBegun')
    this.#parts.observer.transferRequested(this.#record, transfer)
  }

  async run(transfer: Transfer): Promise<void> {
    const outcome = await transfer.run()
    this.#numbers?.release()
    this.#moveParties(transfer, outcome)
    this.#parts.observer.transferEnded(this.#record, transfer)
    try {
      if (this.#awaitsAgent(transfer, outcome)) await this.#notifyAgent(transfer)
      else this.guard.run(() => this.#notifyAgent(transfer))
    } finally {
      if (outcome.result === 'succeeded') transfer.other?.complete()
    }
    // A transfer that began while the agent was notified decides what becomes of the call.
    if (!this.transfers.running) await this.#releaseParties(transfer, outcome)
  }

  /**
   * Whether the agent's response to the last NOTIFY is awaited: a BYE before it would end the dialog of the NOTIFY. After a
   * failure, the agent's second call, where an attended transfer may have been requested, goes on.
   */
  #awaitsAgent(transfer: Transfer, { result }: TransferOutcome): boolean {
    const { agent } = this.#record

    return result === 'succeeded' || (agent?.up === true && transfer.isRequestedBy(agent))
  }

  #newTransfer(request: TransferRequest, other: OtherCall | undefined, context: unknown): Transfer {
    const record = this.#record
    const call = this.#call
    const { admission, agent, id } = record
    if (isRefused(admission) || !agent || !call.isMovable()) throw TransferRefused.notConnected(record.state)
    const { pinned, trunk } = admission
    const facts = factsOf(id, call.setup.request, admission.caller)
    const { stack, clock, random } = this.#parts
    const override = this.#override
    const now = override?.now ?? wallTime(clock.now())
    // A rehearsal proves its handoff whatever an operator has closed.
    const switches = override?.pinned ? noSwitches : this.#parts.switches(pinned)
    const planned = request.replaces
      ? joinPlan(request, other)
      : planTransfer(request, { pinned, facts, trunk, own: stack.addresses, random, switches }, now)
    const plan = override?.route === undefined ? planned : reroutedPlan(planned, override.route)

    return this.#transferOf(plan, { admission, agent, facts, request, context, other })
  }

  /** @param kept the transfer of the process before that this is */
  #transferOf(
    plan: Plan,
    { admission, agent, facts, request, context, other }: PlannedTransfer,
    kept?: RestartedTransfer,
  ): Transfer {
    const record = this.#record
    const call = this.#call
    const { caller, isSecure, isRehearsal } = record
    const { pinned, trunk } = admission
    const { observer, stack, clock, memory, trunks, targets, limits, media } = this.#parts
    const override = this.#override

    return new Transfer(
      request,
      plan,
      {
        call: record.id,
        ...{ stack, clock, media, memory, targets, caller, agent, trunk, isSecure, other },
        audio: callAudio(pinned.table, media),
        recording: record.recording,
        own: stack.addresses,
        limits: override ? override.limits : limits,
        needsOf: (step) => needsOfStep(step, pinned),
        numbered: (step) => this.#numbered(step, trunk),
        resolve: this.#resolverOf(plan, { admission, facts, request, context }),
        isFromTrunk: ({ source }) => isRehearsal || trunks.of(source.address) === trunk,
        destination: (step) => destinationOf(step, call.setup.destinationParts(admission)),
        newDestination: (uri) => call.legs.create('destination', uri),
        adopt: (leg) => {
          call.legs.adopt(leg, 'destination')
        },
        changed: () => {
          observer.changed(record)
        },
      },
      {
        progress: (transfer) => observer.transferProgress(record, transfer),
        amended: (transfer, was) => {
          this.#amended(transfer, was)
        },
        attemptEnded: (attempt, outcome) => observer.attemptEnded(record, attempt, outcome),
        defect: (error, transfer) => observer.defect(error, record, transfer),
      },
      kept,
    )
  }

  /** Goes on with the transfer that ran when the process before ended. */
  resume(kept: KeptTransfer, { restorer, takeUpLeg }: RestoredParties): void {
    const { admission, agent, id } = this.#record
    const referrer = this.referrer
    if (isRefused(admission) || !agent || !referrer) return
    const { request, plan, subscriptions } = kept
    const facts = factsOf(id, this.#call.setup.request, admission.caller)
    const transfer = this.#transferOf(
      plan,
      { admission, agent, facts, request, context: undefined, other: undefined },
      {
        transfer: kept,
        subscriptions: subscriptions.map((subscription) => new AgentSubscription(referrer, subscription)),
        attempt: (context) => this.#restartedAttempt(kept, context, { restorer, takeUpLeg }),
      },
    )
    this.transfers.resume(transfer, subscriptions.length)
  }

  #restartedAttempt(
    { plan, step: at, current, request }: KeptTransfer,
    context: AttemptContext,
    { restorer, takeUpLeg }: RestoredParties,
  ): Attempt | undefined {
    const step = plan.steps[at]
    if (!current || !step) return undefined
    if (current.refer) return new ReferAttempt(context, step, current)
    const { leg: keptLeg, invite } = current
    // An attended transfer leaves both calls as they were.
    const leg =
      keptLeg && !request.replaces ? this.#call.legs.create('destination', keptLeg.uri, keptLeg.callId) : undefined
    if (leg && keptLeg) {
      leg.takeUp(keptLeg)
      takeUpLeg(leg, keptLeg)
    }

    return new RestartedAttempt(context, step, current, {
      leg,
      invite: invite && ((events) => restorer.invite(invite, events)),
    })
  }

  /** A rehearsal proves the table: it asks no resolver. */
  #resolverOf(
    { steps }: Plan,
    {
      admission,
      facts,
      request,
      context,
    }: Pick<ResolvedTransfer, 'facts' | 'request' | 'context'> & { admission: Admitted },
  ): StepResolver | undefined {
    const { resolvers, clock, random, stack } = this.#parts
    if (!resolvers || this.#override || !steps.some(({ resolver }) => resolver)) return undefined
    const { pinned, trunk } = admission
    const { setup } = this.#call

    return stepResolver({
      ...{ asker: resolvers, pinned, facts, request, context },
      trunk: traitsOf(trunk, random),
      transferId: () => this.transfers.running?.id,
      now: () => clock.now(),
      destinationProblem: (step) =>
        step.method === 'refer' && trunk.refer
          ? referProblem(step, stack.addresses)
          : destinationProblem(step, setup.destinationParts(admission)),
    })
  }

  /** Reserves a number of the step's pool for the running transfer, and has the number lead to its context. */
  #numbered(step: Step, trunk: Trunk): Step | undefined {
    const { contexts } = this.#parts
    const { running } = this.transfers
    if (!this.#numbers || !running) return step

    return this.#numbers.reserve(step, trunk, (number) => contexts?.dialled(this.#record, running, number))
  }

  /** The outcome is there, and the agent has not been notified. */
  #moveParties({ bridgedTo }: Transfer, { result }: TransferOutcome): void {
    const { guard } = this.#call
    const { state, agent, caller } = this.#record
    // The call may have ended in the same moment: its destination has no peer.
    if (state === 'ended') guard.run(() => bridgedTo?.bye())
    else if (bridgedTo) this.#call.bridge(bridgedTo)
    else if (result === 'succeeded') guard.run(() => caller.bye(transferred))
    else if (!this.#pendingEnd && agent?.up && caller.up) this.#call.proceed('transferFailed')
  }

  /** The agent has been notified: it is released after a success, and the call ends unless two parties are left. */
  async #releaseParties({ bridgedTo }: Transfer, { result }: TransferOutcome): Promise<void> {
    const call = this.#call
    const { agent, caller } = this.#record
    if (this.#pendingEnd) {
      const { termination, by } = this.#pendingEnd
      call.finish(result === 'succeeded' ? answered('transferred') : termination, by)
    } else if (bridgedTo?.up === false) call.finish(answered('hangup'), 'destination')
    else if (bridgedTo) await this.#releaseAgent(agent)
    else if (result === 'succeeded') call.finish(answered('transferred'), 'baton')
    // A BYE that was refused or not answered has ended the dialog all the same (RFC 3261 15.1.1).
    else if (!caller.up) call.finish(answered('hangup'), 'baton')
    else if (!agent?.up) call.finish(answered('transfer_failed'), 'baton')
  }

  async #releaseAgent(agent: PartyLeg | undefined): Promise<void> {
    await agent?.bye(transferred)
    this.#parts.observer.changed(this.#record)
  }

  /** Late proof: if the caller is with the destination after all, the parties of this call are released. */
  #amended(transfer: Transfer, was: TransferOutcome): void {
    const { state } = this.#record
    this.#parts.observer.transferAmended(this.#record, transfer, was)
    // A caller that has been bridged since is with another destination.
    const isWithAgent = state === 'connected' || state === 'transferring'
    if (transfer.outcome?.result !== 'succeeded' || !isWithAgent) return
    const { running } = this.transfers
    if (running) {
      this.#pendingEnd = { termination: answered('transferred'), by: 'baton' }
      running.stop(cancelled)
    } else this.#call.finish(answered('transferred'), 'baton')
  }

  /** Resolves when the agent has responded to the NOTIFY of the outcome, or has taken too long. */
  async #notifyAgent(transfer: Transfer): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#parts.clock.after(lastNotifyTimeoutMs, resolve)
      this.#call.guard.run(async () => {
        await transfer.tellAgent()
        timer.cancel()
        resolve()
      })
    })
  }
}
