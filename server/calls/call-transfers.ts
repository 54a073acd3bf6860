import { wallTime, type Replaces } from '../../engine/index.ts'
import type { IncomingRequest, SipRequest } from '../sip/stack.ts'
import { isReferProblem, readRefer, refersCancel, requestedHandoff } from '../transfer/agent-refer.ts'
import { AgentSubscription, isReferEvent, refuseEvent } from '../transfer/refer-event.ts'
import { destinationOf } from '../transfer/destination.ts'
import type { OtherCall } from '../transfer/attempt.ts'
import { reroutedPlan, joinPlan, planTransfer } from '../transfer/transfer-plan.ts'
import { TransferRefused } from '../transfer/transfer-refused.ts'
import { Transfer, type TransferRequest } from '../transfer/transfer.ts'
import { cancelled, type TransferOutcome } from '../transfer/outcome.ts'
import { isRefused } from './admission.ts'
import { attendedPair } from './attended.ts'
import type { Call } from './call.ts'
import type { CallOverride, CallParts } from './call-parts.ts'
import { factsOf } from '../legs/caller.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { answered, byeReason, type Termination } from '../legs/termination.ts'
import type { EndedBy } from '../legs/views.ts'

/** How long the agent's 200 to the last NOTIFY may hold up the BYE that follows it. */
const tellAgentMs = 2000

const transferred = { headers: byeReason('transferred') }

/** A transfer under way: a new one begins with `run`. */
export interface AcceptedTransfer {
  transfer: Transfer
  joined: boolean
  run: () => void
}

/** The transfers of one call: asked for by the agent or the API, one at a time, and what the call does with each outcome. */
export class CallTransfers {
  readonly all: Transfer[] = []
  /** The end that waits for the running transfer to come to its outcome. */
  thenEnd: { termination: Termination; by: EndedBy } | undefined
  readonly #call: Call
  readonly #parts: CallParts
  readonly #override: CallOverride | undefined
  #refersTaken = 0

  constructor(call: Call, parts: CallParts, override: CallOverride | undefined) {
    this.#call = call
    this.#parts = parts
    this.#override = override
  }

  get running(): Transfer | undefined {
    const last = this.all.at(-1)

    return last?.running ? last : undefined
  }

  start(request: TransferRequest): { transfer: Transfer; joined: boolean } {
    const accepted = this.accept(request)
    accepted.run()

    return accepted
  }

  /**
   * Call the running transfer off.
   * @throws TransferRefused when none runs
   */
  cancel(): Transfer {
    const { running } = this
    if (!running) throw TransferRefused.noneRuns()
    running.stop(cancelled)

    return running
  }

