import { randomUUID } from 'node:crypto'
import { defined } from '../../base/defined.ts'
import { isoTime, type Replaces, type Timer } from '../../engine/index.ts'
import { withReferUri, type Plan, type Step } from '../../routes/index.ts'
import { Guard } from '../guard.ts'
import { RoomSearch } from '../limits/index.ts'
import { CallerMedia } from '../legs/caller-media.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { TransferMethod, TransferView } from '../legs/views.ts'
import type { IncomingRequest, SipDialogEnd, SipRequest } from '../sip/stack.ts'
import type { Attempt, AttemptContext, AttemptRecord, OtherCall } from './attempt.ts'
import { ByeAttempt } from './bye-attempt.ts'
import { diagnose } from './diagnosis.ts'
import { InviteAttempt } from './invite-attempt.ts'
import { JoinAttempt } from './join-attempt.ts'
import { abandoned, deadlinePassed, failed, internalError, sipfragStatusOf, type TransferOutcome } from './outcome.ts'
import { ReferAttempt } from './refer-attempt.ts'
import { PassedOverAttempt } from './passed-over-attempt.ts'
import { type AgentSubscription } from './refer-event.ts'
import type { ClosedTarget } from '../targets/index.ts'
import type { RememberedRefusal } from './trunk-memory.ts'

export interface TransferRequest {
  handoff: string
  requestedBy: TransferView['requestedBy']
  headers?: Record<string, string>
  variables?: Record<string, string>
  reason?: string
  /** JSON for the person who takes the caller over, at most 64 KB. */
  context?: unknown
  /** The id under which `context`, `variables` and `reason` are kept. */
  contextId?: string
  /** Attended: the dialog of the agent's other call, whose far end the caller is joined with. */
  replaces?: Replaces
}

