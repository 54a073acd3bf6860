import type { TransferRequest } from './transfer-request.ts'
import { randomUUID } from 'node:crypto'
import { defined } from '../../base/defined.ts'
import { isoTime, type Timer, wallTime, momentOf } from '../../engine/index.ts'
import type { Plan } from '../../routes/index.ts'
import { Guard } from '../guard.ts'
import { CallerMedia } from '../legs/caller-media.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { AttemptView, TransferMethod, TransferView } from '../legs/views.ts'
import type { IncomingRequest, SipDialogEnd, SipRequest } from '../sip/stack.ts'
import type { Attempt, AttemptContext, AttemptRecord, OtherCall } from './attempt.ts'
import { diagnose } from './diagnosis.ts'
import type { KeptTransfer } from './kept-transfer.ts'
import { hasOpenAlternative } from './open-steps.ts'
import { abandoned, deadlinePassed, internalError, sipfragStatusOf, type TransferOutcome } from './outcome.ts'
import { PlanRun } from './plan-run.ts'
import type { AgentSubscription } from './refer-event.ts'

/** A transfer of the process before, which goes on. */
export interface RestartedTransfer {
  readonly transfer: KeptTransfer
  readonly subscriptions: readonly AgentSubscription[]
  /** Makes its present attempt; undefined between two. */
  attempt(context: AttemptContext): Attempt | undefined
}

/** The events of a transfer, for the call that it belongs to. No listener throws. */
export interface TransferEvents {
  progress(transfer: Transfer): void
  /** Proof has come after the outcome `was`, which had none. */
  amended(transfer: Transfer, was: TransferOutcome): void
  attemptEnded(record: AttemptRecord, outcome: TransferOutcome): void
  /** An exception that ends the transfer. */
  defect(error: unknown, transfer: Transfer): void
}