  /** A REFER: only the agent moves callers; a caller that could would choose its own destination. */
  refer(leg: PartyLeg, refer: IncomingRequest): void {
    const { request } = refer
    const isAgent = leg === (this.#call.consultation ? this.#call.caller : this.#call.agent)
    const read = isAgent ? readRefer(request) : { status: 403, reason: 'Only The Agent May Transfer' }
    if (isReferProblem(read)) {
      refer.respond(read.status, { reason: read.reason })

      return
    }

    const subscription = new AgentSubscription(leg, request, ++this.#refersTaken)
    try {
      if (refersCancel(request)) {
        this.#callOff(refer, subscription)

        return
      }
      const { transfer, run } = read.replaces ? this.#attended(read, read.replaces) : this.#asked(read, request)
      try {
        take(refer, subscription)
        transfer.join(subscription)
      } finally {
        run()
      }
    } catch (error) {
      if (!(error instanceof TransferRefused)) throw error
      refer.respond(error.sipStatus, { headers: [['Warning', `399 baton "${error.detail}"`]] })
    }
  }

  /** The agent hears at once that it was done, and of its first REFER what became of that. */
  #callOff(refer: IncomingRequest, subscription: AgentSubscription): void {
    const { running } = this
    if (!running) throw TransferRefused.noneRuns()
    take(refer, subscription)
    this.#call.guard.run(() => subscription.notify(200))
    running.stop(cancelled)
  }

  /** A NOTIFY: of a REFER that we sent to the caller, or of nothing that we know. */
  notify(leg: PartyLeg, request: IncomingRequest): void {
    // Proof without an id belongs to the last REFER, even while a later transfer rings a destination (RFC 3515 2.4.6).
    const transfer =
      this.all.findLast((each) => each.isNamedBy(request.request)) ?? this.all.findLast((each) => each.hasReferred)
    if (!isReferEvent(request)) refuseEvent(request)
    else if (leg !== this.#call.caller || !transfer) request.respond(481)
    else transfer.notify(request)
  }

  /** A SUBSCRIBE: the agent's, for what its REFER began to tell it (RFC 3515 2.4.4). */
  subscribe(leg: PartyLeg, request: IncomingRequest): void {
    if (!isReferEvent(request)) refuseEvent(request)
    else if (leg === this.#call.caller || !this.running?.renew(request)) request.respond(481)
  }

  #asked(read: TransferRequest, refer: SipRequest): AcceptedTransfer {
    const { admission } = this.#call
    if (isRefused(admission)) return this.accept(read)

    return this.accept({
      ...read,
      handoff: requestedHandoff(read.handoff, refer, admission.pinned, this.#parts.stack.addresses),
    })
  }

  /** Replaces names another call of the agent, or nothing: then the transfer fails, as the agent is told. */
  #attended(request: TransferRequest, replaces: Replaces): AcceptedTransfer {
    const named = replaces.earlyOnly ? undefined : this.#parts.dialogNamed(replaces)
    if (!named) return this.accept(request)
    const { call, other } = attendedPair(this.#call, named)

    return call.join(request, other)
  }

  /**
   * @param other the call whose far end the caller is to be joined with
   * @throws TransferRefused when there is nobody to move, or another transfer runs
   */
  accept(request: TransferRequest, other?: OtherCall): AcceptedTransfer {
    const { running } = this
    if (running?.isFor(request)) return { transfer: running, joined: true, run: () => undefined }
    if (running) throw TransferRefused.running(running.request.handoff)

    const transfer = this.#newTransfer(request, other)
    this.all.push(transfer)
    this.#call.transferring()
    this.#parts.observer.transferRequested(this.#call, transfer)

    const run = (): void => {
      this.#call.guard.run(() => this.#run(transfer))
    }

    return { transfer, joined: false, run }
  }

  /** A defect in its making refuses the transfer; the caller stays with the agent. */
  #newTransfer(request: TransferRequest, other: OtherCall | undefined): Transfer {
    try {
      return this.#plan(request, other)
    } catch (error) {
      if (error instanceof TransferRefused) throw error
      this.#parts.observer.defect(error, this.#call)
      throw TransferRefused.internalError()
    }
  }

  #plan(request: TransferRequest, other: OtherCall | undefined): Transfer {
    const call = this.#call
    const { admission, agent, caller } = call
    if (isRefused(admission) || !agent || !call.farEnd) throw TransferRefused.notConnected(call.state)
    const { pinned, trunk } = admission
    const facts = factsOf(call.id, call.invite, admission.caller)
    const { observer, stack, clock, memory, trunks } = this.#parts
    const override = this.#override
    const planned = request.replaces
      ? joinPlan(request, other)
      : planTransfer(request, { pinned, facts, trunk, own: stack.addresses }, override?.now ?? wallTime(clock.now()))

    return new Transfer(
      request,
      override?.route === undefined ? planned : reroutedPlan(planned, override.route),
      {
        stack,
        clock,
        memory,
        caller,
        agent,
        trunk,
        own: stack.addresses,
        isSecure: call.isSecure,
        isFromTrunk: ({ source }) => call.isRehearsal || trunks.of(source.address) === trunk,
        destination: (step) => destinationOf(step, call.destinationParts(admission)),
        newDestination: (uri) => call.newDestination(uri),
        adopt: (leg) => {
          call.adopt(leg, 'destination')
        },
        other,
      },
      {
        progress: (transfer) => observer.transferProgress(call, transfer),
        amended: (transfer, was) => {
          this.#amended(transfer, was)
        },
        attemptEnded: (record, verdict) => observer.attemptEnded(call, record, verdict),
        defect: (error, transfer) => observer.defect(error, call, transfer),
      },
    )
  }

  async #run(transfer: Transfer): Promise<void> {
    const call = this.#call
    const { guard } = call
    const { result } = await transfer.run()
    const destination = transfer.bridgedTo
    // The call may have ended in the same moment: nobody is left to be put through.
    if (call.state === 'ended') guard.run(() => destination?.bye())
    else if (destination) call.bridge(destination)
    else if (result === 'succeeded') guard.run(() => call.caller.bye(transferred))
    else if (!this.thenEnd && call.agent?.up && call.caller.up) call.backToAgent()
    this.#parts.observer.transferEnded(call, transfer)
    try {
      await this.#told(transfer)
    } finally {
      if (result === 'succeeded') transfer.other?.complete()
    }
    // Another one has begun while the agent was told: what becomes of the call is its affair.
    if (this.running) return

    if (this.thenEnd) {
      const { termination, by } = this.thenEnd
      call.finish(result === 'succeeded' ? answered('transferred') : termination, by)
    } else if (destination?.up === false) call.finish(answered('hangup'), 'destination')
    else if (destination) await call.agent?.bye(transferred)
    else if (result === 'succeeded') call.finish(answered('transferred'), 'baton')
    // A BYE that was refused, or that nobody answered, has ended the dialog all the same (RFC 3261 15.1.1).
    else if (!call.caller.up) call.finish(answered('hangup'), 'baton')
    else if (!call.agent?.up) call.finish(answered('transfer_failed'), 'baton')
  }

  /** The caller's side has proved, late, that the caller is with the destination: who is still on the call is released. */
  #amended(transfer: Transfer, was: TransferOutcome): void {
    const call = this.#call
    this.#parts.observer.transferAmended(call, transfer, was)
    // A caller that has been bridged since is with that destination.
    if (transfer.outcome?.result !== 'succeeded' || (call.state !== 'connected' && call.state !== 'transferring'))
      return
    const { running } = this
    if (running) {
      this.thenEnd = { termination: answered('transferred'), by: 'baton' }
      running.stop(cancelled)
    } else call.finish(answered('transferred'), 'baton')
  }

  // The agent hears how it ended before it hears BYE, unless it takes too long to listen.
  async #told(transfer: Transfer): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#parts.clock.after(tellAgentMs, resolve)
      this.#call.guard.run(async () => {
        await transfer.tellAgent()
        timer.cancel()
        resolve()
      })
    })
  }
}

function take(refer: IncomingRequest, { wanted }: AgentSubscription): void {
  refer.respond(202, wanted ? {} : { headers: [['Refer-Sub', 'false']] })
}