/** Whether an agent gave anything along that the person who takes the caller over is to see. */
export function hasContext({ context, variables, reason }: TransferRequest): boolean {
  return context !== undefined || reason !== undefined || Object.keys(variables ?? {}).length > 0
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

/** One transfer: runs the attempts of its plan one after the other, and ends with exactly one outcome. */
export class Transfer {
  readonly id = randomUUID()
  readonly request: TransferRequest
  readonly plan: Plan
  readonly #guard = new Guard((error) => {
    this.#fail(error)
  })
  readonly #context: AttemptContext
  readonly #events: TransferEvents
  readonly #attempts: Attempt[] = []
  readonly #subscriptions: AgentSubscription[] = []
  readonly #startedAt: number
  #endedAt: number
  #stopped: TransferOutcome | undefined
  #outcome: TransferOutcome | undefined
  /** The outcome that proof of another one has replaced, and when the proof came. */
  #amended: { was: TransferOutcome; at: number } | undefined
  #hasFailed = false
  /** The room that the present step has taken in its handoff. */
  #room: RoomSearch<Step> | undefined
  /** The attempts that have sent nothing, since their handoff has no room: they wait for it, or have ended as overflow. */
  readonly #unsent = new Set<Attempt>()

  constructor(
    request: TransferRequest,
    plan: Plan,
    context: Omit<AttemptContext, 'guard' | 'progress' | 'amended' | 'callerMedia' | 'hasOpenAlternative'>,
    events: TransferEvents,
  ) {
    this.request = request
    this.plan = plan
    this.#events = events
    this.#startedAt = this.#endedAt = context.clock.now()
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
      hasOpenAlternative: (step) => this.#hasOpenAlternative(step),
      amended: (record, outcome) => {
        this.#amend(record, outcome)
      },
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
      deadline = clock.after(this.plan.deadline * 1000, () => {
        this.stop(deadlinePassed)
      })
      this.#outcome = await this.#runPlan()
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

  get hasReferred(): boolean {
    return this.#refers.length > 0
  }

  /** Whether a NOTIFY names a REFER of this transfer (RFC 3515 2.4.6). */
  isNamedBy(request: SipRequest): boolean {
    return this.#refers.some((refer) => refer.isNamedBy(request))
  }

  /** A NOTIFY without an id belongs to the latest REFER: not every peer sends the id that RFC 3515 2.4.6 requires. */
  notify(request: IncomingRequest): void {
    const refers = this.#refers
    const refer = refers.find((each) => each.isNamedBy(request.request)) ?? refers.at(-1)
    this.#guard.run(
      () => (refer ? refer.notify(request) : request.respond(481)),
      () => request.respond(500),
    )
  }

  /** The caller's dialog has ended. The attempt decides its meaning: a carrier may say BYE because it has moved the caller. */
  callerGone(end: SipDialogEnd): void {
    this.#stopped ??= abandoned
    const attempt = this.#current
    if (!attempt || !this.#unsent.has(attempt)) this.#guard.run(() => attempt?.callerGone(end))
    else if (!attempt.record.isOver()) {
      attempt.record.noteEnd(end, 'caller')
      this.#endWait(attempt, abandoned)
    }
  }

  /** Ends the transfer now, with this outcome. */
  stop(outcome: TransferOutcome): void {
    const stopped = (this.#stopped ??= { ...outcome, then: 'stop' })
    const attempt = this.#current
    if (attempt && this.#unsent.has(attempt)) this.#endWait(attempt, stopped)
    else this.#guard.run(() => attempt?.stop(stopped))
    // The record ends even if the attempt fails to end it.
    attempt?.record.end(stopped)
  }

  view(): TransferView {
    const outcome = this.#outcome
    const { handoff, requestedBy, reason, replaces, contextId } = this.request
    const { other } = this
    const attempts = this.#attempts.map((attempt) => attempt.record.view())

    return {
      id: this.id,
      handoff: this.plan.handoff,
      requestedHandoff: handoff,
      requestedBy,
      ...defined({
        requestReason: reason,
        contextId,
        attended: replaces ? (true as const) : undefined,
        joins: other?.id,
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

  get #refers(): ReferAttempt[] {
    return this.#attempts
      .filter((attempt) => attempt instanceof ReferAttempt)
      .filter((refer) => !this.#unsent.has(refer))
  }

  get #current(): Attempt | undefined {
    return this.#attempts.at(-1)
  }

  async #runPlan(): Promise<TransferOutcome> {
    let last: TransferOutcome = failed('internal_error')
    for (const step of this.plan.steps) {
      if (this.#stopped) return this.#stopped
      last = await this.#runStep(step)
      this.#keepRoom(last)
      if (last.then === 'stop') return last
    }

    return this.#stopped ?? last
  }

  async #runStep(planned: Step): Promise<TransferOutcome> {
    const { trunk, memory } = this.#context
    const step = this.#numbered(planned)
    if (step.method !== 'refer' || step.passedOver) return this.#try(step, step.method)

    const remembered = memory.refer.refusal(trunk.name)
    if ((!trunk.refer || remembered) && step.fallback === 'invite') {
      return this.#try(step, 'invite', trunk.refer ? remembered : undefined)
    }
    const outcome = trunk.refer ? await this.#refer(step) : failed('refer_not_supported')

    return outcome.then === 'bridge' && !this.#stopped ? this.#try(step, 'invite') : outcome
  }

  /** A step whose pool has no number left is passed over. */
  #numbered(step: Step): Step {
    const { pool } = step
    if (!pool || step.passedOver) return step
    const detail = `all ${pool.numbers.length} numbers of its pool are reserved by other transfers`

    return this.#context.numbered(step) ?? { ...step, passedOver: { reason: 'pool_exhausted', detail } }
  }

  /** A gateway that is down, or that the caller's side could not reach (503 or 504 in the sipfrag), gives way to the next one. */
  async #refer(step: Step): Promise<TransferOutcome> {
    const { targets } = this.#context
    const uris = referredUris(step)
    const isOpen = (uri: string): boolean => !targets?.closed(uri)
    const hasOpen = uris.some(isOpen) || this.#hasOpenAlternative(step)
    let outcome: TransferOutcome | undefined
    for (const [at, uri] of uris.entries()) {
      const named = at === 0 ? step : withReferUri(step, uri)
      const closed = targets?.closed(uri)
      if (closed && (closed.isTakenOut || hasOpen)) {
        const passed = this.#passOver(named, uri, closed)
        outcome ??= passed
        continue
      }
      outcome = await this.#try(named, 'refer')
      if (outcome.reason !== 'unreachable' || this.#stopped) break
    }

    return outcome ?? failed('target_down')
  }

  /** The host that the REFER would name is down: the caller does not wait for it. */
  #passOver(step: Step, uri: string, { why, reason }: ClosedTarget): TransferOutcome {
    const attempt = new ReferAttempt(this.#context, step)
    const outcome = failed('target_down')
    this.#attempts.push(attempt)
    this.#context.targets?.refused(uri, reason)
    attempt.record.note('baton', `passed over: ${why}`)
    attempt.record.end(outcome)
    this.#events.attemptEnded(attempt.record, outcome)

    return outcome
  }

  /** Whether a later step of the plan may be tried in the place of this one. */
  #hasOpenAlternative({ handoff }: Step): boolean {
    const at = this.plan.steps.findIndex((step) => step.handoff === handoff)

    return this.plan.steps.slice(at + 1).some((step) => this.#isOpen(step))
  }

  /** A REFER or BYE goes to the caller's side; of a REFER, the host that it names may be known to be down. */
  #isOpen(step: Step): boolean {
    const context = this.#context
    if (step.method === 'bye') return true
    const isReferred = step.method === 'refer' && context.trunk.refer
    const uris = isReferred ? referredUris(step) : context.destination(step).targets

    return uris.some((uri) => !context.targets?.closed(uri))
  }

  /** @param remembered the refusal of REFER for which the caller is bridged at once */
  async #try(step: Step, method: TransferMethod, remembered?: RememberedRefusal): Promise<TransferOutcome> {
    const attempt = this.#attempt(step, method)
    if (remembered) attempt.record.noteRememberedRefusal(remembered)
    this.#attempts.push(attempt)
    this.#events.progress(this)
    this.#guard.run(() => (step.limit ? this.#runWithRoom(step, attempt) : attempt.run()))
    const outcome = await attempt.record.ended
    this.#events.attemptEnded(attempt.record, outcome)

    return outcome
  }

  #attempt(step: Step, method: TransferMethod): Attempt {
    if (step.passedOver) return new PassedOverAttempt(this.#context, step, step.passedOver)

    return this.request.replaces ? new JoinAttempt(this.#context, step) : new attemptBy[method](this.#context, step)
  }

  /** Runs the attempt once the handoff has room: the caller stays with its agent until then. */
  #runWithRoom(step: Step, attempt: Attempt): unknown {
    const { limits, needsOf } = this.#context
    const { record } = attempt
    // The INVITE after a refused REFER has the room of the REFER.
    if (!limits || step.passedOver || this.#room) return attempt.run()
    const room = (this.#room = new RoomSearch(limits, this.#guard, needsOf))
    const full = room.take(step)
    if (!full) return attempt.run()
    record.note('baton', full.what)
    this.#unsent.add(attempt)
    room.waitForAny({
      queued: (seconds) => {
        record.noteQueued(seconds)
        this.#progress(182, 'Queued')
      },
      granted: () => {
        this.#unsent.delete(attempt)

        return attempt.run()
      },
      overflow: ({ what }) => {
        record.end({ ...failed('overflow'), detail: what })
      },
    })

    return undefined
  }

  /** An attempt that has sent nothing has nothing to take back. */
  #endWait({ record }: Attempt, outcome: TransferOutcome): void {
    this.#room?.release()
    record.end(outcome)
  }

  /** The room of a handoff lasts as long as the leg of its destination; after a REFER or a BYE, which leave none, it is free. */
  #keepRoom({ result }: TransferOutcome): void {
    const leg = result === 'succeeded' ? this.#current?.destination : undefined
    if (leg) this.#room?.keepBy(leg)
    this.#room?.release()
    this.#room = undefined
  }

  /** Only the last attempt can be amended: no other begins after an outcome without proof. */
  #amend(record: AttemptRecord, outcome: TransferOutcome): void {
    const was = this.#outcome
    if (!was || this.#current?.record !== record) return
    const hasHungUp = this.#stopped?.result === 'abandoned' && outcome.result === 'failed'
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

const attemptBy = { refer: ReferAttempt, invite: InviteAttempt, bye: ByeAttempt }

/** The URIs that a REFER of this step may name, in their order: those of a number's gateways, or its route. */
function referredUris({ referUri, target, otherReferUris = [] }: Step): readonly string[] {
  return [typeof referUri === 'string' ? referUri : target, ...otherReferUris]
}