/** One transfer: from the request to exactly one outcome, of which the agent is notified. */
export class Transfer {
  readonly id: string
  readonly request: TransferRequest
  readonly plan: Plan
  readonly #guard = new Guard((error) => {
    this.#fail(error)
  })
  readonly #context: AttemptContext
  readonly #events: TransferEvents
  readonly #subscriptions: AgentSubscription[] = []
  readonly #startedAt: number
  #endedAt: number
  #outcome: TransferOutcome | undefined
  /** The outcome that proof of another one has replaced, and when the proof came. */
  #amended: { was: TransferOutcome; at: number } | undefined
  #hasFailed = false
  readonly #run: PlanRun
  /** Attended: the id of the call whose far end the caller is joined with. */
  readonly #joins: string | undefined
  /** The attempts of the process before. */
  readonly #past: readonly AttemptView[]
  readonly #from: { step: number; attempt: Attempt | undefined } | undefined

  constructor(
    request: TransferRequest,
    plan: Plan,
    context: Omit<AttemptContext, 'guard' | 'progress' | 'amended' | 'callerMedia' | 'hasOpenAlternative'>,
    events: TransferEvents,
    kept?: RestartedTransfer,
  ) {
    this.id = kept?.transfer.id ?? randomUUID()
    this.#past = kept?.transfer.past ?? []
    this.request = request
    this.plan = plan
    this.#events = events
    const { clock: ownClock } = context
    this.#startedAt = this.#endedAt = kept ? momentOf(kept.transfer.startedAt, ownClock) : ownClock.now()
    const guard = this.#guard
    const clock = guard.clock(context.clock)
    this.#context = {
      ...context,
      guard,
      clock,
      stack: guard.stack(context.stack),
      callerMedia: new CallerMedia({ ...context, clock }),
      progress: (status, reason) => {
        this.#progress(status, reason)
      },
      hasOpenAlternative: (step) => hasOpenAlternative(plan, step, context),
      amended: (record, outcome) => {
        this.#amend(record, outcome)
      },
    }
    this.#run = new PlanRun(plan, this.#context, request.replaces !== undefined, {
      attemptBegun: () => {
        events.progress(this)
      },
      attemptEnded: (record, outcome) => {
        events.attemptEnded(record, outcome)
      },
    })
    this.#from = kept && { step: kept.transfer.step, attempt: kept.attempt(this.#context) }
    this.#joins = context.other?.id ?? kept?.transfer.joins
    // An attended transfer has moved the caller, or was about to.
    if (kept && (kept.transfer.isCallerAway ?? request.replaces)) this.#context.callerMedia.assumeAway()
    if (kept) this.#subscriptions.push(...kept.subscriptions)
  }

  /** The running transfer as the next process needs it. */
  keep(): KeptTransfer {
    const { current, step, attempts } = this.#run
    const isRunning = current !== undefined && !current.record.isOver()
    const past = attempts.filter(({ record }) => record.isOver()).map(({ record }) => record.view())

    return {
      ...{ id: this.id, request: this.request, plan: this.plan, startedAt: wallTime(this.#startedAt), step },
      past: [...this.#past, ...past],
      ...(isRunning && { current: current.keep?.() ?? { view: current.record.view() } }),
      ...defined({ joins: this.#joins }),
      ...(this.#context.callerMedia.isAway && { isCallerAway: true }),
      subscriptions: this.#subscriptions.map((subscription) => subscription.keep()),
    }
  }

  get running(): boolean {
    return this.#outcome === undefined
  }

  /** Whether the caller hears a destination, so that no other party may change its session. */
  get hasCallerAway(): boolean {
    return this.running && this.#context.callerMedia.isAway
  }

  get outcome(): TransferOutcome | undefined {
    return this.#outcome
  }

  /** The method of the last attempt; before the first one, that of the plan's first step. */
  get method(): TransferMethod {
    return this.#current?.record.method ?? this.plan.steps[0]?.method ?? 'refer'
  }

  /** Seconds from request to outcome. */
  get seconds(): number {
    return (this.#endedAt - this.#startedAt) / 1000
  }

  /** The leg that the caller was bridged to. */
  get bridgedTo(): PartyLeg | undefined {
    return this.#outcome?.result === 'succeeded' ? this.#current?.destination : undefined
  }

  /** Attended: the call whose far end the caller is joined with. */
  get other(): OtherCall | undefined {
    return this.#context.other
  }

  /** Whether a request asks for this very transfer. */
  isFor({ handoff, replaces }: TransferRequest): boolean {
    return (
      handoff.toLowerCase() === this.request.handoff.toLowerCase() && replaces?.callId === this.request.replaces?.callId
    )
  }

  /** Adds the subscription of a REFER for this transfer: there may be several for one handoff. */
  join(subscription: AgentSubscription): void {
    this.#subscriptions.push(subscription)
    this.#guard.run(() => subscription.notify(100))
  }

  /** Answers a SUBSCRIBE of the agent; false when it names no REFER for this transfer. */
  renew(subscribe: IncomingRequest): boolean {
    return this.#subscriptions.some((subscription) => subscription.renew(subscribe))
  }

  /** Runs the plan. Resolves with the outcome by the deadline, whatever an attempt throws or awaits. */
  async run(): Promise<TransferOutcome> {
    const { clock } = this.#context
    let deadline: Timer | undefined
    try {
      const passedMs = clock.now() - this.#startedAt
      deadline = clock.after(Math.max(0, this.plan.deadline * 1000 - passedMs), () => {
        this.stop(deadlinePassed)
      })
      this.#outcome = await this.#run.run(this.#from)
    } catch (error) {
      this.#fail(error)
      this.#outcome = internalError
    }
    this.#guard.run(() => deadline?.cancel())
    this.#guard.run(() => (this.#endedAt = clock.now()))

    return this.#outcome
  }

  /** Tells the agent the outcome. Resolves when the NOTIFYs have been answered, or have timed out. */
  async tellAgent(): Promise<void> {
    const outcome = this.#outcome
    if (!outcome) return
    const status = sipfragStatusOf(outcome)
    await Promise.all(this.#subscriptions.map((subscription) => subscription.notify(status)))
  }

  /** Whether a REFER for this transfer came in this leg's dialog. */
  isRequestedBy(leg: PartyLeg): boolean {
    return this.#subscriptions.some((subscription) => subscription.isOf(leg))
  }

  get hasReferred(): boolean {
    return this.#run.refers.length > 0
  }

  /** Whether a NOTIFY names a REFER of this transfer (RFC 3515 2.4.6). */
  isNamedBy(request: SipRequest): boolean {
    return this.#run.refers.some((refer) => refer.isNamedBy(request))
  }

  /** A NOTIFY without an id belongs to the latest REFER: not every peer sends the id that RFC 3515 2.4.6 requires. */
  notify(request: IncomingRequest): void {
    const refers = this.#run.refers
    const refer = refers.find((each) => each.isNamedBy(request.request)) ?? refers.at(-1)
    this.#guard.run(
      () => (refer ? refer.notify(request) : request.respond(481)),
      () => request.respond(500),
    )
  }

  /** The caller's dialog has ended. The attempt decides its meaning: a carrier may say BYE because it has moved the caller. */
  callerGone(end: SipDialogEnd): void {
    this.#run.callerGone(end)
  }

  /** The agent's dialog has ended, and the transfer goes on. */
  agentGone(end: SipDialogEnd): void {
    this.#run.agentGone(end)
  }

  /** Accepts or declines the caller in the place of the person who has answered; false when neither is possible now. */
  decide(decision: 'accepted' | 'declined'): boolean {
    return this.#run.decide(decision)
  }

  /** Ends the transfer now, with this outcome. */
  stop(outcome: TransferOutcome): void {
    this.#run.stop(outcome)
  }

  view(): TransferView {
    const outcome = this.#outcome
    const { handoff, requestedBy, reason, replaces, contextId } = this.request
    const attempts = [...this.#past, ...this.#run.attempts.map((attempt) => attempt.record.view())]

    return {
      id: this.id,
      handoff: this.plan.handoff,
      requestedHandoff: handoff,
      requestedBy,
      ...defined({
        requestReason: reason,
        contextId,
        attended: replaces ? (true as const) : undefined,
        joins: this.#joins,
      }),
      state: outcome ? 'ended' : 'running',
      ...defined({ result: outcome?.result, reason: outcome?.reason, sipStatus: outcome?.code }),
      startedAt: isoTime(this.#startedAt),
      ...defined({
        endedAt: outcome && isoTime(this.#endedAt),
        amended: this.#amended && amendmentView(this.#amended),
        diagnosis: outcome && diagnose({ ...outcome, attempts }),
      }),
      attempts,
    }
  }

  get #current(): Attempt | undefined {
    return this.#run.current
  }

  /** Only the last attempt can be amended: no other begins after an outcome without proof. */
  #amend(record: AttemptRecord, outcome: TransferOutcome): void {
    const was = this.#outcome
    if (!was || this.#current?.record !== record) return
    const hasHungUp = this.#run.isAbandoned && outcome.result === 'failed'
    const proven = hasHungUp ? { ...abandoned, ...defined({ code: outcome.code }) } : outcome
    if (proven.result === was.result) return
    record.amend(outcome)
    this.#outcome = { ...proven, then: 'stop' }
    this.#amended = { was, at: this.#context.clock.now() }
    this.#events.amended(this, was)
  }

  #progress(status?: number, reason?: string): void {
    this.#events.progress(this)
    if (status === undefined) return
    for (const subscription of this.#subscriptions) this.#guard.run(() => subscription.notify(status, reason))
  }

  /** The last resort: an exception ends the present attempt and the transfer, and brings the caller back to its agent. */
  #fail(error: unknown): void {
    this.#events.defect(error, this)
    // A second exception, of the clean-up, changes nothing.
    if (this.#hasFailed || this.#outcome) return
    this.#hasFailed = true
    const isUnderWay = this.#current?.record.isOver() === false
    this.stop(internalError)
    if (isUnderWay) this.#guard.run(() => this.#context.callerMedia.bringBack(() => undefined))
  }
}

function amendmentView({ was, at }: { was: TransferOutcome; at: number }): NonNullable<TransferView['amended']> {
  return { at: isoTime(at), result: was.result, reason: was.reason }
}
