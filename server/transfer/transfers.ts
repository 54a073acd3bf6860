import type { Replaces } from '../../engine/index.ts'
import type { Guard } from '../guard.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { IncomingRequest, SipRequest } from '../sip/stack.ts'
import { isReferProblem, readRefer, refersCancel } from './agent-refer.ts'
import type { OtherCall } from './attempt.ts'
import { cancelled } from './outcome.ts'
import { AgentSubscription, isReferEvent, refuseEvent } from './refer-event.ts'
import { TransferRefused } from './transfer-plan.ts'
import type { Transfer } from './transfer.ts'
import type { TransferRequest } from './transfer-request.ts'

/** A transfer that runs: a new one begins with `run`. */
export interface AcceptedTransfer {
  transfer: Transfer
  /** Whether the same handoff was under way already. */
  joined: boolean
  run: () => void
}

/** The operations of a call that its transfers need. */
export interface TransferHost {
  readonly guard: Guard
  readonly caller: PartyLeg
  /** The leg whose REFER moves the caller. No REFER of the caller itself does: it would choose its own destination. */
  readonly referrer: PartyLeg | undefined
  /**
   * Plans a transfer.
   * @param other the call whose far end the caller is to be joined with
   * @throws TransferRefused when the caller is not with its agent, or may not be moved there
   */
  plan(request: TransferRequest, other: OtherCall | undefined): Transfer
  /** A transfer has been accepted, and has not begun. */
  accepted(transfer: Transfer): void
  /** Runs a transfer, and does with the call what its outcome means. */
  run(transfer: Transfer): Promise<void>
  /** The handoff, number or URI that a REFER asks for, by the table of the call. */
  handoffOf(request: TransferRequest, refer: SipRequest): string
  /** Begins the attended transfer of the agent's two calls; undefined when Replaces names no dialog that is up. */
  join(request: TransferRequest, replaces: Replaces): AcceptedTransfer | undefined
}

/** The transfers of one call, requested by the agent or the API: one runs at a time. */
export class Transfers {
  readonly all: Transfer[] = []
  readonly #host: TransferHost
  #refersAccepted = 0

  constructor(host: TransferHost) {
    this.#host = host
  }

  get running(): Transfer | undefined {
    const last = this.all.at(-1)

    return last?.running ? last : undefined
  }

  /**
   * Accepts a request; one for the same handoff joins the transfer that runs.
   * @param other the call whose far end the caller is to be joined with
   * @throws TransferRefused as `TransferHost.plan`, and when another transfer runs
   */
  accept(request: TransferRequest, other?: OtherCall): AcceptedTransfer {
    const { running } = this
    if (running?.isFor(request)) return { transfer: running, joined: true, run: () => undefined }
    if (running) throw TransferRefused.running(running.request.handoff)

    const host = this.#host
    const transfer = host.plan(request, other)
    this.all.push(transfer)
    host.accepted(transfer)
    const run = (): void => {
      host.guard.run(() => host.run(transfer))
    }

    return { transfer, joined: false, run }
  }

  /**
   * Stops the running transfer.
   * @throws TransferRefused when none runs
   */
  cancel(): Transfer {
    const { running } = this
    if (!running) throw TransferRefused.noneRuns()
    running.stop(cancelled)

    return running
  }

  /**
   * Accepts or declines the caller in the place of the person who has answered.
   * @throws TransferRefused when no person is being asked
   */
  decide(decision: 'accepted' | 'declined'): Transfer {
    const { running } = this
    if (!running) throw TransferRefused.noneRuns()
    if (!running.decide(decision)) throw TransferRefused.noneAsked()

    return running
  }

  /** Goes on with a transfer of the process before. @param refers how many REFERs of the agent there were */
  resume(transfer: Transfer, refers: number): void {
    this.#refersAccepted = refers
    this.all.push(transfer)
    this.#host.guard.run(() => this.#host.run(transfer))
  }

  /** A REFER in a dialog of the call. */
  refer(leg: PartyLeg, refer: IncomingRequest): void {
    const { request } = refer
    const read =
      leg === this.#host.referrer ? readRefer(request) : { status: 403, reason: 'Only The Agent May Transfer' }
    if (isReferProblem(read)) {
      refer.respond(read.status, { reason: read.reason })

      return
    }

    const subscription = AgentSubscription.of(leg, request, ++this.#refersAccepted)
    try {
      if (refersCancel(request)) {
        this.#cancelByRefer(refer, subscription)

        return
      }
      const { transfer, run } = this.#acceptRefer(read, request)
      try {
        acceptRefer(refer, subscription)
        transfer.join(subscription)
      } finally {
        run()
      }
    } catch (error) {
      if (!(error instanceof TransferRefused)) throw error
      refer.respond(error.sipStatus, { headers: [['Warning', `399 baton "${error.detail}"`]] })
    }
  }

  /** A NOTIFY in a dialog of the call: about a REFER that Baton has sent to the caller, or about no known subscription. */
  notify(leg: PartyLeg, request: IncomingRequest): void {
    // Proof without an id belongs to the last REFER, even while a later transfer calls a destination (RFC 3515 2.4.6).
    const transfer =
      this.all.findLast((each) => each.isNamedBy(request.request)) ?? this.all.findLast((each) => each.hasReferred)
    if (!isReferEvent(request)) refuseEvent(request)
    else if (leg !== this.#host.caller || !transfer) request.respond(481)
    else transfer.notify(request)
  }

  /** A SUBSCRIBE in a dialog of the call: the agent's may renew the subscription of its REFER (RFC 3515 2.4.4). */
  subscribe(leg: PartyLeg, request: IncomingRequest): void {
    if (!isReferEvent(request)) refuseEvent(request)
    else if (leg === this.#host.caller || !this.running?.renew(request)) request.respond(481)
  }

  /** The agent gets 200 for this REFER at once, and the outcome of the cancelled transfer for its first one. */
  #cancelByRefer(refer: IncomingRequest, subscription: AgentSubscription): void {
    const { running } = this
    if (!running) throw TransferRefused.noneRuns()
    acceptRefer(refer, subscription)
    this.#host.guard.run(() => subscription.notify(200))
    running.stop(cancelled)
  }

  /** An attended transfer whose Replaces names no dialog is accepted all the same: it fails, and the agent is notified. */
  #acceptRefer(request: TransferRequest, refer: SipRequest): AcceptedTransfer {
    const { replaces } = request
    if (!replaces) return this.accept({ ...request, handoff: this.#host.handoffOf(request, refer) })
    const joined = replaces.earlyOnly ? undefined : this.#host.join(request, replaces)

    return joined ?? this.accept(request)
  }
}

function acceptRefer(refer: IncomingRequest, { wanted }: AgentSubscription): void {
  refer.respond(202, wanted ? {} : { headers: [['Refer-Sub', 'false']] })
}
